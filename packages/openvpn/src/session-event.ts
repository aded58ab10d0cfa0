import type { DynamicChallenge } from './options/challenge.ts'
import type { PendingMessage } from './options/pending-message.ts'

/** What a session list or a log wants to know. Carries no password, key or token. */
export type SessionEvent =
  /** First key in use: traffic may flow. */
  | {
      readonly type: 'established'
      readonly cipher: string
      readonly tlsVersion: string
      readonly tlsCipher: string
      readonly wrap: 'none' | 'tls-auth' | 'tls-crypt' | 'tls-crypt-v2'
      readonly clientVersion: string
    }
  | { readonly type: 'renegotiated'; readonly keyId: number }
  | { readonly type: 'moved' }
  /** The peer was refused before it was established; `reason` in one sentence. */
  | { readonly type: 'refused'; readonly reason: string }
  /** An established session ended. */
  | { readonly type: 'closed'; readonly reason: string; readonly byPeer: boolean }
  /** Client: the server needs time to decide. `undefined`: it did not say how much. */
  | { readonly type: 'pending'; readonly timeoutSeconds: number | undefined }
  /**
   * Client: what the user is to do meanwhile; for the user, not for a log. A `challenge-text` that wants a
   * response is answered by the command `answer-challenge`.
   */
  | { readonly type: 'pending-message'; readonly message: PendingMessage }
  /**
   * Client: the server refuses with a question. To answer it, connect again with its user name and
   * `formatChallengeAnswer` as password. `refused` or `closed` follows.
   */
  | { readonly type: 'challenge'; readonly challenge: DynamicChallenge }
  /** Packets dropped and why, counted; at most one event a second and reason. */
  | { readonly type: 'dropped'; readonly reason: string; readonly count: number }
