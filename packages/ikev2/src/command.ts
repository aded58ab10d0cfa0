import type { TrafficSelector } from '@causeway/wire'
import type { ConfigurationReply } from './configuration-payload.ts'
import type { ChildId, SessionId } from './ids.ts'
import type { Path } from './path.ts'
import type { PeerTerms, SessionTerms } from './peer-terms.ts'

/** What the gateway tells or answers. Commands about a session or Child SA that is gone do nothing. */
export type Ikev2Command =
  /**
   * Initiator: begin a session over this path (a peer's port 500, or 4500). A session id that is in use does
   * nothing. `encapsulatedPath`: where to go on with IKE_AUTH when there is a NAT, when MOBIKE is wanted or when
   * the terms force encapsulation; absent: all stays on `path`. `replaces`: the older session to the same peer,
   * which ends when this one is established (reauthentication, make before break: RFC 7296 §2.8.3).
   */
  | {
      readonly type: 'connect'
      readonly session: SessionId
      readonly path: Path
      readonly encapsulatedPath?: Path
      readonly terms: PeerTerms
      readonly replaces?: SessionId
    }
  | { readonly type: 'reply'; readonly id: number; readonly reply: Ikev2Reply }
  /** The next packet of the EAP conversation that `session` is in. Server: request; client: response. */
  | { readonly type: 'eap-packet'; readonly session: SessionId; readonly packet: Uint8Array }
  /**
   * Server: the method has ended well; `packet` is EAP-Success. `msk` has 64 bytes; absent: the method has
   * none (never accepted from a peer unless the terms say so). Client: the method is content.
   */
  | {
      readonly type: 'eap-success'
      readonly session: SessionId
      readonly packet?: Uint8Array
      readonly msk: Uint8Array | undefined
    }
  /** `packet`: EAP-Failure, from a server. */
  | {
      readonly type: 'eap-failure'
      readonly session: SessionId
      readonly packet?: Uint8Array
      readonly reason: string
    }
  /**
   * End a session: its flows close and `closed` comes at once, and the peer is told by DELETE. `silent`: it is
   * not, because it has said that it knows nothing of the session any more (INITIAL_CONTACT).
   */
  | {
      readonly type: 'disconnect'
      readonly session: SessionId
      readonly reason: string
      readonly silent?: boolean
    }
  /**
   * A further Child SA under the session. `tag`: the caller's number for it, which the event `child-established` or
   * `child-refused` carries that comes of it; neither comes when the session ends before.
   */
  | {
      readonly type: 'create-child'
      readonly session: SessionId
      readonly tag?: number
      readonly local: readonly TrafficSelector[]
      readonly remote: readonly TrafficSelector[]
    }
  /**
   * Terms for what is to come under an established session: its next Child SAs and rekeys. Of one that we are beginning
   * `initialContact` alone is taken, until IKE_AUTH is sent.
   */
  | { readonly type: 'revise'; readonly session: SessionId; readonly terms: RevisedTerms }
  | { readonly type: 'rekey-ike'; readonly session: SessionId }
  | { readonly type: 'rekey-child'; readonly session: SessionId; readonly child: ChildId }
  | { readonly type: 'delete-child'; readonly session: SessionId; readonly child: ChildId }
  /** Ask now whether the peer is alive. */
  | { readonly type: 'probe'; readonly session: SessionId }
  /** The datapath: this SA (named by the SPI it receives by) has passed its soft limit: rekey. */
  | { readonly type: 'soft-limit'; readonly child: ChildId; readonly receiveSpi: number }
  /** The datapath: it has reached its hard limit and carries nothing more. */
  | { readonly type: 'hard-limit'; readonly child: ChildId; readonly receiveSpi: number }
  /** The datapath: authentic ESP, newer than all before, comes by another path (NAT rebinding). */
  | { readonly type: 'moved'; readonly child: ChildId; readonly path: Path }
  /** Our own address or network has changed: MOBIKE's initiator tells the peer (RFC 4555 §3.5). */
  | { readonly type: 'use-path'; readonly session: SessionId; readonly path: Path }

/** What of its terms may be different from now on. Times that run already run as they were set. */
export type RevisedTerms = Partial<
  Pick<
    PeerTerms,
    | 'espSuites'
    | 'ikeRekeySeconds'
    | 'ikeLifetimeSeconds'
    | 'childRekeySeconds'
    | 'childLifetimeSeconds'
    | 'childRekeyBytes'
    | 'initialContact'
  >
>

export type Ikev2Reply =
  /**
   * Let the peer in. Responder of a road warrior: with its addresses. Initiator: the server is trusted, and may ask for
   * Child SAs of its own within the grant's selectors; the rest of the grant is a responder's.
   */
  | { readonly type: 'allow'; readonly grant: Grant }
  /** AUTHENTICATION_FAILED; `reason` for the log. `full`: INTERNAL_ADDRESS_FAILURE (no address, no room). */
  | { readonly type: 'deny'; readonly reason: string; readonly full?: boolean }
  /** Initiator: the server is trusted. Child SAs of its own stay within the selectors of our terms. */
  | { readonly type: 'trust' }
  /** The secret that goes with an identity. */
  | { readonly type: 'psk'; readonly secret: Uint8Array }
  | { readonly type: 'signature'; readonly signature: Uint8Array }
  /** Signing failed. */
  | { readonly type: 'no-signature'; readonly reason: string }
  /** Packets received on the Child SAs of the session since it began. */
  | { readonly type: 'traffic'; readonly packetsReceived: number }

/** What an authenticated peer may have. */
export interface Grant {
  /** In answer to its configuration request. Absent: none is given. */
  readonly configuration?: ConfigurationReply
  /**
   * What Child SAs may carry on our side: the first one and all that the peer asks for later, each narrowed to what
   * both want. All addresses: whatever the peer proposes.
   */
  readonly local: readonly TrafficSelector[]
  /** And on the peer's: its leased addresses, or its networks. */
  readonly remote: readonly TrafficSelector[]
  /** Responder: what of the terms is different for this peer. Absent: nothing. */
  readonly terms?: SessionTerms
}
