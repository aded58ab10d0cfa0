import type { DatapathTotals, FlowCounters } from '@causeway/datapath'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { SessionTraffic } from './session-traffic.ts'

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
]

/** Drops of a flow, with the reason by which they show. */
const INGRESS_DROPS: Readonly<Record<string, (counters: FlowCounters) => number>> = {
  'authentication-failure': ({ authenticationFailures }) => authenticationFailures,
  replay: ({ replays }) => replays,
  'source-violation': ({ sourceViolations }) => sourceViolations,
  refused: ({ refused }) => refused,
}

const TOTAL_DROPS: Readonly<Record<string, (totals: DatapathTotals) => number>> = {
  'no-route': ({ noRoute }) => noRoute,
  'unknown-flow': ({ unknownFlow }) => unknownFlow,
  malformed: ({ malformed }) => malformed,
  'control-overflow': ({ controlOverflow }) => controlOverflow,
  'throughput-limit': ({ overThroughput }) => overThroughput,
}

/** All connections there are. */
const CONNECTION = 'p2s'

/** What is carried and dropped, read when somebody looks. Each is the sum over all sessions that there have been. */
export function registerTrafficMetrics(
  registry: Registry,
  traffic: SessionTraffic,
  totals: () => DatapathTotals,
): void {
  const registers = [registry]
  new Gauge({
    name: 'causeway_p2s_connection_count',
    help: 'Point-to-site sessions now',
    labelNames: ['protocol'],
    registers,
    collect() {
      this.reset()
      for (const protocol of ['OpenVPN', 'IkeV2', 'SSTP'] as const)
        this.set({ protocol }, traffic.counts().get(protocol) ?? 0)
    },
  })
  new Counter({
    name: 'causeway_p2s_bandwidth_bytes_total',
    help: 'Inner bytes of point-to-site sessions, both directions together',
    labelNames: ['protocol'],
    registers,
    collect() {
      this.reset()
      for (const [protocol, { bytesReceived, bytesSent }] of traffic.totals())
        this.inc({ protocol }, bytesReceived + bytesSent)
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
        for (const [protocol, counters] of traffic.totals())
          this.inc({ connection: CONNECTION, protocol }, value(counters))
      },
    })
  registerDrops(registry, traffic, totals)
}

function registerDrops(registry: Registry, traffic: SessionTraffic, totals: () => DatapathTotals): void {
  const drops = { labelNames: ['connection', 'protocol', 'reason'], registers: [registry] }
  new Counter({
    ...drops,
    name: 'causeway_tunnel_ingress_packet_drop_total',
    help: 'Packets out of tunnels that were dropped',
    collect() {
      this.reset()
      for (const [protocol, counters] of traffic.totals())
        for (const [reason, value] of Object.entries(INGRESS_DROPS))
          this.inc({ connection: CONNECTION, protocol, reason }, value(counters))
    },
  })
  new Counter({
    ...drops,
    name: 'causeway_tunnel_egress_packet_drop_total',
    help: 'Packets on their way into tunnels that were dropped',
    collect() {
      this.reset()
      for (const [protocol, { sendDrops }] of traffic.totals())
        this.inc({ connection: CONNECTION, protocol, reason: 'unsent' }, sendDrops)
    },
  })
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
