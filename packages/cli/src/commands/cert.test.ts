import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InboundCheck, StoredCertificateView, VaultCertificateDetail } from '@causeway/api-contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gatewayOn, runOn } from '../running-gateway.suite.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'causeway-cert-'))
})

afterEach(() => rm(directory, { recursive: true, force: true }))

async function written(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(directory, name)
  await writeFile(path, content)
  return path
}

const paramsOf = ([request = '']: readonly string[]) => JSON.parse(request).params
const noTerminal = async () => undefined
const PFX = Uint8Array.of(0x30, 1, 2)

const view = {
  ...{ vault: 'contoso', name: 'out', version: 'ab12', isCurrent: true, subject: 'CN=azure-s2s' },
  id: 'https://contoso.vault.example/certificates/out/ab12',
  ...{ thumbprint: 'AB', expiresAt: 4e9, isEnabled: true, usedBy: [] },
}
const stored: StoredCertificateView = {
  ...view,
  hasMadeVault: true,
  outbound: { accepted: true, notes: ['the root is not sent'] },
}

describe('causeway cert import', () => {
  it('sends a .pfx in base64, with the password that was typed', async () => {
    const requests = await gatewayOn(directory, { result: stored })
    const questions: string[] = []
    const ask = async (question: string) => {
      questions.push(question)
      return 'typed'
    }
    const file = await written('a.pfx', PFX)
    const { exitCode, output } = await runOn(directory, ['cert', 'import', 'contoso', 'out', file], ask)
    expect(paramsOf(requests)).toEqual({ vault: 'contoso', name: 'out', content: 'MAEC', password: 'typed' })
    expect(questions).toEqual([`password of ${file}: `])
    expect(exitCode).toBe(0)
    expect(output.split('\n')).toEqual([
      'the vault contoso was made',
      'certificate out in the vault contoso, version ab12',
      '  identifier  https://contoso.vault.example/certificates/out/ab12',
      '  subject     CN=azure-s2s',
      '  thumbprint  AB',
      '  until       2096-10-02',
      '  outbound    accepted',
      '              note: the root is not sent',
      'a connection names it as https://contoso.vault.example/certificates/out, and follows new versions',
    ])
  })

  it('takes the password from a file, without its line end, and asks nobody then', async () => {
    const requests = await gatewayOn(directory, { result: stored })
    const ask = () => Promise.reject(new Error('asked'))
    const password = await written('p', 'open sesame\r\nmore')
    const args = ['cert', 'import', 'contoso', 'out', await written('a.pfx', PFX), '--create-vault']
    expect((await runOn(directory, [...args, '--password-file', password], ask)).exitCode).toBe(0)
    expect(paramsOf(requests)).toMatchObject({ password: 'open sesame', createVault: true })
  })

  it.each([
    ['plain', '-----BEGIN PRIVATE KEY-----\n', []],
    ['encrypted', '-----BEGIN ENCRYPTED PRIVATE KEY-----\n', ['asked']],
  ])('asks for the password of a PEM file that is %s: %j', async (_kind, content, expected) => {
    const requests = await gatewayOn(directory, { result: stored })
    const asked: string[] = []
    const ask = async () => {
      asked.push('asked')
      return ''
    }
    await runOn(directory, ['cert', 'import', 'contoso', 'out', await written('a.pem', content)], ask)
    expect(asked).toEqual(expected)
    expect(paramsOf(requests)).toEqual({ vault: 'contoso', name: 'out', content })
  })

  it('tells on standard error what no connection takes, and has done it all the same', async () => {
    const outbound = {
      accepted: false,
      code: 'missing-client-auth',
      message: 'it is not for clients',
    } as const
    await gatewayOn(directory, { result: { ...stored, outbound } })
    const args = ['cert', 'import', 'contoso', 'out', await written('a.pfx', PFX)]
    const { exitCode, output, errors } = await runOn(directory, args, noTerminal)
    expect([exitCode, errors]).toEqual([
      0,
      [
        'causeway: it is stored, and no connection takes it as its outbound certificate: it is not for clients',
      ],
    ])
    expect(output).toContain('  outbound    refused (missing-client-auth): it is not for clients')
  })

  it('names the file with what is wrong in it', async () => {
    await gatewayOn(directory, { error: { code: 'InvalidParameter', message: 'the password is wrong' } })
    const file = await written('a.pfx', PFX)
    const { exitCode, errors } = await runOn(
      directory,
      ['cert', 'import', 'contoso', 'out', file],
      noTerminal,
    )
    expect([exitCode, errors]).toEqual([2, [`causeway: ${file}: the password is wrong`]])
  })
})

