import { EXPIRY_DAYS } from '@causeway/site-to-site'
import { Gauge, type Registry } from 'prom-client'
import type { ConnectionRecord } from '../site/connection-record.ts'
import { connectionLabels } from './site-traffic.ts'

const DAY_SECONDS = 86_400

type Labels = Readonly<Record<string, string | number>>
type Values = readonly (readonly [labels: Labels, value: number])[]

/** How connections to sites stand, read when somebody looks. There are no values of connections that are gone. */
export function registerSiteGauges(
  registry: Registry,
  connections: () => readonly ConnectionRecord[],
  unixSeconds: () => number,
): void {
  const gauge = (
    name: string,
    help: string,
    labelNames: string[],
    read: (record: ConnectionRecord) => Values,
  ): Gauge =>
    new Gauge({
      name: `causeway_${name}`,
      help,
      labelNames: ['connection', ...labelNames],
      registers: [registry],
      collect() {
        this.reset()
        const records = connections()
        const names = connectionLabels(records)
        for (const record of records)
          for (const [labels, value] of read(record))
            this.set({ ...labels, connection: names.get(record.id) as string }, value)
      },
    })
  gauge(
    's2s_connection_status',
    'Whether a tunnel to a site is connected: 1 or 0',
    ['tunnel'],
    ({ tunnels }) => tunnels.map(({ tunnel, status }) => [{ tunnel }, status === 'Connected' ? 1 : 0]),
  )
  gauge(
    's2s_certificate_expiry_seconds',
    'Unix time at which the outbound certificate that a connection uses expires',
    [],
    ({ certificate }) => (certificate ? [[{}, certificate.notAfterSeconds]] : []),
  )
  gauge(
    's2s_expiry_warning',
    'Whether the outbound certificate of a connection expires within so many days: 1 or 0',
    ['days'],
    record => expiryWarnings(record, unixSeconds()),
  )
  gauge('tunnel_mmsa_count', 'IKE SAs of a connection', ['protocol'], record => [
    [{ protocol: IPSEC }, sessionsOf(record).length],
  ])
  gauge('tunnel_qmsa_count', 'Child SAs of a connection', ['protocol'], record => [
    [{ protocol: IPSEC }, sessionsOf(record).reduce((sum, { children }) => sum + children.length, 0)],
  ])
}

/** `protocol` of tunnels to sites. */
export const IPSEC = 'IPsec'

function expiryWarnings({ certificate }: ConnectionRecord, now: number): Values {
  if (!certificate) return []
  const left = certificate.notAfterSeconds - now
  return EXPIRY_DAYS.map(days => [{ days }, left <= days * DAY_SECONDS ? 1 : 0])
}

function sessionsOf({ tunnels }: ConnectionRecord): ConnectionRecord['tunnels'][number]['sessions'] {
  return tunnels.flatMap(({ sessions }) => sessions)
}
