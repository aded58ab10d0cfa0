import { describeCertificate, readCertificates } from '@causeway/x509'
import { Gauge, type Registry } from 'prom-client'
import { poolsOf } from '../pool/configured-pools.ts'
import type { GatewayReadings } from './gateway-observer.ts'
import type { SessionTraffic } from './session-traffic.ts'

/** What the configuration in force says, read when somebody looks. Without a gateway they have no values. */
export function registerConfigurationGauges(
  registry: Registry,
  traffic: SessionTraffic,
  readings: () => GatewayReadings | undefined,
): void {
  const gauge = (name: string, help: string, label: string, read: (now: GatewayReadings) => Values): Gauge =>
    new Gauge({
      name: `causeway_${name}`,
      help,
      labelNames: [label],
      registers: [registry],
      collect() {
        this.reset()
        const now = readings()
        if (now) for (const [value, count] of read(now)) this.set({ [label]: value }, count)
      },
    })
  gauge('gateway_up', 'Whether clients may connect, by the name of the gateway', 'gateway', now => {
    const { name, tunnels } = now.configuration()
    return [[name, tunnels.size > 0 ? 1 : 0]]
  })
  gauge(
    'session_limit',
    'Most sessions at once, by what is counted together; none: no limit',
    'sessions',
    limits,
  )
  gauge(
    'certificate_expiry_timestamp_seconds',
    'Unix time at which a certificate of the gateway expires',
    'certificate',
    certificates,
  )
  gauge('user_vpn_route_count', 'Routes to clients', 'route_type', ({ configuration }) => [
    ['static', poolsOf(configuration()).flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].filter(Boolean)).length],
    ['dynamic', [...traffic.counts().values()].reduce((sum, count) => sum + count, 0)],
  ])
  gauge('vnet_address_prefix_count', 'Networks behind the gateway', 'gateway', ({ configuration }) => [
    [configuration().name, configuration().insidePrefixes.length],
  ])
}

type Values = readonly (readonly [label: string, value: number])[]

function limits({ configuration }: GatewayReadings): Values {
  const { ikev2OpenVpn, sstp } = configuration().sessionLimits
  const all = [['ikev2_openvpn', ikev2OpenVpn] as const, ['sstp', sstp] as const]
  return all.filter(([, limit]) => limit < Number.MAX_SAFE_INTEGER)
}

function certificates({ identity }: GatewayReadings): Values {
  const { certificateChain, radius } = identity()
  const shown = [['gateway', certificateChain] as const, ['radius', radius?.certificateChain] as const]
  return shown.flatMap(([name, chain]) => {
    const leaf = chain === undefined ? undefined : readCertificates(chain)[0]
    return leaf ? [[name, describeCertificate(leaf).notAfter] as const] : []
  })
}
