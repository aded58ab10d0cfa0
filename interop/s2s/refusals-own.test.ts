import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Credential, type IssueOptions, issue } from '../harness/certificates.ts'
import {
  type CertificateScenario,
  certificateConnection,
  certificateProof,
  GATEWAY,
  openCertificates,
  withoutVersion,
} from './certificate-scenario.ts'
import { importSigned } from './credentials.ts'
import {
  connectSite,
  disconnectSite,
  expectFlow,
  forTest,
  grant,
  hasStatus,
  siteAt,
  VAULT,
} from './scenario.ts'
import { expectRefused } from './standing.ts'
import { StrongswanDevice } from './strongswan-device.ts'

// What the gateway's own certificate must be, as the vault takes it and a connection does not.

let scenario: CertificateScenario

beforeAll(async () => {
  scenario = await openCertificates()
})

afterEach(() => disconnectSite(scenario, siteAt(scenario, 0)))
afterAll(() => scenario?.close())

const BOTH = 'serverAuth,clientAuth'

const CASES: readonly (readonly [name: string, options: Partial<IssueOptions>, message: RegExp])[] = [
  ['no server authentication', { usage: 'clientAuth' }, /serverAuth/],
  ['no client authentication', { usage: 'serverAuth' }, /clientAuth/],
  ['no extended key usage', { usage: 'none' }, /serverAuth/],
  ['an empty subject', { subject: '/' }, /subject/],
  ['no digital signature', { keyUsage: 'keyEncipherment' }, /digitalSignature/],
  ['expired', { fromDays: -20, toDays: -10 }, /expired/],
  ['not yet valid', { fromDays: 10, toDays: 20 }, /not (yet )?valid/],
]

let count = 0

/** Makes a connection with this certificate; returns a mark of the log before. */
async function connectWith(credential: Credential, beside: readonly Credential[] = []): Promise<number> {
  count += 1
  const name = `bad-${count}`
  const id = await importSigned(scenario, name, { credential, intermediates: beside })
  return connectNamed(withoutVersion(id))
}

async function connectNamed(outbound: string): Promise<number> {
  const from = scenario.gateway.process.mark()
  await connectSite(scenario, siteAt(scenario, 0), certificateConnection(scenario, { outbound }))
  return from
}

test.each(CASES)('%s', async (_name, options, message) => {
  const credential = await issue(scenario.own.root, { commonName: 'gateway.test', usage: BOTH, ...options })
  const from = await connectWith(credential)
  await expectRefused(scenario, 'site0', { message, from })
})

/** What the vault does not take as a certificate, it takes as a secret. */
async function connectSecret(name: string, paths: readonly string[]): Promise<number> {
  const { arm, bodies } = scenario
  await grant(scenario, bodies.vaultId(VAULT), await arm.objectId(), 'keyVaultSecretsOfficer')
  const value = paths.map(path => readFileSync(path, 'utf8')).join('')
  const contentType = 'application/x-pem-file'
  const stored = await arm.vault(VAULT, 'PUT', `secrets/${name}`, { value, contentType })
  return connectNamed(withoutVersion(stored.id))
}

test('a key of 1,024 bits', async () => {
  const names = { commonName: 'gateway.test', key: 'rsa-1024', usage: BOTH } as const
  const credential = await issue(scenario.own.root, names)
  const imported = importSigned(scenario, 'small', { credential, intermediates: [] })
  await expect(imported).rejects.toThrow('the private key must be RSA of at least 2048 bits')
  const from = await connectSecret('small-key', [credential.certificatePath, credential.keyPath])
  await expectRefused(scenario, 'site0', { message: /has 1024 bits, 2048 are required/, from })
})

test('no private key', async () => {
  const from = await connectSecret('without-key', [scenario.own.credential.certificatePath])
  await expectRefused(scenario, 'site0', { message: /private key/, from })
})

test('a certificate beside it that is none of its issuers', async () => {
  const from = await connectWith(scenario.own.credential, [scenario.theirs.root])
  await expectRefused(scenario, 'site0', {
    message: /stands beside the certificate but is none of its issuers/,
    from,
  })
})

test('with the right one in the vault it is connected', async () => {
  const site = siteAt(scenario, 0)
  const bad = await issue(scenario.own.root, { commonName: 'gateway.test', usage: 'clientAuth' })
  const from = await connectWith(bad)
  await expectRefused(scenario, 'site0', { message: /serverAuth/, from })
  const device = forTest(
    await StrongswanDevice.start({ site, gateway: GATEWAY, proof: certificateProof(scenario) }),
  )
  await importSigned(scenario, `bad-${count}`, scenario.own)
  const id = scenario.bodies.id('connections', 'site0')
  await device.up()
  await hasStatus(scenario, id, 'Connected')
  await expectFlow(scenario, site)
})
