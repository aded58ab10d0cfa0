import type { Mschapv2Keys } from '../mschapv2-msk.ts'
import type { EapOutput } from '../output.ts'

/** What leaves a peer, in order. */
export type EapPeerOutput =
  | EapOutput<EapPeerRequest>
  /** The server has something to show to the user. Printable, bounded. */
  | { readonly type: 'notification'; readonly text: string }
  | EapPeerSuccess

/** The method succeeded, and the server has said so. */
export interface EapPeerSuccess {
  readonly type: 'success'
  readonly method: EapPeerMethodName
  /** 64 bytes. */
  readonly msk: Uint8Array
  /** 64 bytes; of EAP-TLS only. */
  readonly emsk?: Uint8Array
  /** EAP-TLS: the server's chain that was trusted, DER, leaf first. */
  readonly peerChain?: readonly Uint8Array[]
}

export type EapPeerMethodName = 'tls' | 'mschapv2'

/** What the outside decides for a peer. */
export type EapPeerRequest =
  /** EAP-TLS: is this server who it must be? The chain is not yet validated. Reply: trust or distrust. */
  | {
      readonly type: 'verify-server'
      /** DER, leaf first. */
      readonly peerChain: readonly Uint8Array[]
      /** `TLSv1.2` or `TLSv1.3`. */
      readonly tlsVersion: string
      /** The suite's standard (IANA) name. */
      readonly tlsCipher: string
    }
  /** Answer this challenge (RFC 2759 §8). Reply: mschapv2-response or distrust. */
  | {
      readonly type: 'mschapv2-response'
      /** What the server calls itself, printable; anyone can claim it. */
      readonly serverName: string
      /** 16 bytes. */
      readonly authenticatorChallenge: Uint8Array
    }

/** What the outside answers a peer. */
export type EapPeerReply =
  | { readonly type: 'trust' }
  /** To each: end, without a word to the server. */
  | { readonly type: 'distrust'; readonly reason: string }
  | {
      readonly type: 'mschapv2-response'
      readonly username: string
      /** 16 bytes. */
      readonly peerChallenge: Uint8Array
      /** 24 bytes. */
      readonly ntResponse: Uint8Array
      /** What a server that knows the password answers: `S=` and 40 hexadecimal digits (RFC 2759 §8.7). */
      readonly authenticatorResponse: string
      readonly keys: Mschapv2Keys
    }
