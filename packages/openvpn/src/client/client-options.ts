import type { CryptoPort } from '@causeway/crypto'
import type { Credentials } from '../command.ts'
import type { DataCipher, DataDigest } from '../data-channel.ts'
import type { ControlWrap } from '../wrap/control-wrap.ts'

/** What a client says of itself with its key, in the words of another client. */
export interface ClientAnnouncement {
  /** The whole peer-info, sent as it is. */
  readonly peerInfo: string
  /** The whole options string (OCC), sent as it is. */
  readonly options: string
}

/** How a client engine is made. It can hold any number of sessions, one for each `connect`. */
export interface OpenVpnClientOptions {
  readonly crypto: CryptoPort
  /** Wall-clock time in seconds since 1970. Only for the packet ids of tls-auth and tls-crypt. */
  readonly unixSeconds: () => number
  /** The client's side of the control channel wrap. */
  readonly wrap: ControlWrap
  /** What is sent as user name and password, until the server gives a token. Absent: neither. */
  readonly credentials?: Credentials
  /** Offered as IV_CIPHERS, in this order. */
  readonly dataCiphers: readonly DataCipher[]
  /** HMAC of CBC ciphers. */
  readonly digest: DataDigest
  /** IV_VER. */
  readonly version: string
  /** Inner MTU, for IV_MTU and the options string. */
  readonly tunnelMtu: number
  /** Offer the epoch data format. The datapath must know it. */
  readonly epochData: boolean
  /** Further peer-info values (UV_*, IV_PLAT …; IV_SSO `webauth,crtext` when the user can be asked). */
  readonly peerInfo?: ReadonlyMap<string, string>
  /**
   * In place of the engine's own peer-info and options string. What they promise and the engine's other
   * options must fit together: `dataCiphers[0]` is what is spoken with a server that pushes no cipher.
   */
  readonly announcement?: ClientAnnouncement
  /** Client-initiated key renegotiation, less up to a tenth by chance. 0: only the server's. */
  readonly renegotiationSeconds: number
  /** From the first packet to the pushed options. Default 60,000. */
  readonly connectMs?: number
}
