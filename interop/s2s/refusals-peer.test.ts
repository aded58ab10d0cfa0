import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Credential, createAuthority, type IssueOptions, issue } from '../harness/certificates.ts'
import { writeDocument } from '../harness/scenario.ts'
import { ADDRESSES } from '../harness/topology.ts'
import {
  type CertificateScenario,
  certificateConnection,
  certificateProof,
  GATEWAY,
  type InboundChanges,
  openCertificates,
  SITE_SUBJECT,
} from './certificate-scenario.ts'
import { type Signed, sign } from './credentials.ts'
import { RevocationHome } from './revocation-home.ts'
import { connectSite, disconnectSite, expectFlow, siteAt } from './scenario.ts'
import { expectRefused, standingOf } from './standing.ts'
import { StrongswanDevice } from './strongswan-device.ts'

// What a device's certificate must be, and what the operator is told of one that is not.

let scenario: CertificateScenario
let byIntermediate: Signed

beforeAll(async () => {
  scenario = await openCertificates()
  byIntermediate = await sign(SITE_SUBJECT, { byIntermediate: true })
})

afterEach(() => disconnectSite(scenario, siteAt(scenario, 0)))

afterAll(async () => {
  await present?.stop()
  await scenario?.close()
})

interface Dialled {
  readonly device: StrongswanDevice
  /** A mark of the gateway's log before. */
  readonly from: number
}

/** There is one device at a time. */
let present: StrongswanDevice | undefined

/** A connection for which the device begins with a certificate. */
async function dial(
  credential: Credential,
  changes: InboundChanges = {},
  intermediates: readonly Credential[] = [],
): Promise<Dialled> {
  const site = siteAt(scenario, 0)
  const from = scenario.gateway.process.mark()
  const mode = { connectionMode: 'ResponderOnly' }
  await connectSite(scenario, site, { ...certificateConnection(scenario, changes), ...mode })
  const proof = certificateProof(scenario, credential, intermediates)
  await present?.stop()
  present = await StrongswanDevice.start({ site, gateway: GATEWAY, proof })
  return { from, device: present }
}

async function expectDialRefused({ device, from }: Dialled, message: RegExp): Promise<void> {
  await expect(device.initiate()).rejects.toThrow('AUTHENTICATION_FAILED')
  await expectRefused(scenario, 'site0', { message, from })
}

async function expectConnected({ device }: Dialled): Promise<readonly string[]> {
  await device.initiate()
  await expectFlow(scenario, siteAt(scenario, 0), [4])
  const { status, notes } = await standingOf(scenario, 'site0')
  expect(status).toBe('Connected')
  return notes
}

const CASES: readonly (readonly [name: string, options: Partial<IssueOptions>, message: RegExp])[] = [
  [
    'another subject',
    { commonName: 'other.test' },
    /the peer's certificate is .*other\.test.*expected is .*site\.test/,
  ],
  ['the subject in upper case', { commonName: 'SITE.TEST' }, /expected is .*site\.test/],
  ['a key of 1,024 bits', { key: 'rsa-1024' }, /1,?024 bits/],
  [
    'an extended key usage for something else',
    { usage: 'codeSigning' },
    /extended key usages must have clientAuth/,
  ],
  ['expired', { fromDays: -20, toDays: -10 }, /expired/],
  ['not yet valid', { fromDays: 10, toDays: 20 }, /not (yet )?valid/],
]

test.each(CASES)('%s', async (_name, options, message) => {
  const credential = await issue(scenario.theirs.root, { commonName: SITE_SUBJECT, ...options })
  await expectDialRefused(await dial(credential), message)
})

test('a root that is not configured', async () => {
  const credential = await issue(await createAuthority('Another Root'), { commonName: SITE_SUBJECT })
  await expectDialRefused(await dial(credential), /Another Root/)
})

test('a root of the same name and another key', async () => {
  const { credential } = await sign(SITE_SUBJECT)
  await expectDialRefused(await dial(credential), /not issued by the .* but by another key of that name/)
})

