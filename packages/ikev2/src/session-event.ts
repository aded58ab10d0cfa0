import type { IpAddress, TrafficSelector } from '@causeway/wire'
import type { Identification } from './identification.ts'
import type { ChildId } from './ids.ts'
import type { Path } from './path.ts'
import type { AgreedEspSuite, IkeSuite } from './proposal/suite.ts'

/** What a session list or a log wants to know. Carries no secret. */
export type SessionEvent =
  /** The peer is authenticated; the first Child SA follows, if there is one. */
  | {
      readonly type: 'established'
      readonly suite: IkeSuite
      readonly method: 'certificate' | 'psk' | 'eap'
      readonly identification: Identification
      readonly path: Path
      readonly natDetected: { readonly local: boolean; readonly remote: boolean }
      readonly software: string
      readonly mobike: boolean
      /**
       * The peer said INITIAL_CONTACT: its other sessions are dead. The engine does not know who it is (that is
       * in its certificate or its EAP method); the gateway does, and ends them by `disconnect` with `silent`.
       */
      readonly initialContact: boolean
      readonly fragmentation: boolean
      /** The initiator's SPI of the beginning, in hex: the same at both ends, and different for any two sessions. */
      readonly order: string
      /** Of the beginning too, in hex. */
      readonly responderSpi: string
    }
  | {
      readonly type: 'child-established'
      readonly child: ChildId
      /** Of the `create-child` that it comes of. */
      readonly tag?: number
      readonly suite: AgreedEspSuite
      readonly local: readonly TrafficSelector[]
      readonly remote: readonly TrafficSelector[]
    }
  | { readonly type: 'child-rekeyed'; readonly child: ChildId; readonly byPeer: boolean }
  | {
      readonly type: 'child-closed'
      readonly child: ChildId
      readonly byPeer: boolean
      readonly reason: string
    }
  | { readonly type: 'ike-rekeyed'; readonly suite: IkeSuite; readonly byPeer: boolean }
  | { readonly type: 'moved'; readonly path: Path }
  /** MOBIKE: further addresses of the peer, all that it has (RFC 4555 §3.6). Of use with `use-path`. */
  | { readonly type: 'peer-addresses'; readonly addresses: readonly IpAddress[] }
  /**
   * Initiator: the time for a new authentication has come (by our terms, or the responder's AUTH_LIFETIME).
   * `connect` with `replaces` makes one; without it the session goes on until the responder ends it.
   */
  | { readonly type: 'reauthentication-due' }
  /** The peer was refused, or refused us, before it was established; `reason` in one sentence. */
  | { readonly type: 'refused'; readonly path: Path; readonly reason: string; readonly byPeer: boolean }
  /** A Child SA or a rekey was refused; the session goes on. */
  | {
      readonly type: 'child-refused'
      readonly reason: string
      readonly byPeer: boolean
      /** Of the `create-child` that it comes of. */
      readonly tag?: number
      /** The peer is busy (TEMPORARY_FAILURE): another try may succeed. */
      readonly temporary?: boolean
    }
  /** An established session ended. */
  | { readonly type: 'closed'; readonly reason: string; readonly byPeer: boolean }
  /** A status notification worth a log line, such as Microsoft's 12345. */
  | { readonly type: 'notified'; readonly notify: number; readonly detail: string }
  /** Packets dropped and why, counted; at most one event a second and reason. */
  | { readonly type: 'dropped'; readonly reason: string; readonly count: number }
