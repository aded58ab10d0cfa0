import type { Mschapv2Keys } from '../mschapv2-msk.ts'
import type { TlsAlert } from '../tls/tls-alert.ts'

/** What the outside answers an authenticator. */
export type EapAuthenticatorReply =
  /** To `authenticate`: the chain is valid and its owner may come in. */
  | { readonly type: 'allow' }
  /** To `mschapv2`: the password is proven. */
  | {
      readonly type: 'allow-mschapv2'
      /** `S=` and 40 hexadecimal digits (RFC 2759 §5). */
      readonly authenticatorResponse: string
      readonly keys: Mschapv2Keys
    }
  /** To `forward`: the other authenticator's EAP-Request, which goes to the peer as it is. */
  | { readonly type: 'forwarded'; readonly packet: Uint8Array }
  /** To `forward`: it has let the peer in. */
  | {
      readonly type: 'accept'
      /** 64 bytes: of RADIUS, MS-MPPE-Recv-Key and MS-MPPE-Send-Key (RFC 2548 §2.4), joined. */
      readonly msk: Uint8Array | undefined
    }
  /** To each. */
  | {
      readonly type: 'deny'
      /** For the log; the peer is not told. */
      readonly reason: string
      /** EAP-TLS with TLS 1.2: what the peer is told. Absent: access-denied. */
      readonly alert?: TlsAlert
      /** MSCHAPv2: the E field (RFC 2759 §6). Absent: 691, authentication failure. */
      readonly mschapv2Error?: number
    }
