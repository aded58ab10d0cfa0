import type { IkeSaView } from '@causeway/api-contract'
import type { FlowCounters } from '@causeway/datapath'
import type { ConnectionStatusName, Reason } from '@causeway/site-to-site'

/** How a connection stands. */
export interface ConnectionRecord {
  /** The resource's id, lower case. */
  readonly id: string
  readonly name: string
  readonly status: ConnectionStatusName
  readonly reason: Reason
  readonly tunnels: readonly TunnelRecord[]
  /** The outbound certificate that is used; absent with a PSK, or where there is none yet. */
  readonly certificate?: OutboundCertificateRecord
  /** What the operator should know and what does not stop it: notes on certificates, a small SKU. */
  readonly notes: readonly string[]
}

/** The counters are the sums of all its sessions that there have been (`sumOfCounters`). */
export interface TunnelRecord extends FlowCounters {
  readonly tunnel: string
  readonly status: ConnectionStatusName
  readonly reason: Reason
  /** Unix time. */
  readonly lastEstablishedSeconds: number | undefined
  readonly sessions: readonly IkeSaView[]
}

export interface OutboundCertificateRecord {
  readonly version: string
  readonly subject: string
  /** SHA-1, upper-case hex, as Azure shows it. */
  readonly thumbprint: string
  readonly notAfterSeconds: number
}
