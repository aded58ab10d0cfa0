import { MemoryNetwork } from '@causeway/datapath'
import type { IssuedCertificate } from '@causeway/x509'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { intermediate, root } from '../testing/credentials.suite.ts'
import { byCertificate, siteCertificate, TestVault } from '../testing/site-certificates.suite.ts'
import {
  applyConnections,
  bothUp,
  bothWays,
  connectionOf,
  EAST,
  onlyConnection,
  siteGateway,
  WEST,
} from '../testing/site-pair.suite.ts'
import type { TestGateway } from '../testing/test-gateway.suite.ts'
import type { SiteAuthentication } from './site-configuration.ts'

const OUTBOUND = 'https://vault.test/certificates/site'

let westRoot: IssuedCertificate
let eastRoot: IssuedCertificate
let middle: IssuedCertificate
let westLeaf: IssuedCertificate
let eastLeaf: IssuedCertificate

beforeAll(async () => {
  westRoot = await root('West root')
  eastRoot = await root('East root')
  middle = await intermediate(eastRoot, 'East middle')
  westLeaf = await siteCertificate(westRoot, 'site-west')
  eastLeaf = await siteCertificate(middle, 'site-east')
})

let running: TestGateway[]
let vaults: { readonly west: TestVault; readonly east: TestVault }

beforeEach(() => {
  running = []
  vaults = { west: new TestVault(), east: new TestVault() }
  vaults.west.put(OUTBOUND, 'v1', westLeaf)
  vaults.east.put(OUTBOUND, 'v1', eastLeaf, middle)
})

afterEach(async () => {
  for (const gateway of running) await gateway.stop()
})

const westAuthentication = (): SiteAuthentication => byCertificate(OUTBOUND, 'site-east', eastRoot)
const eastAuthentication = (): SiteAuthentication => byCertificate(OUTBOUND, 'CN=site-west', westRoot)

interface Authentications {
  readonly west?: SiteAuthentication
  readonly east?: SiteAuthentication
}

/** West begins. */
async function pair({
  west = westAuthentication(),
  east = eastAuthentication(),
}: Authentications = {}): Promise<readonly [TestGateway, TestGateway]> {
  const network = new MemoryNetwork()
  const waiting = connectionOf(EAST, WEST, { authentication: east, mode: 'ResponderOnly' })
  const second = await siteGateway(EAST, [waiting], { network })
  second.gateway.readCertificatesBy(vaults.east)
  running.push(second)
  const first = await siteGateway(WEST, [connectionOf(WEST, EAST, { authentication: west })], { network })
  running.push(first)
  await second.eventually(() => onlyConnection(second).certificate !== undefined)
  first.gateway.readCertificatesBy(vaults.west)
  return [first, second]
}

/** What the side that waits says of the peer that it refused, and the other of why it is not up. */
async function refusal({
  west,
  east,
}: Authentications): Promise<{ readonly at: string; readonly begun: string }> {
  const [first, second] = await pair({ ...(west && { west }), ...(east && { east }) })
  await first.eventually(() => onlyConnection(first).status === 'NotConnected')
  return { at: onlyConnection(second).notes.join(), begun: onlyConnection(first).reason.message }
}

test('two gateways by certificates of different roots, one below an intermediate', async () => {
  const [west, east] = await pair()
  await bothUp(west, east)
  expect(bothWays(west, east)).toBe(true)
  expect(onlyConnection(west)).toMatchObject({
    certificate: { version: 'v1', subject: 'CN=site-west' },
    tunnels: [
      {
        sessions: [{ method: 'certificate', localIdentity: 'CN=site-west', remoteIdentity: 'CN=site-east' }],
      },
    ],
  })
  expect(onlyConnection(east)).toMatchObject({
    tunnels: [{ sessions: [{ remoteIdentity: 'CN=site-west' }] }],
  })
})

test('what is to be known of the inbound chain is among the notes, and stops nothing', async () => {
  const [west, east] = await pair({ west: byCertificate(OUTBOUND, 'site-east', middle, eastRoot) })
  await bothUp(west, east)
  const [note] = onlyConnection(west).notes
  expect(note).toBe('the inbound chain was not in order, the root first: it is taken in order')
  expect(onlyConnection(east).notes.join()).not.toContain('inbound chain')
})

