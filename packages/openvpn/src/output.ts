import type { DataKeys, KeyId } from './data-channel.ts'
import type { Path } from './path.ts'
import type { PushOptions } from './push-options.ts'
import type { SessionEvent } from './session-event.ts'

/** A session of this engine. Never used again in its life. */
export type SessionId = number
/** One TLS connection inside a session: one for each key negotiation. Never used again. */
export type TlsId = number

/** What leaves a server or client engine, in order. */
export type OpenVpnOutput =
  /** Send a control packet. */
  | { readonly type: 'send'; readonly path: Path; readonly bytes: Uint8Array }
  /** Begin a TLS handshake in the engine's role (server or client). */
  | { readonly type: 'tls-start'; readonly session: SessionId; readonly tls: TlsId }
  /** TLS records from the peer. */
  | { readonly type: 'tls-input'; readonly tls: TlsId; readonly bytes: Uint8Array }
  /** Plaintext to encrypt for the peer. */
  | { readonly type: 'tls-write'; readonly tls: TlsId; readonly bytes: Uint8Array }
  /** The TLS connection is no longer needed. */
  | { readonly type: 'tls-close'; readonly tls: TlsId }
  /** Something to be decided outside; answered by the command `reply` with this id. */
  | {
      readonly type: 'request'
      readonly id: number
      readonly session: SessionId
      readonly request: OpenVpnRequest
    }
  /**
   * Server: what the user answered to the `challenge-text` that was sent last. The request with this id is
   * open: reply with another `pending`, `allow` or `deny`. The text is secret (a one-time password, say).
   */
  | {
      readonly type: 'challenge-response'
      readonly id: number
      readonly session: SessionId
      readonly text: string
    }
  /** Open the data flow. Before any key of the session is installed. */
  | {
      readonly type: 'open-flow'
      readonly session: SessionId
      readonly path: Path
      /** 24 bits, for P_DATA_V2; absent: P_DATA_V1. */
      readonly peerId?: number
      readonly pingIntervalSeconds: number
      readonly idleTimeoutSeconds: number
    }
  | { readonly type: 'close-flow'; readonly session: SessionId }
  /** Receive with these keys from now on. */
  | { readonly type: 'install-key'; readonly session: SessionId; readonly keys: DataKeys }
  /** Send with this key from now on. */
  | { readonly type: 'select-key'; readonly session: SessionId; readonly keyId: KeyId }
  | { readonly type: 'remove-key'; readonly session: SessionId; readonly keyId: KeyId }
  /** Send a payload inside the data channel (exit notice). */
  | { readonly type: 'inband'; readonly session: SessionId; readonly payload: Uint8Array }
  /** The peer's stream must be closed (after what was sent has left). */
  | { readonly type: 'close-stream'; readonly stream: number }
  /** For the session list and the log. */
  | { readonly type: 'event'; readonly session: SessionId | undefined; readonly event: SessionEvent }

/** What the outside decides. */
export type OpenVpnRequest =
  /** Server: may this client connect, and with what? The chain is not yet validated. */
  | {
      readonly type: 'authenticate'
      readonly path: Path
      /**
       * `true`: a new key of a session whose user is known and must not be asked again. The client sends
       * the credentials of its first key; or, in place of the password, the token of an `allow`, which is
       * what to check then: a one-time password or an access token has run out long since. A client whose
       * user signed in through the browser may send no credentials at all. `false`: a new session, even
       * if it comes with a token from an earlier one.
       */
      readonly renegotiation: boolean
      /** DER, leaf first, as the peer sent it. Empty when it sent none. */
      readonly peerChain: readonly Uint8Array[]
      readonly tlsVersion: string
      readonly tlsCipher: string
      readonly username: string | undefined
      /**
       * As the client sent it, up to some 64 KB: a password, an access token, an `authToken` of ours, or the
       * answer to a challenge (`readChallengeAnswer`, `readStaticChallenge`). Never logged.
       */
      readonly password: string | undefined
      /** IV_* and UV_* values of the peer. */
      readonly peerInfo: ReadonlyMap<string, string>
      /** Metadata of the client's tls-crypt-v2 key, when it used one. */
      readonly wrapMetadata: Uint8Array | undefined
    }
  /** Client: is this server who it must be? The chain is not yet validated. */
  | { readonly type: 'verify-server'; readonly peerChain: readonly Uint8Array[] }
  /** Client: the server's pushed options; configure the interface, then reply. */
  | { readonly type: 'configure'; readonly options: PushOptions }
