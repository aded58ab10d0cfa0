import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ControlResponse } from '@causeway/api-contract'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { run } from './run.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'causeway-cli-'))
})

afterEach(() => rm(directory, { recursive: true, force: true }))

/** Runs a command line on the test's directory. */
async function causeway(...args: string[]) {
  const output: string[] = []
  const errors: string[] = []
  const streams = { output: (line: string) => output.push(line), error: (line: string) => errors.push(line) }
  const exitCode = await run([...args, '--data', directory], streams)
  return { exitCode, output: output.join('\n'), errors }
}

type Answer =
  | { readonly result: unknown }
  | { readonly error: { readonly code: string; readonly message: string } }

/** A gateway that gives the same answer to every request, and tells what it was asked. */
async function runningGateway(answer: Answer | 'silence'): Promise<string[]> {
  const requests: string[] = []
  const server: Server = createServer(socket => {
    socket.on('data', bytes => {
      requests.push(bytes.toString('utf8'))
      if (answer === 'silence') socket.destroy()
      else socket.write(`${JSON.stringify({ id: 1, ...answer } as ControlResponse)}\n`)
    })
  })
  await new Promise<void>(resolve => server.listen(join(directory, 'control.sock'), resolve))
  onTestFinished(() => new Promise(resolve => server.close(() => resolve())))
  return requests
}

describe('a command to a running gateway', () => {
  it('prints JSON when asked, and a table otherwise', async () => {
    await runningGateway({
      result: { clients: [{ name: 'ann', thumbprint: 'AB', issuedAt: 0, expiresAt: 4e9 }] },
    })
    expect(JSON.parse((await causeway('client', 'list', '--json')).output)).toHaveProperty('clients')
    expect((await causeway('client', 'list')).output).toMatch(/^NAME .*STATE\nann .*1970-01-01 .*valid$/)
  })

  it('sends the document of apply', async () => {
    const file = join(directory, 'settings.json')
    await writeFile(file, '{"nat":false}')
    const result = { document: 'settings', version: 2, changed: true, live: true }
    const requests = await runningGateway({ result })
    const { exitCode, output } = await causeway('apply', file)
    expect(JSON.parse(requests[0] as string)).toMatchObject({
      method: 'apply',
      params: { document: { nat: false } },
    })
    expect({ exitCode, output }).toEqual({
      exitCode: 0,
      output: 'the settings document is stored (version 2); the gateway runs with it',
    })
  })

  it.each([
    ['InvalidParameter', 2],
    ['Conflict', 1],
    ['ResourceNotFound', 1],
  ])('ends %s with exit code %d and one line', async (code, exitCode) => {
    await runningGateway({ error: { code, message: 'no;\n  do that' } })
    expect(await causeway('disconnect', 'x')).toEqual({
      exitCode,
      output: '',
      errors: ['causeway: no; do that'],
    })
  })

  it('does not wait for a gateway that breaks off', async () => {
    await runningGateway('silence')
    expect((await causeway('status')).errors[0]).toMatch(/^causeway: the gateway closed the connection/)
  })

  it('gives errors as JSON too', async () => {
    await runningGateway({ error: { code: 'Conflict', message: 'taken' } })
    const { output } = await causeway('client', 'add', 'ann', '--json')
    expect(JSON.parse(output)).toEqual({ error: { code: 'Conflict', message: 'taken' } })
  })
})

describe('causeway certificate', () => {
  const view = {
    source: 'given',
    subject: 'CN=vpn.example.org',
    issuer: 'CN=Public',
    names: ['vpn.example.org'],
    thumbprint: 'AB',
    expiresAt: 0,
    uncoveredHosts: ['10.9.0.5'],
  }

  it('sends the files, and says what becomes of sessions and of profiles', async () => {
    const requests = await runningGateway({ result: { ...view, changed: true, live: true } })
    const [chain, key] = [join(directory, 'chain.pem'), join(directory, 'key.pem')]
    await writeFile(chain, 'CHAIN')
    await writeFile(key, 'KEY')
    const { exitCode, output } = await causeway('certificate', 'set', '--chain', chain, '--key', key)
    expect(exitCode).toBe(0)
    expect(JSON.parse(requests[0] as string)).toMatchObject({
      method: 'certificate.set',
      params: { chain: 'CHAIN', key: 'KEY' },
    })
    expect(output.split('\n')).toEqual([
      'CN=vpn.example.org (set by the operator)',
      '  issuer      CN=Public',
      '  names       vpn.example.org',
      '  thumbprint  AB',
      '  until       1970-01-01',
      '  not for     10.9.0.5',
      'the gateway shows it from now on; sessions stay',
      'profiles that were written before check the former one: give clients new ones',
    ])
  })

  it('shows it, and takes back what is the own one already', async () => {
    await runningGateway({ result: { ...view, uncoveredHosts: [], changed: false, live: true } })
    expect((await causeway('certificate', 'show')).output).toMatch(/until {7}1970-01-01$/)
    expect((await causeway('certificate', 'reset')).output).toMatch(/\nnothing has changed$/)
  })
})

