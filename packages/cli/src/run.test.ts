import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DeployedResource } from '@causeway/api-contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from './run.ts'
import { type Answer, gatewayOn, type Ran, runOn } from './running-gateway.suite.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'causeway-cli-'))
})

afterEach(() => rm(directory, { recursive: true, force: true }))

/** Runs a command line on the test's directory. */
function causeway(...args: string[]): Promise<Ran> {
  return runOn(directory, args)
}

/** A gateway that gives the same answer to every request, after this progress, and tells what it was asked. */
function runningGateway(answer: Answer | 'silence', ...progress: DeployedResource[]): Promise<string[]> {
  return gatewayOn(directory, answer, ...progress)
}

describe('a command to a running gateway', () => {
  it('tells who changed what', async () => {
    const change = { at: 0, who: 'ann', action: 'a/write', target: '/x' }
    const entries = [
      { ...change, before: { a: 1, b: 1 }, after: { a: 2, b: 1 } },
      { ...change, after: {} },
      { ...change, before: {} },
    ]
    const asked = await runningGateway({ result: { entries } })
    const { output } = await causeway('history', '--scope', '/x', '--limit', '3')
    expect(output.split('\n').map(text => text.split(/ {2,}/).at(-1))).toEqual([
      'CHANGED',
      'a',
      'made',
      'removed',
    ])
    expect(output).toContain('1970-01-01T00:00:00Z  ann  a/write  /x')
    expect(JSON.parse(asked[0] ?? '').params).toEqual({ target: '/x', limit: 3 })
    expect((await causeway('history', '--limit', '0')).errors[0]).toContain('give 1 to 1000')
  })

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
    ['InvalidTemplate', 2],
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

describe('causeway apply of a template', () => {
  const group = '/subscriptions/s/resourceGroups/rg/providers'
  const address = { id: `${group}/Microsoft.Network/publicIPAddresses/ip1`, type: 'x' }
  const done = { deployment: 'd-1', group: 'rg', resources: [{ ...address, state: 'Succeeded' }] }

  async function template(name: string, text: string): Promise<string> {
    const path = join(directory, name)
    await writeFile(path, text)
    return path
  }

  it('sends template and parameters, tells of progress, and prints outputs', async () => {
    const outputs = { where: { type: 'string', value: '203.0.113.1' }, ports: { type: 'array', value: [1] } }
    const result = { ...done, state: 'Succeeded', outputs }
    const requests = await runningGateway(
      { result },
      { ...address, state: 'Running' },
      { ...address, state: 'Succeeded' },
    )
    const file = await template('t.yaml', 'contentVersion: 1.0.0.0\nresources: []')
    const values = await template('p.yml', 'place: local')
    const { exitCode, output, errors } = await causeway(
      'apply',
      file,
      '--parameters',
      values,
      '--group',
      'rg',
    )
    expect(JSON.parse(requests[0] as string)).toMatchObject({
      method: 'template.apply',
      params: {
        document: { contentVersion: '1.0.0.0', resources: [] },
        parameters: { place: { value: 'local' } },
        group: 'rg',
      },
    })
    expect(errors).toEqual([
      'Microsoft.Network/publicIPAddresses/ip1: Running',
      'Microsoft.Network/publicIPAddresses/ip1: Succeeded',
    ])
    const lines = ['deployment d-1 in rg: Succeeded, 1 resource', '  where  203.0.113.1', '  ports  [1]']
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: lines.join('\n') })
  })

  it('fails with what failed, a line each', async () => {
    const error = { code: 'Conflict', message: 'is taken;\n use another\u001b[2J' }
    const resources = [...done.resources, { ...address, state: 'Failed', error }]
    await runningGateway({ result: { ...done, resources, state: 'Failed', outputs: {} } })
    const file = await template('ip.yaml', 'type: Microsoft.Network/publicIPAddresses\nname: ip1')
    const { exitCode, output, errors } = await causeway('apply', file, '--json')
    expect(exitCode).toBe(1)
    expect(JSON.parse(output)).toMatchObject({ state: 'Failed' })
    expect(errors).toEqual([
      'causeway: Microsoft.Network/publicIPAddresses/ip1: Failed: is taken; use another?[2J',
    ])
  })

  it('fails with the reason of the whole where no resource has one', async () => {
    const error = { code: 'DeploymentFailed', message: 'there is no such output' }
    await runningGateway({ result: { ...done, state: 'Failed', outputs: {}, error } })
    const file = await template('t.json', '{"contentVersion":"1.0.0.0","resources":[]}')
    expect((await causeway('apply', file)).errors).toEqual(['causeway: there is no such output'])
  })

  it('names groups by their type too', async () => {
    const id = '/subscriptions/s/resourceGroups/rg'
    const progress = { id, type: 'Microsoft.Resources/resourceGroups', state: 'Succeeded' }
    await runningGateway(
      { result: { deployment: 'd', state: 'Succeeded', resources: [], outputs: {} } },
      progress,
    )
    const file = await template('rg.yaml', 'type: Microsoft.Resources/resourceGroups\nname: rg')
    const { output, errors } = await causeway('apply', file)
    expect(errors).toEqual(['Microsoft.Resources/resourceGroups/rg: Succeeded'])
    expect(output).toBe('deployment d in the subscription: Succeeded, 0 resources')
  })

  it('needs a gateway that runs', async () => {
    const file = await template('t.json', '{"contentVersion":"1.0.0.0","resources":[]}')
    expect((await causeway('apply', file)).errors[0]).toMatch(/^causeway: no gateway runs on /)
  })

  it.each([
    [
      'nat: false',
      ['--group', 'rg'],
      /is no template and no resource: it takes no --parameters and no --group/,
    ],
    ['contentVersion: 1\nresources: []', ['--parameters', '/nonexistent.json'], /cannot read \/nonexistent/],
    ['type: Microsoft.Network/publicIPAddresses', [], /has no name; say what the resource is called/],
    ['a: *b', [], /is not YAML that is taken here: .*alias/],
  ])('refuses %j with %j', async (text, options, problem) => {
    const { exitCode, errors } = await causeway('apply', await template('f.yaml', text), ...options)
    expect(exitCode).toBe(2)
    expect(errors).toEqual([expect.stringMatching(problem)])
  })
})

