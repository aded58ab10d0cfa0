import { type Carry, MemoryNetwork } from '@causeway/datapath'
import { asciiBytes, formatIpAddress } from '@causeway/wire'
import type { IssuedCertificate } from '@causeway/x509'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { root } from '../testing/credentials.suite.ts'
import { byCertificate, siteCertificate, TestVault } from '../testing/site-certificates.suite.ts'
import {
  applyConnections,
  bothUp,
  bothWays,
  connectionOf,
  EAST,
  onlyConnection,
  type SiteEnd,
  siteGateway,
  WEST,
} from '../testing/site-pair.suite.ts'
import { address, type TestGateway } from '../testing/test-gateway.suite.ts'
import type { ReadCertificate } from './certificate-reader.ts'
import type { SiteConnection } from './site-configuration.ts'

const OUTBOUND = 'https://vault.test/certificates/site'
/** What the world sees of the west, where it is behind a NAT. */
const NAT = address('203.0.113.50')

let running: TestGateway[]

beforeEach(() => {
  running = []
})

afterEach(async () => {
  for (const gateway of running) await gateway.stop()
})

async function start(
  network: MemoryNetwork,
  end: SiteEnd,
  connections: readonly SiteConnection[],
  vault?: TestVault,
): Promise<TestGateway> {
  const gateway = await siteGateway(end, connections, { network })
  if (vault) gateway.gateway.readCertificatesBy(vault)
  running.push(gateway)
  return gateway
}

/** The west is behind a NAT that keeps ports. */
function behindNat(): MemoryNetwork {
  const carry: Carry = (packet, deliver) => {
    const { from, to } = packet
    if (formatIpAddress(from.address) === WEST.outer) deliver({ ...packet, from: { ...from, address: NAT } })
    else if (formatIpAddress(to.address) === formatIpAddress(NAT))
      deliver({ ...packet, to: { ...to, address: address(WEST.outer) } })
    else deliver(packet)
  }
  return new MemoryNetwork(carry)
}

const psk = (text: string) => ({ type: 'psk', secret: asciiBytes(text) }) as const
const WAITING = { mode: 'ResponderOnly' } as const

describe('a peer with a shared key', () => {
  test('behind a NAT is known by what it calls itself', async () => {
    const network = behindNat()
    const other: SiteEnd = { ...WEST, outer: '192.0.2.77', connection: '/connections/other' }
    const east = await start(network, EAST, [
      connectionOf(EAST, other, {
        ...WAITING,
        id: '/connections/decoy',
        authentication: psk('of another site'),
      }),
      connectionOf(EAST, WEST, { ...WAITING, authentication: psk('of the west') }),
    ])
    const west = await start(network, WEST, [
      connectionOf(WEST, EAST, { authentication: psk('of the west') }),
    ])
    await west.eventually(() => onlyConnection(west).status === 'Connected')
    expect(bothWays(west, east)).toBe(true)
    const [decoy, real] = east.gateway.connections()
    expect([decoy?.status, real?.status]).toEqual(['NotConnected', 'Connected'])
    expect(real?.tunnels[0]?.sessions[0]).toMatchObject({
      remote: '203.0.113.50:4500',
      remoteIdentity: '192.0.2.1',
      natDetected: { remote: true },
    })
  })

  test('of a name that nobody has is refused, and the log says which', async () => {
    const network = behindNat()
    const other: SiteEnd = { ...WEST, outer: '192.0.2.77', connection: '/connections/other' }
    const east = await start(network, EAST, [connectionOf(EAST, other, WAITING)])
    const west = await start(network, WEST, [connectionOf(WEST, EAST)])
    await west.eventually(() => onlyConnection(west).status === 'NotConnected')
    expect(onlyConnection(west).reason.message).toMatch(/AUTHENTICATION_FAILED/)
    expect(east.messages().join()).toMatch(/no connection with a shared key is called 192\.0\.2\.1/)
    expect(onlyConnection(east).tunnels[0]?.sessions).toEqual([])
  })

  test('may be told by the address that it comes from alone, whatever it calls itself', async () => {
    const network = new MemoryNetwork()
    const east = await start(network, EAST, [connectionOf(EAST, WEST, WAITING)])
    const tunnels = [{ name: 't0', publicAddress: address('203.0.113.200') }]
    const west = await start(network, WEST, [connectionOf(WEST, EAST, { tunnels })])
    await bothUp(west, east)
    expect(onlyConnection(east).tunnels[0]?.sessions[0]?.remoteIdentity).toBe('203.0.113.200')
  })
})

describe('connections to one address', () => {
  let westRoot: IssuedCertificate
  let eastRoot: IssuedCertificate

  beforeAll(async () => {
    westRoot = await root('West root')
    eastRoot = await root('East root')
  })

  async function vaultOf(issuer: IssuedCertificate, name: string): Promise<TestVault> {
    const vault = new TestVault()
    vault.put(OUTBOUND, 'v1', await siteCertificate(issuer, name))
    return vault
  }

  /** East knows two devices at the address of the west. */
  async function twoAtOne(network: MemoryNetwork): Promise<TestGateway> {
    const waiting = (name: string) => {
      const authentication = byCertificate(OUTBOUND, name, westRoot)
      return connectionOf(EAST, WEST, { ...WAITING, id: `/connections/${name}`, name, authentication })
    }
    const east = await start(
      network,
      EAST,
      [waiting('site-a'), waiting('site-b')],
      await vaultOf(eastRoot, 'site-east'),
    )
    await east.eventually(() => east.gateway.connections().every(({ certificate }) => certificate))
    return east
  }

  test('are told apart by their certificates', async () => {
    const network = new MemoryNetwork()
    const east = await twoAtOne(network)
    const authentication = byCertificate(OUTBOUND, 'site-east', eastRoot)
    const connection = connectionOf(WEST, EAST, { authentication })
    const west = await start(network, WEST, [connection], await vaultOf(westRoot, 'site-b'))
    await west.eventually(() => onlyConnection(west).status === 'Connected')
    const statuses = east.gateway.connections().map(({ name, status }) => `${name} ${status}`)
    expect(statuses).toEqual(['site-a NotConnected', 'site-b Connected'])
  })
})

test('a connection that goes while the vault is asked is forgotten with its key', async () => {
  let answer: ((read: ReadCertificate) => void) | undefined
  const reader = {
    readCertificate: () =>
      new Promise<ReadCertificate>(resolve => {
        answer = resolve
      }),
  }
  const authority = await root('West root')
  const connection = connectionOf(WEST, EAST, {
    authentication: byCertificate(OUTBOUND, 'site-east', authority),
  })
  const west = await siteGateway(WEST, [connection])
  running.push(west)
  west.gateway.readCertificatesBy(reader)
  await west.eventually(() => answer !== undefined)
  await applyConnections(west, [])
  const { certificate, privateKey } = await siteCertificate(authority, 'site-west')
  answer?.({ type: 'certificate', version: 'v1', chain: [certificate], privateKey })
  await applyConnections(west, [{ ...connection, authentication: psk('a shared key of some length') }])
  expect(onlyConnection(west)).not.toHaveProperty('certificate')
  expect(JSON.stringify(west.recorded.lines)).not.toContain('PRIVATE KEY')
})
