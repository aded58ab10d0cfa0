import type { IpAddress } from '@causeway/wire'
import type { PppKeys } from './authentication.ts'

/** What the outside tells a link. */
export type PppCommand =
  /** The lower layer is up: negotiation begins. */
  | { readonly type: 'open' }
  /** The lower layer is gone: nothing can be sent any more. */
  | { readonly type: 'down'; readonly reason: string }
  /** Ends the link: the peer gets a Terminate-Request and `closed` follows its answer, or three tries. */
  | { readonly type: 'close'; readonly reason: string }
  /** EAP, whose method is spoken outside. An EAP packet to send. */
  | { readonly type: 'eap-packet'; readonly packet: Uint8Array }
  /** The method has ended well. A server sends `packet`, EAP-Success, and goes on; a client had it from `eap-packet`. */
  | { readonly type: 'eap-success'; readonly packet?: Uint8Array; readonly keys: PppKeys | undefined }
  /** The method has failed. A server sends `packet` if there is one, and the link closes with this reason. */
  | { readonly type: 'eap-failure'; readonly packet?: Uint8Array; readonly reason: string }
  | { readonly type: 'reply'; readonly id: number; readonly reply: PppReply }

/** Answers to requests; to each its own, or `deny`. */
export type PppReply =
  /** To `pap` and `chap-mschapv2` of a server. MS-CHAPv2 needs the authenticator response, `S=` and 40 hexadecimal digits. */
  | {
      readonly type: 'allow'
      readonly authenticatorResponse?: string
      readonly keys: PppKeys | undefined
    }
  /** To `network` of a server. */
  | { readonly type: 'network'; readonly network: PppNetwork }
  /** To `pap-credentials` of a client. */
  | { readonly type: 'pap-credentials'; readonly username: Uint8Array; readonly password: Uint8Array }
  /** To `mschapv2-response` of a client. */
  | {
      readonly type: 'mschapv2-response'
      readonly username: Uint8Array
      /** 16 and 24 bytes. */
      readonly peerChallenge: Uint8Array
      readonly ntResponse: Uint8Array
    }
  /** To `mschapv2-success` of a client: the server has proven that it knows the password. */
  | { readonly type: 'trusted'; readonly keys: PppKeys | undefined }
  | {
      readonly type: 'deny'
      /** For the log. */
      readonly reason: string
      /** MS-CHAPv2: the E field (RFC 2759 §6). Absent: 691, authentication failure. */
      readonly mschapv2Error?: number
    }

/** What a server gives a peer. At least one family. */
export interface PppNetwork {
  readonly ipv4?: {
    readonly local: IpAddress
    readonly peer: IpAddress
    /** The first two IPv4 addresses count (RFC 1877). */
    readonly dnsServers: readonly IpAddress[]
  }
  /** Interface identifiers, 8 bytes each, not zero and different (RFC 5072). */
  readonly ipv6?: { readonly local: Uint8Array; readonly peer: Uint8Array }
}
