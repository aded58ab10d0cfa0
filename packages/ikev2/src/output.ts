import type { SignatureScheme } from '@causeway/crypto'
import type { TrafficSelector } from '@causeway/wire'
import type { ConfigurationReply, ConfigurationRequest } from './configuration-payload.ts'
import type { Identification } from './identification.ts'
import type { ChildId, SessionId } from './ids.ts'
import type { Path } from './path.ts'
import type { AgreedEspSuite } from './proposal/suite.ts'
import type { SessionEvent } from './session-event.ts'

/** What leaves the engine, in order. */
export type Ikev2Output =
  | { readonly type: 'send'; readonly path: Path; readonly bytes: Uint8Array }
  /** Send a NAT keepalive (RFC 3948 §2.3). */
  | { readonly type: 'keepalive'; readonly path: Path }
  /** Something to be decided or done outside; answered by the command `reply` with this id. */
  | {
      readonly type: 'request'
      readonly id: number
      readonly session: SessionId
      readonly request: Ikev2Request
    }
  /** Responder: begin an EAP conversation as server, answered by `eap-packet`. */
  | {
      readonly type: 'eap-start'
      readonly session: SessionId
      readonly identification: Identification
      readonly path: Path
    }
  /** An EAP packet from the peer. */
  | { readonly type: 'eap-packet'; readonly session: SessionId; readonly packet: Uint8Array }
  /** The conversation is over, or no longer wanted. */
  | { readonly type: 'eap-close'; readonly session: SessionId }
  /** Initiator: this is what the responder gave us. Before the first `open-flow`. */
  | { readonly type: 'configure'; readonly session: SessionId; readonly configuration: ConfigurationReply }
  /** A Child SA is about to come: open its flow. Before any SA is installed in it. */
  | {
      readonly type: 'open-flow'
      readonly session: SessionId
      readonly child: ChildId
      readonly path: FlowWay
    }
  | { readonly type: 'close-flow'; readonly session: SessionId; readonly child: ChildId }
  /** The flow's packets go and come by another path now. */
  | {
      readonly type: 'move-flow'
      readonly session: SessionId
      readonly child: ChildId
      readonly path: FlowWay
    }
  /** Receive with this pair of SAs from now on. */
  | {
      readonly type: 'install-sa'
      readonly session: SessionId
      readonly child: ChildId
      readonly sa: ChildSaKeys
    }
  /** Send with it from now on. */
  | {
      readonly type: 'select-sa'
      readonly session: SessionId
      readonly child: ChildId
      readonly receiveSpi: number
    }
  | {
      readonly type: 'remove-sa'
      readonly session: SessionId
      readonly child: ChildId
      readonly receiveSpi: number
    }
  /** For the session list and the log. */
  | { readonly type: 'event'; readonly session: SessionId | undefined; readonly event: SessionEvent }

/** How ESP travels. */
export interface FlowWay {
  readonly path: Path
  /** In UDP (RFC 3948): over an encapsulated path. Else raw, between the path's addresses. */
  readonly encapsulated: boolean
}

/** A pair of ESP SAs. */
export interface ChildSaKeys {
  readonly receiveSpi: number
  readonly sendSpi: number
  readonly suite: AgreedEspSuite
  readonly receive: ChildDirectionKeys
  readonly send: ChildDirectionKeys
  readonly local: readonly TrafficSelector[]
  readonly remote: readonly TrafficSelector[]
  readonly softPackets: number
  readonly softBytes: number
  readonly hardPackets: number
  readonly hardBytes: number
  readonly replayWindow: number
}

/** GCM: `integrity` is the 4-byte salt. */
export interface ChildDirectionKeys {
  readonly encryption: Uint8Array
  readonly integrity: Uint8Array
}

/** What the outside decides or does. */
export type Ikev2Request =
  /**
   * Responder: may this peer have a session? By certificate: its key has signed, its chain is not yet
   * validated. By PSK: the secret was known. By EAP the decision was made there; this asks for the grant.
   * Initiator: by certificate or PSK, is this the server we want? Answered by `allow`, `deny`, or for an
   * initiator `trust`.
   */
  | {
      readonly type: 'authenticate'
      readonly method: 'certificate' | 'psk' | 'eap'
      readonly path: Path
      /** Of the terms that it has come in by so far. */
      readonly label: string | undefined
      /** A claim. The identity is what the certificate or the EAP method says. */
      readonly identification: Identification
      /** Responder: whom the peer wants to talk to (IDr), where it says so. */
      readonly wanted: Identification | undefined
      /** DER, leaf first. Empty but for `certificate`. */
      readonly peerChain: readonly Uint8Array[]
      readonly configuration: ConfigurationRequest | undefined
      /** What the peer proposes for the first Child SA, seen from us. */
      readonly local: readonly TrafficSelector[]
      readonly remote: readonly TrafficSelector[]
      readonly client: ClientTraits
      /** It says that this is its only session: older ones of the same identity are dead (RFC 7296 §2.4). */
      readonly initialContact: boolean
    }
  /**
   * Responder: which secret goes with this identity, a mere claim? Answered by `psk` or `deny`. The peer cannot tell an
   * unknown identity from a wrong secret, as long as both answers take the outside the same time.
   */
  | {
      readonly type: 'psk'
      readonly path: Path
      readonly label: string | undefined
      readonly identification: Identification
      readonly wanted: Identification | undefined
    }
  /** Sign the joined parts with the key of our certificate. Answered by `signature` or `no-signature`. */
  | {
      readonly type: 'sign'
      /** DER: of several certificates of ours, the one that the peer is shown. */
      readonly certificate: Uint8Array
      readonly scheme: SignatureScheme
      readonly parts: readonly Uint8Array[]
    }
  /** How many packets the session's Child SAs have received so far; answered at once by `traffic`. */
  | { readonly type: 'traffic' }

/** What a peer shows of the software that it is. */
export interface ClientTraits {
  /** `Windows`, `strongSwan`, … where a vendor id or Microsoft's attributes tell; else empty. */
  readonly software: string
  readonly vendorIds: readonly Uint8Array[]
}
