import type { PppAuthentication, PppEvent, PppRequest } from '@causeway/ppp'
import type { CallId } from './sstp-command.ts'

/** What leaves the engine, in order. */
export type SstpOutput =
  /** One SSTP packet, header included. */
  | { readonly type: 'send'; readonly call: CallId; readonly packet: Uint8Array }
  /** The call is over: the connection is closed once what was sent is written. */
  | { readonly type: 'close-connection'; readonly call: CallId }
  | { readonly type: 'eap-start'; readonly call: CallId }
  | { readonly type: 'eap-packet'; readonly call: CallId; readonly packet: Uint8Array }
  | { readonly type: 'eap-close'; readonly call: CallId }
  | { readonly type: 'request'; readonly id: number; readonly call: CallId; readonly request: PppRequest }
  /**
   * User data may pass from now on: authentication has ended, the crypto binding holds (a server verified it)
   * and a network protocol is open. Once for each call, before the event of that network protocol.
   */
  | { readonly type: 'open-flow'; readonly call: CallId; readonly terms: SstpFlowTerms }
  | { readonly type: 'close-flow'; readonly call: CallId }
  | { readonly type: 'event'; readonly call: CallId; readonly event: SstpEvent }

/** How data is framed to the peer. */
export interface SstpFlowTerms {
  /** Largest inner packet to send: the smaller of our tunnel MTU and the peer's MRU. */
  readonly mtu: number
  readonly compressProtocol: boolean
  readonly compressAddressControl: boolean
}

export type SstpEvent =
  /** The crypto binding of a call holds (server), or was sent (client). */
  | {
      readonly type: 'bound'
      readonly hash: 'SHA1' | 'SHA256'
      /** Whether the authentication gave keys; without, the binding proves only the certificate's hash. */
      readonly keyed: boolean
      readonly authentication: PppAuthentication
    }
  | Extract<PppEvent, { readonly type: 'authenticated' | 'ipv4-opened' | 'ipv6-opened' | 'identification' }>
  | { readonly type: 'dropped'; readonly reason: string; readonly count: number }
  /** The end, once; `close-connection` follows unless the connection is gone. */
  | {
      readonly type: 'closed'
      readonly reason: string
      readonly byPeer: boolean
      /** The peer was refused before its call was established: authentication, addresses, binding, protocol. */
      readonly refused: boolean
    }