test("a stranger who sends the configured root beside a certificate of another's", async () => {
  const credential = await issue(await createAuthority('Stranger'), { commonName: SITE_SUBJECT })
  await expectDialRefused(await dial(credential, {}, [scenario.theirs.root]), /Stranger/)
})

test('an intermediate that is neither sent nor configured', async () => {
  const dialled = await dial(byIntermediate.credential, { chain: [byIntermediate.root] })
  await expectDialRefused(dialled, /issuer|intermediate/)
})

test('an intermediate without its root', async () => {
  const [intermediate] = byIntermediate.intermediates
  const { arm, bodies } = scenario
  const site = siteAt(scenario, 0)
  await arm.put(bodies.id('localNetworkGateways', 'site0'), bodies.localGateway(site))
  const body = bodies.connection(
    'site0',
    certificateConnection(scenario, { chain: intermediate ? [intermediate] : [] }),
  )
  const refusal = await arm.refused(bodies.id('connections', 'site0'), body)
  expect(refusal).toMatchObject({
    status: 400,
    target: expect.stringContaining('certificateAuthentication.inboundAuthCertificateChain'),
    message: expect.stringMatching(
      /the inbound chain has no root; put the self-signed certificate of .* first/,
    ),
  })
})

test('a chain in the wrong order is taken, with a note', async () => {
  const { credential, root, intermediates } = byIntermediate
  const notes = await expectConnected(await dial(credential, { chain: [...intermediates, root] }))
  expect(notes.join('\n')).toMatch(/order|first/)
})

test("the device's own certificate among the chain is taken, with a note", async () => {
  const { credential, root } = scenario.theirs
  const notes = await expectConnected(await dial(credential, { chain: [root, credential] }))
  expect(notes.join('\n')).toMatch(/site\.test/)
})

test('a device that was refused is let in with the right certificate', async () => {
  const wrong = await issue(scenario.theirs.root, { commonName: 'other.test' })
  const dialled = await dial(wrong)
  await expectDialRefused(dialled, /other\.test/)
  await dialled.device.change({ proof: certificateProof(scenario) })
  await expectConnected(dialled)
})

describe('revocation', () => {
  let home: RevocationHome
  const certificates = new Map<string, Credential>()

  beforeAll(async () => {
    home = await RevocationHome.create(scenario.topology.inside, ADDRESSES.inside)
    const unreachable = 'crlDistributionPoints=URI:http://10.1.0.99:8080/ca.crl'
    for (const [name, extension] of [
      ['good by list', home.listExtension],
      ['revoked by list', home.listExtension],
      ['good by responder', home.responderExtension],
      ['revoked by responder', home.responderExtension],
      ['unknown', unreachable],
    ] as const)
      certificates.set(
        name,
        await issue(home.authority, { commonName: SITE_SUBJECT, extensions: [extension] }),
      )
    const named = (word: string) =>
      [...certificates].filter(([name]) => name.startsWith(word)).map(([, each]) => each)
    await home.open(named('good'), named('revoked'))
  })

  afterAll(() => home?.stop())

  const dialBy = (name: string) => {
    const credential = certificates.get(name)
    if (!credential) throw new Error(`no certificate ${name}`)
    return dial(credential, { chain: [home.authority] })
  }

  test.each(['list', 'responder'])('by %s', async by => {
    await expectConnected(await dialBy(`good by ${by}`))
    await disconnectSite(scenario, siteAt(scenario, 0))
    await expectDialRefused(await dialBy(`revoked by ${by}`), /revoked/)
  })

  test('what cannot be learned is let in with a note, and refused when the setting is hard', async () => {
    const notes = await expectConnected(await dialBy('unknown'))
    expect(notes.join('\n')).toMatch(/revoked/)
    await disconnectSite(scenario, siteAt(scenario, 0))
    await scenario.gateway.cliOk(
      'apply',
      writeDocument({ hostNames: [GATEWAY], sites: { revocation: 'hard' } }),
    )
    const message = /whether .* is revoked cannot be learned .*set revocation to soft/
    await expectDialRefused(await dialBy('unknown'), message)
  })
})
