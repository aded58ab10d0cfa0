import { type EspClient, type EspGateway, openEspGateway } from './datapath-esp-fixture.suite.ts'
import { eventually, type Harness, prefix } from './datapath-fixture.suite.ts'
import { EVERYTHING, selector } from './esp-peer.suite.ts'
import type { NatId } from './ids.ts'
import type { NatAddresses, NatRule, NatRules } from './nat-rules.ts'

/** Of our network, which the peer knows as 100.0.1.0/24; and of its own, which are known inside as 100.0.2.0/24. */
export const OURS = '10.0.1.5'
export const OURS_OUTSIDE = '100.0.1.5'
export const THEIRS = '10.0.1.9'
export const THEIRS_INSIDE = '100.0.2.9'

function addresses(text: string, ports?: readonly [number, number]): NatAddresses {
  return { prefix: prefix(text), ...(ports && { ports: { first: ports[0], last: ports[1] } }) }
}

export function rule(
  type: NatRule['type'],
  internal: string,
  external: string,
  ports: { internal?: readonly [number, number]; external?: readonly [number, number] } = {},
): NatRule {
  return {
    type,
    internal: addresses(internal, ports.internal),
    external: addresses(external, ports.external),
  }
}

/** The networks of both sides overlap. */
export const BOTH_STATIC: NatRules = {
  egress: [rule('static', '10.0.1.0/24', '100.0.1.0/24'), rule('static', 'fd01::/64', 'fdff:1::/64')],
  ingress: [rule('static', '10.0.1.0/24', '100.0.2.0/24'), rule('static', 'fd01::/64', 'fdff:2::/64')],
}

/** Our hosts are behind one address. */
export const BEHIND_ONE: NatRules = { egress: [rule('dynamic', '10.0.1.0/24', '100.0.1.1/32')], ingress: [] }
export const SERVER = '10.9.0.7:443'

export interface NatSceneOptions {
  readonly innerMtu?: number
  /** Of the SA's selectors, the far end; everything unless given. */
  readonly remote?: string
}

/** A site whose packets are translated. */
export interface NatScene {
  readonly gateway: EspGateway
  readonly site: EspClient
  readonly nat: NatId
  /** What comes to the peer, of what the host sends. */
  toPeer(packet: Uint8Array): Promise<Uint8Array>
  /** What comes to the host, of what the peer sends. */
  toHost(packet: Uint8Array): Promise<Uint8Array>
  /** Waits until so many more could not be translated. */
  drops(packets: readonly Uint8Array[], by: 'host' | 'peer'): Promise<void>
}

/** One with these rules; of all its networks, as they are known inside, it has routes. */
export async function openNatScene(
  harness: Harness,
  rules: NatRules,
  options: NatSceneOptions = {},
): Promise<NatScene> {
  const { fixture } = harness
  const { datapath } = fixture
  const gateway = await openEspGateway(fixture)
  const remote = options.remote === undefined ? EVERYTHING : [selector(options.remote)]
  const site = await gateway.connectEsp({
    addresses: [],
    flow: { peer: 'site', ...(options.innerMtu && { innerMtu: options.innerMtu }) },
    sa: { selectors: { local: EVERYTHING, remote } },
  })
  const nat = datapath.openNat(rules)
  datapath.translateFlow(site.flow, nat)
  const networks = ['100.0.2.0/24', '10.9.0.0/16', 'fdff:2::/64', 'fd09::/64']
  datapath.changeRoutes(
    networks.map(text => ({ type: 'add', prefix: prefix(text), flow: site.flow }) as const),
  )
  const natDrops = () => datapath.counters(site.flow).natDrops
  return {
    gateway,
    site,
    nat,
    toPeer: async packet => {
      fixture.tunWrite(packet)
      const [opened] = await site.receive(1)
      return opened?.payload ?? new Uint8Array()
    },
    toHost: async packet => {
      site.send(packet)
      const came: Uint8Array[] = []
      return eventually(fixture, 'a packet for the host', () => {
        came.push(...fixture.tunRead())
        return came[0]
      })
    },
    drops: async (packets, by) => {
      const before = natDrops()
      for (const packet of packets) by === 'host' ? fixture.tunWrite(packet) : site.send(packet)
      await eventually(fixture, 'all dropped', () => natDrops() === before + packets.length)
    },
  }
}
