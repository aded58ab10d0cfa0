import type { Connection } from '@causeway/api-contract'

/** A connection as it is managed: its resource, secrets and all, and what it leads to. */
export interface ConnectionResource {
  /** With `id` and `name`. */
  readonly connection: Connection
  readonly peer: ConnectionPeer
}

/** The other side of a connection. */
export type ConnectionPeer =
  /** A local network gateway. One of `address` and `fqdn`. */
  | {
      readonly type: 'local-gateway'
      /** Its resource's: a gateway may name it as its `gatewayDefaultSite`. */
      readonly id: string
      readonly address?: string
      readonly fqdn?: string
      readonly addressPrefixes: readonly string[]
    }
  /** Another gateway, which the settings' `sites.remoteGateways` know by this id. */
  | { readonly type: 'remote-gateway'; readonly id: string }
