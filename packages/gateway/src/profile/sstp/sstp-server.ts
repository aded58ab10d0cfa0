import type { GatewayConfiguration } from '../../configuration.ts'
import { type ProfileParts, portsOf } from '../openvpn/client-profile.ts'

const HTTPS_PORT = 443

/** Whether a client can be given an address over SSTP, which carries IPv4 alone. */
export function servesSstp({ tunnels, pool }: GatewayConfiguration): boolean {
  return tunnels.has('SSTP') && pool.ipv4 !== undefined
}

/** The TCP port that clients connect to: the usual one, where it is among them. */
export function sstpPort({ listeners }: GatewayConfiguration): number {
  const ports = portsOf(listeners, 'tcp')
  return ports.includes(HTTPS_PORT) ? HTTPS_PORT : (ports[0] ?? HTTPS_PORT)
}

/** The gateway as SSTP clients want it: `NAME`, or `NAME:PORT` where the port is not the usual one. */
export function sstpServer({ configuration, hostNames }: ProfileParts): string {
  const [host = ''] = hostNames
  const port = sstpPort(configuration)
  if (port === HTTPS_PORT) return host
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
