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
  readonly sessions: readonly IkeSaRecord[]
}

export interface OutboundCertificateRecord {
  readonly version: string
  readonly subject: string
  /** SHA-1, upper-case hex, as Azure shows it. */
  readonly thumbprint: string
  readonly notAfterSeconds: number
}

/** An IKE SA, and its Child SAs. */
export interface IkeSaRecord {
  /** SPIs of the beginning, hex of 16 digits. */
  readonly initiatorSpi: string
  /** As `initiatorSpi`; absent: nobody told it. */
  readonly responderSpi?: string
  readonly isInitiator: boolean
  /** `IP:port`. */
  readonly local: string
  readonly remote: string
  readonly localIdentity: string
  readonly remoteIdentity: string
  readonly method: 'certificate' | 'psk'
  readonly suite: {
    readonly encryption: string
    readonly integrity: string
    readonly prf: string
    readonly group: string
  }
  readonly natDetected: { readonly local: boolean; readonly remote: boolean }
  /** Unix time. */
  readonly establishedSeconds: number
  /** Whether the tunnel's traffic goes through it. */
  readonly isCarrier: boolean
  readonly children: readonly ChildSaRecord[]
}

export interface ChildSaRecord {
  readonly receiveSpi: number
  readonly sendSpi: number
  readonly encryption: string
  readonly integrity: string
  readonly group: string
  /** Traffic selectors, as text. */
  readonly local: readonly string[]
  readonly remote: readonly string[]
  readonly establishedSeconds: number
  readonly bytesReceived: number
  readonly bytesSent: number
}