describe('causeway principal', () => {
  const ids = { name: 'ci', tenantId: 'T', clientId: 'C', objectId: 'O' }
  const secret = { ...ids, keyId: 'K', secret: 'S3CRET', endsAt: 0 }

  it('add sends the role as it was said, and shows the secret once', async () => {
    const requests = await runningGateway({
      result: { ...secret, role: 'Network Contributor', scope: '/subscriptions/s' },
    })
    const { exitCode, output } = await causeway('principal', 'add', 'ci', '--role', 'network contributor')
    expect(JSON.parse(requests[0] as string)).toMatchObject({
      method: 'principal.add',
      params: { name: 'ci', role: 'network contributor' },
    })
    expect(exitCode).toBe(0)
    expect(output.split('\n')).toEqual([
      'service principal ci',
      '  tenant     T',
      '  client id  C',
      '  object id  O',
      '  role       Network Contributor at /subscriptions/s',
      '  secret     S3CRET',
      '  until      1970-01-01',
      'the secret is shown this once and is kept nowhere: store it now',
    ])
  })

  it('add with the role none gives no rights, and says so', async () => {
    const requests = await runningGateway({ result: secret })
    const { output } = await causeway('principal', 'add', 'ci', '--role', 'none', '--days', '30')
    expect(JSON.parse(requests[0] as string)).toMatchObject({ params: { name: 'ci', validDays: 30 } })
    expect(JSON.parse(requests[0] as string)).not.toHaveProperty('params.role')
    expect(output).toContain('\n  role       none: it may do nothing yet\n')
  })

  it('list shows who may do what, and what is about to end', async () => {
    const view = { name: 'ci', clientId: 'C', objectId: 'O', isEnabled: false, certificates: 1 }
    const principals = [
      { ...view, roles: [{ role: 'Owner', scope: '/' }], secrets: [{ keyId: 'K', endsAt: 0 }] },
      { ...view, name: 'idle', certificates: 0, isEnabled: true, roles: [], secrets: [] },
    ]
    await runningGateway({ result: { principals } })
    const { output } = await causeway('principal', 'list')
    expect(output.split('\n')).toEqual([
      expect.stringMatching(/^NAME +CLIENT ID +OBJECT ID +STATE +SIGNS IN WITH +ROLES$/),
      expect.stringMatching(/^ci .* disabled +secret expired 1970-01-01, 1 certificate +Owner at \/$/),
      expect.stringMatching(/^idle .* enabled +nothing +none$/),
    ])
    expect(JSON.parse((await causeway('principal', 'list', '--json')).output)).toEqual({ principals })
  })

  it('list of nobody says so', async () => {
    await runningGateway({ result: { principals: [] } })
    expect((await causeway('principal', 'list')).output).toBe('no service principals')
  })

  it('secret shows one more, and remove says what that means', async () => {
    await runningGateway({ result: secret })
    const { output } = await causeway('principal', 'secret', 'ci')
    expect(output).toMatch(/\n {2}secret {5}S3CRET\n.*\nits other secrets stay$/s)
    expect((await causeway('principal', 'remove', 'ci')).output).toMatch(/^service principal ci is removed/)
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
  it.each([['status'], ['sessions'], ['disconnect', 'x'], ['principal', 'list']])(
    '%s says so',
    async (...args) => {
      const { exitCode, errors } = await causeway(...args)
      expect(exitCode).toBe(1)
      expect(errors).toEqual([
        `causeway: no gateway runs on ${directory}; start it with causeway up, or give --data DIR`,
      ])
    },
  )

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
    [['certificate', 'set', '--chain', 'a', '--chain', 'b', '--key', 'k'], /takes one --chain FILE/],
    [['certificate', 'set', '--chain', '/nonexistent.pem', '--key', 'k'], /cannot read \/nonexistent\.pem/],
    [['client', 'add', 'x', '--days', '-1'], /argument is ambiguous|--days/],
    [['client', 'add', 'x', '--days', '0'], /--days: '0' is not a number of days/],
    [['apply', '/nonexistent.json'], /cannot read \/nonexistent\.json: there is no such file/],
    [['up', '--api-port', '0'], /--api-port: '0' is not a port/],
    [['up', '--config', '/nonexistent.json'], /cannot read/],
    [['principal', 'add', 'ci'], /principal add needs --role ROLE: .*, or none/],
    [['principal', 'add', 'ci', '--role', 'none', '--scope', '/'], /--scope is where a role holds/],
    [['principal', 'add', 'ci', '--role', 'Reader', '--scope', 'rg'], /--scope: 'rg' is no scope; give \//],
    [['principal', 'add', 'c i', '--role', 'Reader'], /'c i' cannot be a principal's name/],
    [['principal', 'secret', 'ci', '--days', '731'], /--days: '731' is not a number of days; give 1 to 730/],
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
