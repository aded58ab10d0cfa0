import type { IpAddress } from '@causeway/wire'
import type { PppAuthentication, PppKeys } from './authentication.ts'

/** What leaves a link, in order. */
export type PppOutput =
  /** One frame: address and control unless compressed, protocol, information. No HDLC flags, no FCS. */
  | { readonly type: 'send'; readonly frame: Uint8Array }
  /** EAP was agreed on. A server's outside begins the conversation by an `eap-packet` command. */
  | { readonly type: 'eap-start' }
  /** An EAP packet from the peer. */
  | { readonly type: 'eap-packet'; readonly packet: Uint8Array }
  /** The conversation is needed no more. */
  | { readonly type: 'eap-close' }
  | { readonly type: 'request'; readonly id: number; readonly request: PppRequest }
  | { readonly type: 'event'; readonly event: PppEvent }

/** What the outside decides. */
export type PppRequest =
  /** Server. Reply: allow or deny. Bytes as the peer wrote them. */
  | { readonly type: 'pap'; readonly username: Uint8Array; readonly password: Uint8Array }
  /** Server: does this response prove the password (RFC 2759)? Reply: allow or deny. */
  | {
      readonly type: 'chap-mschapv2'
      /** As the peer wrote it, with its domain. */
      readonly username: Uint8Array
      readonly identifier: number
      /** 16, 16 and 24 bytes. */
      readonly authenticatorChallenge: Uint8Array
      readonly peerChallenge: Uint8Array
      readonly ntResponse: Uint8Array
    }
  /** Server, once the peer is authenticated: its addresses. Reply: network or deny. */
  | { readonly type: 'network' }
  /** Client. Reply: pap-credentials or deny. */
  | { readonly type: 'pap-credentials' }
  /** Client. Reply: mschapv2-response or deny. */
  | { readonly type: 'mschapv2-response'; readonly identifier: number; readonly challenge: Uint8Array }
  /** Client: does this prove that the server knows the password? Reply: trusted or deny. */
  | { readonly type: 'mschapv2-success'; readonly authenticatorResponse: string }

/** What has happened to a link. */
export type PppEvent =
  /** LCP is open. Again where the peer has negotiated anew before authentication, which then begins anew. */
  | {
      readonly type: 'link-opened'
      /** Largest information field to send: the peer's MRU. */
      readonly peerMru: number
      /** What frames to the peer may leave out (RFC 1661 §6.5, 6.6). */
      readonly compressProtocol: boolean
      readonly compressAddressControl: boolean
      readonly authentication: PppAuthentication
    }
  /** At a server: the peer has proven who it is. At a client: the server says so. */
  | {
      readonly type: 'authenticated'
      readonly method: PppAuthentication
      readonly keys: PppKeys | undefined
    }
  /** A network protocol is open, each family at most once; addresses from our side. */
  | {
      readonly type: 'ipv4-opened'
      readonly local: IpAddress
      readonly peer: IpAddress
      /** A client's. */
      readonly dnsServers: readonly IpAddress[]
    }
  | { readonly type: 'ipv6-opened'; readonly local: Uint8Array; readonly peer: Uint8Array }
  /** The peer has closed one network protocol, or LCP under it; with the last one the link closes. */
  | { readonly type: 'ipv4-closed' }
  | { readonly type: 'ipv6-closed' }
  /** LCP Identification (RFC 1570 §2.1): what the peer calls its software, printable. */
  | { readonly type: 'identification'; readonly text: string }
  /** A frame that was not for this state, malformed or too much; for counting. */
  | { readonly type: 'dropped'; readonly reason: string }
  /** The end. Once; nothing follows it. */
  | {
      readonly type: 'closed'
      readonly reason: string
      readonly byPeer: boolean
      /** Whether the peer was refused: authentication or addresses. */
      readonly refused: boolean
    }