describe('causeway cert issue', () => {
  it('asks for one in a vault, of the name that was given', async () => {
    const requests = await gatewayOn(directory, { result: stored })
    const args = [
      'cert',
      'issue',
      'contoso',
      'out',
      '--subject',
      'CN=azure-s2s',
      '--san',
      'a.example, 10.0.0.1',
    ]
    await runOn(directory, [...args, '--key', 'ec256', '--days', '30'])
    expect(paramsOf(requests)).toEqual({
      vault: 'contoso',
      name: 'out',
      commonName: 'azure-s2s',
      names: ['a.example', '10.0.0.1'],
      keyType: 'ecdsa-p256',
      validDays: 30,
    })
  })

  const device = {
    ...{
      subject: 'CN=onprem-1',
      serialNumber: '01',
      thumbprint: 'AB',
      expiresAt: 4e9,
      inboundChain: ['Um9vdA=='],
    },
    ...{ key: 'KEY\n', certificate: 'CERTIFICATE\n', issuers: 'ROOT\n', pkcs12: 'MAEC' },
  }

  it('writes one for a device, for its user alone', async () => {
    const requests = await gatewayOn(directory, { result: device })
    const out = join(directory, 'new', 'device')
    const { exitCode, output } = await runOn(directory, ['cert', 'issue', 'onprem-1', '--out', out])
    expect(exitCode).toBe(0)
    const { commonName, password } = paramsOf(requests)
    expect(commonName).toBe('onprem-1')
    expect(password).toMatch(/^[\w-]{16}$/)
    expect(output).toContain(`password of the .pfx, shown this once: ${password}`)
    expect(output).toContain('["Um9vdA=="]')
    expect(output).not.toContain('KEY')
    const files = (await readdir(out)).sort()
    expect(files).toEqual(['onprem-1-ca.crt', 'onprem-1.crt', 'onprem-1.key', 'onprem-1.pem', 'onprem-1.pfx'])
    for (const file of files) expect((await stat(join(out, file))).mode & 0o777).toBe(0o600)
    expect(await readFile(join(out, 'onprem-1.pem'), 'utf8')).toBe('KEY\nCERTIFICATE\nROOT\n')
    expect(await readFile(join(out, 'onprem-1.pfx'))).toEqual(Buffer.from('MAEC', 'base64'))
  })

  it('shows no password that it was given, and no key in JSON', async () => {
    await gatewayOn(directory, { result: device })
    const password = await written('p', 'open sesame\n')
    const args = ['cert', 'issue', 'onprem-1', '--out', directory, '--password-file', password, '--json']
    const { output } = await runOn(directory, args)
    expect(JSON.parse(output)).toEqual({
      subject: 'CN=onprem-1',
      serialNumber: '01',
      thumbprint: 'AB',
      expiresAt: 4e9,
      files: ['pfx', 'pem', 'key', 'crt']
        .map(end => join(directory, `onprem-1.${end}`))
        .concat(join(directory, 'onprem-1-ca.crt')),
      inboundChain: ['Um9vdA=='],
    })
  })

  it('issues nothing over a file that is there', async () => {
    const requests = await gatewayOn(directory, { result: device })
    const path = await written('onprem-1.key', 'mine')
    const { exitCode, errors } = await runOn(directory, ['cert', 'issue', 'onprem-1', '--out', directory])
    expect([exitCode, errors]).toEqual([
      1,
      [`causeway: ${path} is there already; give another --out, or move it away`],
    ])
    expect(requests).toEqual([])
    expect(await readFile(path, 'utf8')).toBe('mine')
  })
})

describe('causeway cert list and show', () => {
  it('are tables and lines', async () => {
    const former = {
      ...view,
      version: 'cd34',
      isCurrent: false,
      isEnabled: false,
      expiresAt: 0,
      usedBy: ['a', 'b'],
    }
    const requests = await gatewayOn(directory, { result: { certificates: [view, former] } })
    const { output } = await runOn(directory, ['cert', 'list', 'contoso'])
    expect(paramsOf(requests)).toEqual({ vault: 'contoso' })
    expect(output.split('\n').map(line => line.split(/ {2,}/))).toEqual([
      ['VAULT', 'NAME', 'VERSION', 'SUBJECT', 'EXPIRES', 'STATE', 'USED BY'],
      ['contoso', 'out', 'ab12', 'CN=azure-s2s', '2096-10-02', 'enabled', 'none'],
      ['contoso', 'out', 'cd34', 'CN=azure-s2s', '1970-01-01', 'disabled, not the newest, expired', 'a, b'],
    ])
  })

  it('have what the other side has to trust, as PEM and as its connection takes it', async () => {
    const trusted = { subject: 'CN=Root', isRoot: true, expiresAt: 4e9, pem: 'PEM\n', base64: 'Um9vdA==' }
    const detail: VaultCertificateDetail = {
      ...view,
      ...{ issuer: 'CN=Root', names: [], key: 'EC 256', missingIssuer: 'CN=Above' },
      outbound: { accepted: true, notes: [] },
      trust: [trusted],
    }
    const requests = await gatewayOn(directory, { result: detail })
    const { output } = await runOn(directory, ['cert', 'show', 'contoso', 'out/ab12'])
    expect(paramsOf(requests)).toEqual({ vault: 'contoso', name: 'out', version: 'ab12' })
    expect(output.split('\n').slice(-6)).toEqual([
      'the other side has to trust:',
      'its issuer CN=Above is not beside it: take that one, and those above it, from where it was issued',
      '# root CN=Root, until 2096-10-02',
      'PEM',
      '# the same as inboundAuthCertificateChain of a connection',
      '["Um9vdA=="]',
    ])
  })
})

