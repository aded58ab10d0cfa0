import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type {
  ConnectionDiagnosis,
  ConnectionView,
  DeviceCertificate,
  InboundCheck,
  StoredCertificateView,
  VaultCertificateDetail,
  VaultCertificateView,
} from '@causeway/api-contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { causewayCommand } from '../harness/causeway.ts'
import { createAuthority, issue } from '../harness/certificates.ts'
import { scratchDirectory } from '../harness/scratch.ts'
import { type Finished, run, runOk } from '../harness/shell.ts'
import { ADDRESSES } from '../harness/topology.ts'
import {
  expectFlow,
  grant,
  hasStatus,
  openSites,
  type SitesScenario,
  siteAt,
  VAULT,
} from '../s2s/scenario.ts'
import { StrongswanDevice } from '../s2s/strongswan-device.ts'

// The operator makes both ends' certificates with the command line alone, and follows the doctor from one broken link to
// the next until the connection is up.

const NAME = 'gateway-s2s-1'
const SITE = 'onprem-s2s-1'

let scenario: SitesScenario
let device: StrongswanDevice | undefined
let connectionId: string
const out: string = join(scratchDirectory('o'), 'device')
const files = (end: string): string => join(out, `${SITE}${end}`)

beforeAll(async () => {
  scenario = await openSites({ sites: [{}] })
})

afterAll(async () => {
  await device?.stop()
  await scenario?.close()
})

const json = <Result>(...args: string[]): Promise<Result> => scenario.gateway.json(...args)
const cli = (...args: string[]): Promise<Finished> => scenario.gateway.cli(...args)

/** The first broken link, with what is said of it. */
async function broken(): Promise<{ check: string | undefined; detail: string; fix: string; code: number }> {
  const done = await cli('doctor', 'site0', '--json')
  const { findings, firstBroken } = JSON.parse(done.stdout) as ConnectionDiagnosis
  const { detail = '', fix = '' } = findings.find(({ check }) => check === firstBroken) ?? {}
  return { check: firstBroken, detail, fix, code: done.code }
}

test('issues a certificate into a vault, which it makes only when it is told to', async () => {
  const args = ['cert', 'issue', VAULT, NAME, '--san', 'gateway.example', '--key', 'ec256', '--days', '40']
  const refused = await cli(...args)
  expect([refused.code, refused.stderr]).toEqual([
    1,
    `causeway: there is no vault '${VAULT}': there is none yet; give another, or make it with --create-vault\n`,
  ])
  const stored = await json<StoredCertificateView>(...args, '--create-vault')
  expect(stored).toMatchObject({
    vault: VAULT,
    subject: `CN=${NAME}`,
    hasMadeVault: true,
    outbound: { accepted: true },
  })
  const detail = await json<VaultCertificateDetail>('cert', 'show', VAULT, NAME)
  expect(detail).toMatchObject({ names: ['gateway.example'], key: 'EC 256', isCurrent: true, usedBy: [] })
  expect(detail.trust.map(({ pem }) => pem).join('')).toBe(readFileSync(scenario.place.authority, 'utf8'))
})

test('issues one for the device, which openssl reads in every form', async () => {
  const issued = await json<DeviceCertificate & { password: string }>(
    ...['cert', 'issue', SITE, '--out', out, '--key', 'ec256'],
  )
  for (const end of ['.pfx', '.pem', '.key', '.crt', '-ca.crt'])
    expect(statSync(files(end)).mode & 0o777).toBe(0o600)
  const pass = `pass:${issued.password}`
  const opened = await runOk('openssl', ['pkcs12', '-in', files('.pfx'), '-passin', pass, '-nodes'])
  expect(opened.match(/BEGIN (PRIVATE KEY|CERTIFICATE)/g)).toHaveLength(3)
  const usages = await runOk('openssl', ['x509', '-in', files('.crt'), '-noout', '-ext', 'extendedKeyUsage'])
  expect(usages).toMatch(/TLS Web Server Authentication, TLS Web Client Authentication/)
  await runOk('openssl', ['verify', '-CAfile', files('-ca.crt'), files('.crt')])
  expect(scenario.gateway.process.log()).not.toContain(issued.password)
})

test('checks what a connection would take for the device', async () => {
  const given = ['--chain', files('-ca.crt'), '--peer', files('.crt')]
  const check = await json<InboundCheck>('cert', 'check', '--subject', `CN=${SITE}`, ...given)
  expect(check).toMatchObject({ subject: SITE, peer: { accepted: true, subject: `CN=${SITE}` } })
  const wrong = await cli('cert', 'check', '--subject', 'another', ...given)
  expect([wrong.code, wrong.stdout]).toEqual([
    1,
    expect.stringContaining("the peer's certificate: refused (wrong-subject)"),
  ])
})

