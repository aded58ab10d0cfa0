import type { DatapathTotals, FlowCounters } from '@causeway/datapath'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { SessionTraffic } from './session-traffic.ts'
import { IPSEC } from './site-gauges.ts'
import type { ConnectionTraffic } from './site-traffic.ts'

/** Counters of a flow that add up to a metric of all flows of a protocol. */
const TUNNEL_COUNTERS: readonly {
  readonly name: string
  readonly help: string
  readonly value: (counters: FlowCounters) => number
}[] = [
  {
    name: 'tunnel_ingress_bytes_total',
    help: 'Inner bytes that came out of tunnels',
    value: ({ bytesReceived }) => bytesReceived,
  },
  {
    name: 'tunnel_egress_bytes_total',
    help: 'Inner bytes that went into tunnels',
    value: ({ bytesSent }) => bytesSent,
  },
  {
    name: 'tunnel_ingress_packets_total',
    help: 'Inner packets that came out of tunnels',
    value: ({ packetsReceived }) => packetsReceived,
  },
  {
    name: 'tunnel_egress_packets_total',
    help: 'Inner packets that went into tunnels',
    value: ({ packetsSent }) => packetsSent,
  },
  {
    name: 'tunnel_nat_packet_drop_total',
    help: 'Packets that were dropped because NAT rules could not translate them: of those refused and unsent',
    value: ({ natDrops }) => natDrops,
  },
]

type Drops = Readonly<Record<string, (counters: FlowCounters) => number>>

/** Drops of a flow, with the reason by which they show. */
const INGRESS_DROPS: Drops = {
  'authentication-failure': ({ authenticationFailures }) => authenticationFailures,
  replay: ({ replays }) => replays,
  'source-violation': ({ sourceViolations, selectorMismatchesReceived }) =>
    sourceViolations - selectorMismatchesReceived,
  'selector-mismatch': ({ selectorMismatchesReceived }) => selectorMismatchesReceived,
  refused: ({ refused }) => refused,
}

const EGRESS_DROPS: Drops = {
  unsent: ({ sendDrops, selectorMismatchesSent }) => sendDrops - selectorMismatchesSent,
  'selector-mismatch': ({ selectorMismatchesSent }) => selectorMismatchesSent,
}

const TOTAL_DROPS: Readonly<Record<string, (totals: DatapathTotals) => number>> = {
  'no-route': ({ noRoute }) => noRoute,
  'unknown-flow': ({ unknownFlow }) => unknownFlow,
  malformed: ({ malformed }) => malformed,
  'control-overflow': ({ controlOverflow }) => controlOverflow,
  'throughput-limit': ({ overThroughput }) => overThroughput,
}

/** Point-to-site sessions together, as a connection. */
const CLIENTS = 'p2s'

/** Where what is carried and dropped is counted. */
export interface TrafficSources {
  readonly sessions: SessionTraffic
  /** By connection to a site. */
  readonly connections: () => readonly ConnectionTraffic[]
  /** Of all connections that there have been. */
  readonly connectionBytes: () => number
  readonly totals: () => DatapathTotals
}

/** What is carried and dropped, read when somebody looks. Each is the sum over all sessions that there have been. */
export function registerTrafficMetrics(registry: Registry, sources: TrafficSources): void {
  const registers = [registry]
  new Gauge({
    name: 'causeway_p2s_connection_count',
    help: 'Point-to-site sessions now',
    labelNames: ['protocol'],
    registers,
    collect() {
      this.reset()
      for (const protocol of ['OpenVPN', 'IkeV2', 'SSTP'] as const)
        this.set({ protocol }, sources.sessions.counts().get(protocol) ?? 0)
    },
  })
  new Counter({
    name: 'causeway_p2s_bandwidth_bytes_total',
    help: 'Inner bytes of point-to-site sessions, both directions together',
    labelNames: ['protocol'],
    registers,
    collect() {
      this.reset()
      for (const [protocol, { bytesReceived, bytesSent }] of sources.sessions.totals())
        this.inc({ protocol }, bytesReceived + bytesSent)
    },
  })
  new Counter({
    name: 'causeway_s2s_bandwidth_bytes_total',
    help: 'Inner bytes of connections to sites, both directions together',
    registers,
    collect() {
      this.reset()
      this.inc(sources.connectionBytes())
    },
  })
  for (const { name, help, value } of TUNNEL_COUNTERS)
    new Counter({
      name: `causeway_${name}`,
      help,
      labelNames: ['connection', 'protocol'],
      registers,
      collect() {
        this.reset()
        for (const { labels, counters } of tunnelTraffic(sources)) this.inc(labels, value(counters))
      },
    })
  registerTunnelDrops(registry, 'ingress', 'Packets out of tunnels that were dropped', INGRESS_DROPS, sources)
  registerTunnelDrops(
    registry,
    'egress',
    'Packets on their way into tunnels that were dropped',
    EGRESS_DROPS,
    sources,
  )
  registerGatewayDrops(registry, sources)
}

interface TunnelTraffic {
  readonly labels: { readonly connection: string; readonly protocol: string }
  readonly counters: FlowCounters
}

function tunnelTraffic({ sessions, connections }: TrafficSources): readonly TunnelTraffic[] {
  const ofClients = [...sessions.totals()].map(([protocol, counters]) => ({
    labels: { connection: CLIENTS, protocol },
    counters,
  }))
  const ofSites = connections().map(({ connection, counters }) => ({
    labels: { connection, protocol: IPSEC },
    counters,
  }))
  return [...ofClients, ...ofSites]
}

function registerTunnelDrops(
  registry: Registry,
  direction: 'ingress' | 'egress',
  help: string,
  drops: Drops,
  sources: TrafficSources,
): void {
  new Counter({
    name: `causeway_tunnel_${direction}_packet_drop_total`,
    help,
    labelNames: ['connection', 'protocol', 'reason'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { labels, counters } of tunnelTraffic(sources))
        for (const [reason, value] of Object.entries(drops)) this.inc({ ...labels, reason }, value(counters))
    },
  })
}

function registerGatewayDrops(registry: Registry, { totals }: TrafficSources): void {
  new Counter({
    name: 'causeway_gateway_packet_drop_total',
    help: 'Packets that were dropped and belong to no session',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset()
      const now = totals()
      for (const [reason, value] of Object.entries(TOTAL_DROPS)) this.inc({ reason }, value(now))
    },
  })
}
