import type { CONNECTION_MODES } from '@causeway/api-contract'
import { type IpAddress, sameIpAddress } from '@causeway/wire'

/** Who may begin the first IKE SA; either end may rekey (Azure's `connectionMode`). */
export type ConnectionMode = (typeof CONNECTION_MODES)[number]

/** Where the other side is. */
export type RemotePlace =
  | { readonly type: 'address'; readonly address: IpAddress }
  /** Resolved when a dial needs it. */
  | { readonly type: 'name'; readonly name: string }

/** How we prove who we are. What the secrets and rules are stands in `ConnectionPlan.digests`. */
export type OwnProof =
  | { readonly type: 'psk' }
  /** Key Vault identifier of the outbound certificate, with or without a version. */
  | { readonly type: 'certificate'; readonly certificateId: string }

/** One way to the other side. */
export interface TunnelPlan {
  /** Names it in outputs, logs and ARM's `tunnelConnectionStatus`. */
  readonly tunnel: string
  /** Our own address. */
  readonly local: IpAddress
}

/** One connection as it is configured. Holds no secret. */
export interface ConnectionPlan {
  readonly name: string
  readonly mode: ConnectionMode
  readonly remote: RemotePlace
  /** One, or two where the gateway is active-active. */
  readonly tunnels: readonly TunnelPlan[]
  readonly own: OwnProof
  readonly digests: PlanDigests
}

/** What the engine does not look into: any text that differs when the part does. */
export interface PlanDigests {
  /** By which the peer is judged, and the shared key: subject, chain, revocation. */
  readonly authentication: string
  /** IKE policy: suites and lifetimes of the IKE SA. */
  readonly ike: string
  /** IPsec policy and traffic selectors. */
  readonly child: string
}

/** What a change asks for, the least that serves. */
export interface PlanChange {
  /** What runs is to another place: it ends, and begins anew. */
  readonly relocates: boolean
  /** A new IKE SA, made before the old one is broken. */
  readonly renewsIke: boolean
  /** New Child SAs under the same IKE SA. */
  readonly renewsChildren: boolean
}

/** Judges a change. Mode, name, and another certificate of ours do not touch what runs. */
export function planChange(from: ConnectionPlan, to: ConnectionPlan): PlanChange {
  const renewsIke =
    from.own.type !== to.own.type ||
    from.digests.authentication !== to.digests.authentication ||
    from.digests.ike !== to.digests.ike
  return {
    relocates: !samePlace(from.remote, to.remote),
    renewsIke,
    // A new IKE SA brings its own.
    renewsChildren: !renewsIke && from.digests.child !== to.digests.child,
  }
}

export function samePlace(a: RemotePlace, b: RemotePlace): boolean {
  if (a.type === 'address') return b.type === 'address' && sameIpAddress(a.address, b.address)
  return b.type === 'name' && a.name.toLowerCase() === b.name.toLowerCase()
}
