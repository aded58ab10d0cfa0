import type { KeyId } from './data-channel.ts'
import type { PendingMessage } from './options/pending-message.ts'
import type { SessionId, TlsId } from './output.ts'
import type { Path } from './path.ts'
import type { AuthToken, PushOptions } from './push-options.ts'

/** What the gateway tells or answers. Commands about a session or TLS id that is gone do nothing. */
export type OpenVpnCommand =
  /**
   * Client: connect to the server over this path. `credentials`: for this session, in place of the engine's
   * own and of a token that was kept from an earlier session (the answer to a challenge, say).
   */
  | { readonly type: 'connect'; readonly path: Path; readonly credentials?: Credentials }
  /** TLS records to send to the peer. */
  | { readonly type: 'tls-output'; readonly tls: TlsId; readonly bytes: Uint8Array }
  /** The handshake has ended well. */
  | { readonly type: 'tls-established'; readonly tls: TlsId; readonly established: TlsEstablished }
  /** Decrypted bytes from the peer. */
  | { readonly type: 'tls-plaintext'; readonly tls: TlsId; readonly bytes: Uint8Array }
  /** The handshake or the connection failed; `reason` for the log. */
  | { readonly type: 'tls-failed'; readonly tls: TlsId; readonly reason: string }
  | { readonly type: 'reply'; readonly id: number; readonly reply: OpenVpnReply }
  /** End a session and tell the peer why, as its protocol version allows. */
  | {
      readonly type: 'disconnect'
      readonly session: SessionId
      /** `halt`: do not come back. `restart`: come back (draining). `auth-failed`: credentials were withdrawn. */
      readonly manner: 'halt' | 'restart' | 'auth-failed'
      readonly reason: string
    }
  /** Negotiate a new key now. */
  | { readonly type: 'renegotiate'; readonly session: SessionId }
  /**
   * Client: what the user answers to the `challenge-text` that the server sent last; without one it does
   * nothing. Errors: `OpenVpnError` when it is longer than 512 bytes.
   */
  | { readonly type: 'answer-challenge'; readonly session: SessionId; readonly text: string }
  /** The datapath: an authentic payload that is no IP packet. */
  | { readonly type: 'inband'; readonly session: SessionId; readonly payload: Uint8Array }
  /** The datapath: nothing authentic within the idle time. */
  | { readonly type: 'idle'; readonly session: SessionId }
  /** The datapath: this key has passed its soft limit. */
  | { readonly type: 'soft-limit'; readonly session: SessionId; readonly keyId: KeyId }
  /** The datapath: the peer's authentic packets now come by this path. */
  | { readonly type: 'moved'; readonly session: SessionId; readonly path: Path }
  /** The connection under a stream path has ended. */
  | { readonly type: 'stream-closed'; readonly stream: number }

/** What TLS agreed. */
export interface TlsEstablished {
  /** `TLSv1.2` or `TLSv1.3`. */
  readonly version: string
  /** The suite's standard (IANA) name. */
  readonly cipher: string
  /** DER, leaf first, as sent. */
  readonly peerChain: readonly Uint8Array[]
  /** RFC 5705 export with label `EXPORTER-OpenVPN-datakeys`, no context, 256 bytes. */
  readonly dataKeyExport: Uint8Array
  /** The same with label `EXPORTER-OpenVPN-dynamic-tls-crypt`, 256 bytes. */
  readonly dynamicTlsCryptExport: Uint8Array
}

/** User name and password. Never logged. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

export type OpenVpnReply =
  /**
   * Server: let the client in with these options (the engine adds cipher, peer-id, keepalive, exit notices
   * and protocol flags). `authToken`: what the client is to send as its password from now on; at a
   * renegotiation it replaces the token given before. Errors: `OpenVpnError` when they cannot be pushed;
   * the request stays open.
   */
  | { readonly type: 'allow'; readonly options: PushOptions; readonly authToken?: AuthToken }
  /** Server: the decision takes longer; the request stays open for another reply. */
  | PendingReply
  /**
   * Server: AUTH_FAILED. `reason` is shown to the user; `temporary` asks the client to try again. A reason
   * by `formatDynamicChallenge` asks for a further answer, and is never temporary.
   */
  | { readonly type: 'deny'; readonly reason: string; readonly temporary: boolean }
  /** Client: the server is trusted; go on. */
  | { readonly type: 'trust' }
  /** Client: it is not; end. */
  | { readonly type: 'distrust'; readonly reason: string }
  /** Client: interface and routes are in place. */
  | { readonly type: 'configured' }

/**
 * Puts the decision about a client off and tells it so (AUTH_PENDING, INFO_PRE): its user signs in
 * elsewhere, or answers a question. Such an answer comes as the output `challenge-response`. When the time
 * passes without a decision, the client is refused. A renegotiation may be put off, but without a message:
 * it must not ask the user. Errors: `OpenVpnError` when the message cannot be sent, the time is no positive
 * number, or the decision has been put off 16 times; the request stays open as it was.
 */
export interface PendingReply {
  readonly type: 'pending'
  /** From now. All together the decision is put off for at most 10 minutes. */
  readonly timeoutSeconds: number
  /** Only what the client can show: see `pendingMethods`. */
  readonly message?: PendingMessage
}
