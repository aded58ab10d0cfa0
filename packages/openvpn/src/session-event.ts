/** What a session list or a log wants to know. Carries no secret. */
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
  /** Packets dropped and why, counted; at most one event a second and reason. */
  | { readonly type: 'dropped'; readonly reason: string; readonly count: number }
