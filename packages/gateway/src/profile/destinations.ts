import type { IpPrefix } from '@causeway/wire'
import type { GatewayConfiguration } from '../configuration.ts'
import { customRoutesOfClients } from '../site/client-routes.ts'

/** What clients reach through the tunnel. */
export function destinationsOf(configuration: GatewayConfiguration): IpPrefix[] {
  return [...configuration.insidePrefixes, ...customRoutesOfClients(configuration)]
}

/** The same for a tunnel that carries IPv4 alone. */
export function ipv4DestinationsOf(configuration: GatewayConfiguration): IpPrefix[] {
  return destinationsOf(configuration).filter(({ address }) => address.family === 4)
}

/** Whether a client's own way to the gateway may lie inside its destinations: forced tunnelling. */
export function isForcedTunnel(configuration: GatewayConfiguration): boolean {
  return ipv4DestinationsOf(configuration).some(({ length }) => length <= FORCED_TUNNEL_BITS)
}

/** Azure's way to say it is `0.0.0.0/1` and `128.0.0.0/1`. */
const FORCED_TUNNEL_BITS = 1
