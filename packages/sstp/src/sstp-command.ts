import type { PppKeys, PppReply } from '@causeway/ppp'

/** A call, named by its connection. The outside never gives a number twice. */
export type CallId = number

/** Hashes of the server's certificate (DER of the leaf) that TLS of this connection used, for the crypto binding. */
export interface CertificateHashes {
  /** 20 bytes. */
  readonly sha1: Uint8Array
  /** 32 bytes. */
  readonly sha256: Uint8Array
}

/** What the outside tells the engine. */
export type SstpCommand =
  /** TLS and HTTP have opened a connection: a call begins. */
  | { readonly type: 'connection-opened'; readonly call: CallId; readonly certificate: CertificateHashes }
  /** The connection is gone. */
  | { readonly type: 'connection-closed'; readonly call: CallId; readonly reason: string }
  /** As in PPP: EAP is spoken outside. */
  | { readonly type: 'eap-packet'; readonly call: CallId; readonly packet: Uint8Array }
  | {
      readonly type: 'eap-success'
      readonly call: CallId
      readonly packet?: Uint8Array
      readonly keys: PppKeys | undefined
    }
  | {
      readonly type: 'eap-failure'
      readonly call: CallId
      readonly packet?: Uint8Array
      readonly reason: string
    }
  | { readonly type: 'reply'; readonly id: number; readonly reply: PppReply }
  /** Ends the call: PPP is terminated, then CALL_DISCONNECT is sent and its answer waited for. */
  | { readonly type: 'disconnect'; readonly call: CallId; readonly reason: string }