test('the doctor names the first broken link, until there is none', async () => {
  const { arm, bodies, place } = scenario
  expect((await cli('doctor', 'site0')).stderr).toBe(
    "causeway: there is no connection 'site0'; there is none at all\n",
  )
  const identity = await arm.put(bodies.identityId(), { location: 'local' })
  const gateway = bodies.id('virtualNetworkGateways', 'gw')
  await arm.put(gateway, bodies.gateway({}, bodies.assigned()))
  await arm.put(bodies.id('localNetworkGateways', 'site0'), bodies.localGateway(siteAt(scenario, 0)))
  connectionId = bodies.id('connections', 'site0')
  const { certificates } = await json<InboundCheck>(
    'cert',
    'check',
    '--subject',
    SITE,
    '--chain',
    files('-ca.crt'),
  )
  const certificateAuthentication = {
    outboundAuthCertificate: bodies.certificateUrl(VAULT, NAME),
    inboundAuthCertificateChain: certificates.map(({ base64 }) => base64),
  }
  const connection = (subject: string): object => {
    const named = { ...certificateAuthentication, inboundAuthCertificateSubjectName: subject }
    return bodies.connection('site0', {
      authenticationType: 'Certificate',
      certificateAuthentication: named,
    })
  }
  await arm.put(connectionId, connection('another'))
  expect(await broken()).toMatchObject({
    check: 'right to the certificate',
    fix: expect.stringContaining('--role "Key Vault Certificate User"'),
    code: 1,
  })
  const { principalId } = identity.properties
  await grant(scenario, vaultId(), principalId, 'keyVaultCertificateUser')
  // That role reads secrets too, as Azure's does.
  expect((await broken()).check).toMatch(/^(status|undefined)$/)
  device = await StrongswanDevice.start({
    site: siteAt(scenario, 0),
    gateway: ADDRESSES.gateway,
    proof: {
      type: 'certificate',
      credential: { commonName: SITE, certificatePath: files('.crt'), keyPath: files('.key') },
      trusts: [place.authority],
      gatewayIdentity: `CN=${NAME}`,
    },
  })
  await expect(device.initiate()).rejects.toThrow()
  await expect.poll(broken, { timeout: 30_000, interval: 500 }).toMatchObject({
    check: 'last refused peer',
    detail: expect.stringContaining(`is "CN=${SITE}", expected is "another"`),
  })
  await arm.put(connectionId, connection(SITE))
  await device.up()
  await hasStatus(scenario, connectionId, 'Connected')
  const whole = await cli('doctor', 'site0')
  expect([whole.code, whole.stdout]).toEqual([0, expect.stringMatching(/\nno link is broken\n$/)])
  await expectFlow(scenario, siteAt(scenario, 0))
})

test('connections are listed, shown, and reset', async () => {
  const { connections } = await json<{ connections: ConnectionView[] }>('connections')
  expect(connections).toMatchObject([
    {
      name: 'site0',
      authentication: 'Certificate',
      status: 'Connected',
      peer: siteAt(scenario, 0).publicAddress,
    },
  ])
  const shown = await json<ConnectionView>('connection', 'show', 'SITE0')
  const [tunnel] = shown.tunnels
  expect(tunnel?.bytesReceived).toBeGreaterThan(0)
  expect(tunnel?.sessions[0]).toMatchObject({
    method: 'certificate',
    localIdentity: `CN=${NAME}`,
    remoteIdentity: `CN=${SITE}`,
    children: [{ local: [ADDRESSES.insideNetwork] }, { local: [ADDRESSES.insideNetwork6] }],
  })
  expect(await scenario.gateway.cliOk('connection', 'show', 'site0')).toMatch(
    /IKE SA [0-9a-f]{16}: begun .*carries the traffic/,
  )
  expect(await scenario.gateway.cliOk('connection', 'reset', 'site0')).toBe(
    'the connection site0 begins anew\n',
  )
  await expect
    .poll(
      async () =>
        (await json<ConnectionView>('connection', 'show', 'site0')).tunnels[0]?.sessions[0]?.initiatorSpi,
      {
        timeout: 60_000,
      },
    )
    .not.toBe(tunnel?.sessions[0]?.initiatorSpi)
  await hasStatus(scenario, connectionId, 'Connected', 60_000)
})

