import type { EapOutput } from '../output.ts'

/** What leaves an authenticator, in order. */
export type EapAuthenticatorOutput =
  | EapOutput<EapAuthenticatorRequest>
  /**
   * The answer is no and the peer is being told in the method's own way; `failure` follows when it
   * acknowledges. A peer may not (Windows after an MSCHAPv2 failure without retry): then the lower
   * layer's deadline ends the conversation, and this is what there is to log.
   */
  | { readonly type: 'denied'; readonly reason: string }
  | EapAuthenticatorSuccess

/** The method succeeded and the outside allowed it. The EAP-Success packet follows as a `send`. */
export interface EapAuthenticatorSuccess {
  readonly type: 'success'
  readonly method: EapAuthenticatorMethodName
  /**
   * 64 bytes. For IKEv2 the peer is authenticated only when its AUTH by this key verifies
   * (RFC 7296 §2.16). `undefined`: the authenticator behind a pass-through gave none.
   */
  readonly msk: Uint8Array | undefined
  /** 64 bytes; of EAP-TLS only. */
  readonly emsk?: Uint8Array
  /**
   * What the peer called itself in its Identity, printable; anyone can claim it. Empty when there was
   * none. Who the peer is, the outside knows from what it allowed.
   */
  readonly identity: string
  /** EAP-TLS: the peer's chain that was allowed, DER, leaf first. */
  readonly peerChain?: readonly Uint8Array[]
}

/** In the words of the options: `tls` and `mschapv2` are spoken here, `pass-through` elsewhere. */
export type EapAuthenticatorMethodName = 'tls' | 'mschapv2' | 'pass-through'

/** What the outside decides for an authenticator. */
export type EapAuthenticatorRequest =
  /** EAP-TLS: may the owner of this certificate come in? Reply: allow or deny. */
  | {
      readonly type: 'authenticate'
      readonly method: 'tls'
      /** DER, leaf first, as the peer sent it; not yet validated. Never empty. */
      readonly peerChain: readonly Uint8Array[]
      /** `TLSv1.2` or `TLSv1.3`. */
      readonly tlsVersion: string
      /** The suite's standard (IANA) name. */
      readonly tlsCipher: string
      /** As in {@link EapAuthenticatorSuccess}. */
      readonly identity: string
    }
  /** MSCHAPv2 (RFC 2759): does this response prove the password? Reply: allow-mschapv2 or deny. */
  | {
      readonly type: 'mschapv2'
      /** As the peer wrote it, with its domain (`DOMAIN\user`). Never empty, nothing unprintable. */
      readonly username: string
      /** MS-CHAPv2-ID, as RADIUS wants it in MS-CHAP2-Response. */
      readonly identifier: number
      /** 16 bytes. */
      readonly authenticatorChallenge: Uint8Array
      /** 16 bytes. */
      readonly peerChallenge: Uint8Array
      /** 24 bytes. */
      readonly ntResponse: Uint8Array
      readonly identity: string
    }
  /** Pass-through: an EAP-Response for the other authenticator. Reply: forwarded, accept or deny. */
  | { readonly type: 'forward'; readonly packet: Uint8Array; readonly identity: string }