describe('who begins is refused', () => {
  test('with another subject than the connection names', async () => {
    const { at, begun } = await refusal({ east: byCertificate(OUTBOUND, 'site-north', westRoot) })
    expect(at).toMatch(/192\.0\.2\.1:4500 was not let in: .*CN=site-west.*expected is "site-north"/)
    expect(begun).toMatch(/the peer ended it: .*AUTHENTICATION_FAILED/)
  })

  test('with a certificate of another root', async () => {
    const { at } = await refusal({ east: byCertificate(OUTBOUND, 'site-west', eastRoot) })
    expect(at).toMatch(/was not let in: /)
    expect(at).toContain('West root')
  })

  test('while the one who waits has no certificate of its own', async () => {
    vaults.east.refuse(OUTBOUND, { reason: 'forbidden', message: 'The role is missing.', isTemporary: false })
    const network = new MemoryNetwork()
    const waiting = connectionOf(EAST, WEST, { authentication: eastAuthentication() })
    const east = await siteGateway(EAST, [{ ...waiting, mode: 'ResponderOnly' }], { network })
    running.push(east)
    east.gateway.readCertificatesBy(vaults.east)
    const west = await siteGateway(
      WEST,
      [connectionOf(WEST, EAST, { authentication: westAuthentication() })],
      {
        network,
      },
    )
    running.push(west)
    west.gateway.readCertificatesBy(vaults.west)
    await west.eventually(() => onlyConnection(west).status === 'NotConnected')
    expect(onlyConnection(east).notes.join()).toContain('The role is missing.')
    expect(onlyConnection(east).reason.code).toBe('waiting-for-peer')
  })
})

describe('who waits is refused by the one who begins', () => {
  test('with another subject', async () => {
    const { begun } = await refusal({ west: byCertificate(OUTBOUND, 'site-north', eastRoot) })
    expect(begun).toMatch(/the peer's certificate: .*CN=site-east.*expected is "site-north"/)
  })

  test('with a certificate of another root', async () => {
    const { begun } = await refusal({ west: byCertificate(OUTBOUND, 'site-east', westRoot) })
    expect(begun).toMatch(/the peer's certificate: /)
  })

  test('and an inbound chain without a root is named', async () => {
    const { begun } = await refusal({ west: byCertificate(OUTBOUND, 'site-east', middle) })
    expect(begun).toMatch(/the connection's inbound chain: .*East root/)
  })
})

test('without a vault a connection says so, and comes up when it is there', async () => {
  const network = new MemoryNetwork()
  const authentication = westAuthentication()
  const west = await siteGateway(WEST, [connectionOf(WEST, EAST, { authentication })], {
    network,
    sites: { vaultPatienceMilliseconds: 10 },
  })
  running.push(west)
  await west.eventually(() => onlyConnection(west).status === 'NotConnected')
  expect(onlyConnection(west).reason).toEqual({
    code: 'certificate-refused',
    message: 'The key vault is not at hand: the management API does not run. Start it.',
  })
  const back = connectionOf(EAST, WEST, { authentication: eastAuthentication(), mode: 'ResponderOnly' })
  const east = await siteGateway(EAST, [back], { network })
  running.push(east)
  east.gateway.readCertificatesBy(vaults.east)
  west.gateway.readCertificatesBy(vaults.west)
  // The vault is asked again no sooner than five seconds after the last time.
  await west.eventually(() => onlyConnection(west).status === 'Connected', 8_000)
}, 15_000)

test('an outbound certificate that is no good is told by what is wrong with it', async () => {
  vaults.west.put(OUTBOUND, 'v1', westRoot)
  const [west] = await pair()
  await west.eventually(() => onlyConnection(west).status === 'NotConnected')
  const { code, message } = onlyConnection(west).reason
  expect(code).toBe('certificate-refused')
  expect(message).toMatch(/^The outbound certificate is refused: .*West root/)
})

test('a shared key takes the place of a certificate, and the other way round', async () => {
  const [west, east] = await pair()
  await bothUp(west, east)
  const psk = connectionOf(WEST, EAST).authentication
  await applyConnections(east, [connectionOf(EAST, WEST, { authentication: psk, mode: 'ResponderOnly' })])
  await applyConnections(west, [connectionOf(WEST, EAST, { authentication: psk })])
  west.gateway.resetConnection(WEST.connection)
  await west.eventually(() => onlyConnection(west).tunnels[0]?.sessions.at(-1)?.method === 'psk')
  await bothUp(west, east)
  expect(bothWays(west, east)).toBe(true)
})
