import { MemoryNetwork } from '@causeway/datapath'
import type { EspSuite, IkeSuite } from '@causeway/ikev2'
import { asciiBytes } from '@causeway/wire'
import type { GatewayConfiguration, Listener } from '../configuration.ts'
import type { ConnectionRecord } from '../site/connection-record.ts'
import type { SiteConnection } from '../site/site-configuration.ts'
import { ALL_SELECTORS } from '../site/site-terms.ts'
import {
  address,
  innerPacket,
  prefix,
  type TestGateway,
  type TestSurroundings,
  testGateway,
} from './test-gateway.suite.ts'

export const IKE_SUITE: IkeSuite = {
  encryption: 'AES-CBC-256',
  integrity: 'HMAC-SHA256-128',
  prf: 'HMAC-SHA256',
  group: 'ECP-256',
}
export const ESP_SUITE: EspSuite = { encryption: 'AES-GCM-16-256' }

/** One end: its outer address, the network behind it, and the name of its connection. */
export interface SiteEnd {
  readonly outer: string
  readonly inside: string
  readonly host: string
  readonly connection: string
}

export const WEST: SiteEnd = {
  outer: '192.0.2.1',
  inside: '10.1.0.0/16',
  host: '10.1.0.1',
  connection: '/connections/west-to-east',
}
export const EAST: SiteEnd = {
  outer: '198.51.100.1',
  inside: '10.2.0.0/16',
  host: '10.2.0.1',
  connection: '/connections/east-to-west',
}

/** The connection of one end to the other, with a shared key unless changed. */
export function connectionOf(
  own: SiteEnd,
  other: SiteEnd,
  changes: Partial<SiteConnection> = {},
): SiteConnection {
  return {
    id: own.connection,
    name: own.connection.replace('/connections/', ''),
    mode: 'Default',
    remote: { type: 'address', address: address(other.outer) },
    tunnels: [{ name: 't0', publicAddress: address(own.outer) }],
    authentication: { type: 'psk', secret: asciiBytes('a shared key of some length') },
    ikeSuites: { initiator: [IKE_SUITE], responder: [IKE_SUITE] },
    espSuites: { initiator: [ESP_SUITE], responder: [ESP_SUITE] },
    ikeLifetimeSeconds: 28_800,
    childLifetimeSeconds: 27_000,
    childLifetimeKilobytes: 102_400_000,
    dpdSeconds: 45,
    selectors: [{ local: ALL_SELECTORS, remote: ALL_SELECTORS }],
    remotePrefixes: [prefix(other.inside)],
    localPrefixes: [prefix(own.inside)],
    routingWeight: 10,
    isDefaultSite: false,
    nat: { egress: [], ingress: [] },
    ...changes,
  }
}

/** IKE, ESP in UDP and raw ESP at an address. */
export function siteListeners(outer: string): readonly Listener[] {
  const local = address(outer)
  return [
    { transport: 'udp', service: 'ike', local: { address: local, port: 500 } },
    { transport: 'udp', service: 'ike-esp', local: { address: local, port: 4_500 } },
    { transport: 'esp', service: 'esp', local: { address: local, port: 0 } },
  ]
}

/** What a gateway of sites alone is configured with. */
export function siteConfiguration(
  { outer, inside }: SiteEnd,
  connections: readonly SiteConnection[],
): Partial<GatewayConfiguration> {
  return {
    tunnels: new Set(),
    listeners: siteListeners(outer),
    insidePrefixes: [prefix(inside)],
    sites: { connections, clientTransit: false, siteTransit: false },
  }
}

/** A gateway of sites in a network that others share. */
export function siteGateway(
  end: SiteEnd,
  connections: readonly SiteConnection[],
  surroundings: TestSurroundings = { network: new MemoryNetwork() },
  changes: Partial<GatewayConfiguration> = {},
): Promise<TestGateway> {
  return testGateway({ ...siteConfiguration(end, connections), ...changes }, undefined, surroundings)
}

/** The only connection of a gateway. Errors: `Error` when there is none. */
export function onlyConnection({ gateway }: TestGateway): ConnectionRecord {
  const [record] = gateway.connections()
  if (!record) throw new Error('the gateway has no connection')
  return record
}

/** Runs it with other connections, and all else as it was. */
export function applyConnections(
  gateway: TestGateway,
  connections: readonly SiteConnection[],
  changes: Partial<GatewayConfiguration> = {},
): Promise<void> {
  const { configuration } = gateway
  return gateway.gateway.apply({
    ...configuration,
    sites: { ...configuration.sites, connections },
    ...changes,
  })
}

/** Whether a packet gets from a host behind one gateway to one behind the other. */
export function passes(from: TestGateway, source: string, to: TestGateway, destination: string): boolean {
  const packet = innerPacket(source, destination)
  to.datapath.tunRead()
  from.datapath.tunWrite(packet)
  const [read] = to.datapath.tunRead()
  return read !== undefined && Buffer.compare(read, packet) === 0
}

/** Whether packets pass both ways between the hosts of both ends. */
export function bothWays(
  west: TestGateway,
  east: TestGateway,
  ends: readonly [SiteEnd, SiteEnd] = [WEST, EAST],
): boolean {
  const [a, b] = ends
  return passes(west, a.host, east, b.host) && passes(east, b.host, west, a.host)
}

/** Waits until both of a pair are up. */
export async function bothUp(west: TestGateway, east: TestGateway): Promise<void> {
  for (const gateway of [west, east])
    await gateway.eventually(() =>
      gateway.gateway.connections().every(({ status }) => status === 'Connected'),
    )
}