describe('causeway cert check', () => {
  const good: InboundCheck = { trust: { accepted: true, notes: [] }, subject: 'onprem-1', certificates: [] }
  const check = async (result: InboundCheck, ...more: string[]) => {
    const requests = await gatewayOn(directory, { result })
    const chain = ['--chain', await written('root.cer', PFX), '--chain', await written('i.pem', 'PEM')]
    return {
      requests,
      ...(await runOn(directory, ['cert', 'check', '--subject', 'onprem-1', ...chain, ...more])),
    }
  }

  it('sends every file, and is done when all is accepted', async () => {
    const peer = { accepted: true, notes: [], subject: 'CN=onprem-1', expiresAt: 4e9 } as const
    const { requests, exitCode, output } = await check(
      { ...good, peer },
      '--peer',
      await written('d.pem', 'DEVICE'),
    )
    expect(paramsOf(requests)).toEqual({ subject: 'onprem-1', chain: ['MAEC', 'PEM'], peer: 'DEVICE' })
    expect([exitCode, output.split('\n').slice(0, 4)]).toEqual([
      0,
      [
        'inbound chain: accepted',
        'the peer has to be onprem-1',
        "the peer's certificate: accepted",
        '  CN=onprem-1, until 2096-10-02',
      ],
    ])
  })

  it('fails with the file at fault, and for a device that is refused', async () => {
    const trust = { accepted: false, code: 'not-base64', message: 'entry 2 is no base64', file: 1 } as const
    const bad = await check({ trust, certificates: [] })
    expect([bad.exitCode, bad.output]).toEqual([
      1,
      `inbound chain: ${join(directory, 'i.pem')}: refused (not-base64): entry 2 is no base64`,
    ])
  })

  it('fails for a device that is refused', async () => {
    const peer = {
      accepted: false,
      code: 'wrong-subject',
      message: 'it is another',
      subject: 'CN=x',
      expiresAt: 0,
    } as const
    const { exitCode, output } = await check({ ...good, peer })
    expect(exitCode).toBe(1)
    expect(output).toContain("the peer's certificate: refused (wrong-subject): it is another")
  })
})

describe('wrong usage of causeway cert', () => {
  it.each([
    [['import', 'v', 'a/b', 'f'], /cannot read f: there is no such file/],
    [['issue', 'v'], /needs VAULT NAME, or NAME and --out DIR/],
    [['issue', 'v', 'a_b'], /'a_b' cannot be a certificate's name in a vault/],
    [['issue', 'v', 'n', '--key', 'dsa'], /--key: 'dsa' is not a key type/],
    [['issue', 'v', 'n', '--days', '3651'], /--days: '3651' is not a number of days; give 1 to 3650/],
    [['issue', 'v', 'n', '--san', 'a,,b'], /--san: give 1 to 32 names/],
    [['issue', 'v', 'n', '--subject', ' '], /--subject: give a common name/],
    [['issue', 'v', 'n', '--out', 'x'], /with --out the certificate goes to no vault: 'n' is too much/],
    [['issue', 'v', 'n', '--password-file', 'x'], /--password-file is of the \.pfx for a device/],
    [['issue', 'n', '--out', 'x', '--create-vault'], /--create-vault does not go with --out/],
    [['check', '--chain', 'x'], /needs --subject CN/],
    [['check', '--subject', 'x'], /needs --chain FILE/],
    [['list', 'v', 'w'], /'w' is too much/],
  ])('%j', async (args, message) => {
    const { exitCode, errors } = await runOn(directory, ['cert', ...args])
    expect([exitCode, errors]).toEqual([2, [expect.stringMatching(message)]])
  })
})