test('a .pfx becomes a new version, which the connection shows next', async () => {
  const root = await createAuthority('Another root')
  const credential = await issue(root, {
    ...{
      commonName: NAME,
      usage: 'serverAuth,clientAuth',
      key: 'ecp-384',
      alternativeNames: ['DNS:gateway.example'],
    },
  })
  const pfx = join(scratchDirectory('f'), 'new.pfx')
  const pair = [
    '-inkey',
    credential.keyPath,
    '-in',
    credential.certificatePath,
    '-certfile',
    root.certificatePath,
  ]
  await runOk('openssl', ['pkcs12', '-export', ...pair, '-out', pfx, '-passout', 'pass:open sesame'])
  const without = await cli('cert', 'import', VAULT, NAME, pfx)
  expect([without.code, without.stderr]).toEqual([
    2,
    `causeway: ${pfx}: the password of the PKCS#12 file is wrong; give it with --password-file\n`,
  ])
  const password = join(scratchDirectory('f'), 'password')
  writeFileSync(password, 'open sesame\n')
  const stored = await json<StoredCertificateView>(
    'cert',
    'import',
    VAULT,
    NAME,
    pfx,
    '--password-file',
    password,
  )
  expect(stored).toMatchObject({ isCurrent: true, outbound: { accepted: true }, usedBy: ['site0'] })
  const { certificates } = await json<{ certificates: VaultCertificateView[] }>('cert', 'list')
  expect(certificates.map(({ version, usedBy }) => ({ version, usedBy }))).toEqual([
    { version: stored.version, usedBy: ['site0'] },
  ])
  const inUse = async () => (await json<ConnectionView>('connection', 'show', 'site0')).certificate?.version
  await expect.poll(inUse, { timeout: 30_000, interval: 500 }).toBe(stored.version)
  const { entries } = await json<{ entries: { who: string; action: string }[] }>('history', '--limit', '1')
  expect(entries).toMatchObject([
    { who: 'installation', action: 'Microsoft.KeyVault/vaults/certificates/import/action' },
  ])
  expect(JSON.stringify(entries)).not.toContain('PRIVATE')
})

test('a password is asked for at a terminal, and is not shown there', async () => {
  const root = await createAuthority('A third root')
  const credential = await issue(root, { commonName: 'typed', usage: 'serverAuth,clientAuth' })
  const pfx = join(scratchDirectory('f'), 'typed.pfx')
  const pair = ['-inkey', credential.keyPath, '-in', credential.certificatePath]
  await runOk('openssl', ['pkcs12', '-export', ...pair, '-out', pfx, '-passout', 'pass:hidden word'])
  const args = ['cert', 'import', VAULT, 'typed', pfx]
  const done = await atTerminal(args, 'password of', 'hidden word')
  expect(done).toContain(`password of ${pfx}: `)
  expect(done).toContain('certificate typed in the vault')
  expect(done).not.toContain('hidden word')
})

test('a disabled certificate is the link that is broken, and tunnels stay', async () => {
  const { certificates } = await json<{ certificates: VaultCertificateView[] }>('cert', 'list', VAULT)
  const current = certificates.find(({ name }) => name === NAME)
  const officer = await scenario.arm.objectId()
  await grant(scenario, vaultId(), officer, 'keyVaultCertificatesOfficer')
  const attributes = { attributes: { enabled: false } }
  await scenario.arm.vault(VAULT, 'PATCH', `certificates/${NAME}/${current?.version}`, attributes)
  expect(await broken()).toMatchObject({
    check: 'certificate',
    detail: expect.stringContaining('is disabled'),
  })
  expect(await scenario.gateway.cliOk('cert', 'list', VAULT)).toMatch(/ disabled /)
  await hasStatus(scenario, connectionId, 'Connected')
})

test('without a gateway that runs the doctor says what it cannot see', async () => {
  await scenario.gateway.stop()
  const done = await cli('doctor', 'site0')
  expect([done.code, done.stdout]).toEqual([1, expect.stringContaining('no gateway runs on')])
})

/** The vault that the operator has made. */
function vaultId(): string {
  const { subscriptionId } = scenario.place
  return `/subscriptions/${subscriptionId}/resourceGroups/causeway/providers/Microsoft.KeyVault/vaults/${VAULT}`
}

/** What a terminal shows of a command that asks something, to which this is typed. */
async function atTerminal(args: readonly string[], question: string, typed: string): Promise<string> {
  const directory = scratchDirectory('k')
  const [keys, shown] = [join(directory, 'keys'), join(directory, 'shown')]
  writeFileSync(keys, `${typed}\r`)
  writeFileSync(shown, '')
  const command = [...causewayCommand(undefined, args), '--data', scenario.gateway.data].join(' ')
  // What is typed before the question a terminal would show.
  const until = (text: string): string =>
    `for try in $(seq 100); do grep -q '${text}' ${shown} && break; sleep 0.1; done`
  const script = `(${until(question)}; cat ${keys}; ${until('COMMAND_EXIT_CODE')}) | script --quiet --flush --command '${command}' ${shown}`
  await run('sh', ['-c', script], { timeoutMs: 30_000 })
  return readFileSync(shown, 'utf8')
}
