import type { SiteSettings, VirtualNetworkGateway } from '@causeway/api-contract'
import type { IpPrefix } from '@causeway/wire'
import type { GatewayNetwork } from '../gateway-network.ts'

/** What connections are read with: the gateway that they are of, and what it is in. */
export interface SiteSurroundings {
  readonly gateway: VirtualNetworkGateway
  readonly network?: GatewayNetwork | undefined
  readonly settings: Required<SiteSettings>
  /** Networks inside. */
  readonly localPrefixes: readonly IpPrefix[]
  /** Address pools of clients, those of their groups too. */
  readonly pools: readonly IpPrefix[]
}