describe('causeway status', () => {
  const gateway = {
    name: 'gw',
    version: '1',
    processId: 1,
    startedAt: 0,
    listeners: ['tcp 0.0.0.0:443'],
    addressPools: ['10.8.0.0/24'],
    insidePrefixes: [],
    sessions: 5,
    certificateExpiresAt: 0,
  }

  it.each([
    [{}, '5'],
    [{ sstpSessions: 2 }, '5'],
    [
      { sstpSessions: 2, sessionLimit: 250, sstpSessionLimit: 128 },
      'IKEv2 and OpenVPN 3 of 250, SSTP 2 of 128',
    ],
    [{ sessionLimit: 250 }, 'IKEv2 and OpenVPN 5 of 250, SSTP 0'],
  ])('with %j counts %s', async (counts, text) => {
    await runningGateway({ result: { ...gateway, ...counts } })
    expect((await causeway('status')).output).toContain(`\n  sessions     ${text}\n`)
  })

  it('says by what clients of each tunnel type sign in, where the gateway tells', async () => {
    const authentication = [
      { tunnel: 'IkeV2', types: ['Radius'] },
      { tunnel: 'OpenVPN', types: ['AAD', 'Radius'] },
    ]
    await runningGateway({ result: { ...gateway, authentication } })
    expect((await causeway('status')).output).toContain(
      '\n  sign-in      IkeV2 by Radius, OpenVPN by AAD or Radius\n',
    )
  })
})

describe('causeway client add', () => {
  const added = { name: 'ann', directory: '/profiles/ann', files: ['ca.pem'] }

  it.each([
    [{ thumbprint: 'AB', expiresAt: 0 }, 'client ann (thumbprint AB, until 1970-01-01)'],
    [{}, 'client ann (without a certificate: users sign in by name and password, or by token)'],
  ])('with %j says %s', async (certificate, text) => {
    await runningGateway({ result: { ...added, ...certificate } })
    expect((await causeway('client', 'add', 'ann')).output).toBe(`${text}\n  /profiles/ann/ca.pem`)
  })
})

describe('without a gateway', () => {
  it.each([['status'], ['sessions'], ['disconnect', 'x']])('%s says so', async (...args) => {
    const { exitCode, errors } = await causeway(...args)
    expect(exitCode).toBe(1)
    expect(errors).toEqual([
      `causeway: no gateway runs on ${directory}; start it with causeway up, or give --data DIR`,
    ])
  })

  it('a data directory that does not exist is not made', async () => {
    const missing = join(directory, 'typo')
    const errors: string[] = []
    const streams = { output: () => undefined, error: (line: string) => errors.push(line) }
    expect(await run(['client', 'list', '--data', missing], streams)).toBe(1)
    expect(errors).toEqual([
      `causeway: there is no data directory ${missing}; start one with causeway up, or give --data DIR`,
    ])
  })
})

describe('wrong usage ends with exit code 2 and one line', () => {
  it.each([
    [['client', 'add', '../x'], /'\.\.\/x' cannot be a client's name/],
    [['client', 'add', 'x', '--key', 'dsa'], /--key: 'dsa' is not a key type; use rsa-2048, /],
    [['certificate', 'set', '--key', 'k.pem'], /certificate set needs --chain FILE/],
    [['certificate', 'set', '--chain', '/nonexistent.pem', '--key', 'k'], /cannot read \/nonexistent\.pem/],
    [['client', 'add', 'x', '--days', '-1'], /argument is ambiguous|--days/],
    [['client', 'add', 'x', '--days', '0'], /--days: '0' is not a number of days/],
    [['apply', '/nonexistent.json'], /cannot read \/nonexistent\.json: there is no such file/],
    [['up', '--api-port', '0'], /--api-port: '0' is not a port/],
    [['up', '--config', '/nonexistent.json'], /cannot read/],
  ])('%j', async (args, message) => {
    const { exitCode, errors } = await causeway(...args)
    expect(exitCode).toBe(2)
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatch(message)
  })

  it('names the property of a bad settings file', async () => {
    const file = join(directory, 's.json')
    await writeFile(file, '{"openvpn":{"cipher":"x"}}')
    const { exitCode, errors } = await causeway('up', '--settings', file)
    expect(exitCode).toBe(2)
    expect(errors).toEqual([
      `causeway: ${file}: openvpn.cipher: is not a known option; remove it or correct its spelling`,
    ])
  })
})
