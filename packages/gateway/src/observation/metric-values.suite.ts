import type { GatewayMetrics } from './gateway-metrics.ts'

/** Each value by name and labels, as Prometheus would read them. */
export async function metricValues(metrics: GatewayMetrics): Promise<Readonly<Record<string, number>>> {
  const lines = (await metrics.text()).split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map(line => {
      const space = line.lastIndexOf(' ')
      return [line.slice(0, space), Number(line.slice(space + 1))]
    }),
  )
}
