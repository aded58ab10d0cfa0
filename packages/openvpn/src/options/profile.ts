import type { CompressionFraming, DataDigest } from '../data-channel.ts'
import type { TlsCryptV2ClientKey } from '../wrap/client-key.ts'
import type { KeyDirection } from '../wrap/static-key.ts'

/** A client profile (`.ovpn`), as far as Causeway's client role acts on it. */
export interface ClientProfile {
  /** In the order to be tried. At least one. */
  readonly remotes: readonly ProfileRemote[]
  /** `verify-x509-name`. */
  readonly serverName?: ServerName
  /** `remote-cert-tls server`: the server's certificate must be one for servers. */
  readonly requireServerUsage: boolean
  /** HMAC of tls-auth and of CBC ciphers. OpenVPN's default is SHA1. */
  readonly auth: DataDigest
  /** `cipher`: for servers that negotiate none, and for the options string. */
  readonly cipher?: string
  /** `data-ciphers`, in order; empty: the client's own. */
  readonly dataCiphers: readonly string[]
  /** PEM, one certificate or more. */
  readonly ca?: string
  /** PEM, leaf first. */
  readonly certificate?: string
  /** PEM. */
  readonly privateKey?: string
  readonly wrap: ProfileWrap
  /** `auth-user-pass`: the user is asked, unless the profile has the answer. */
  readonly authUserPass?: { readonly username?: string; readonly password?: string }
  readonly tlsVersionMin?: '1.2' | '1.3'
  /** Framing of a profile with `comp-lzo` or `compress`. */
  readonly compression: CompressionFraming
  readonly pingSeconds?: number
  readonly pingRestartSeconds?: number
  /** `reneg-sec`; 0: never. */
  readonly renegotiateSeconds?: number
  readonly tunMtu?: number
}

/** One server address of a profile. */
export interface ProfileRemote {
  /** A host name or an IP address. */
  readonly host: string
  readonly port: number
  readonly transport: 'udp' | 'tcp'
  /** `udp4`, `tcp6` and the like. */
  readonly family?: 4 | 6
}

/** What the server's certificate must say. */
export interface ServerName {
  readonly name: string
  /** `name`: the whole common name. `name-prefix`: its beginning. `subject`: the whole subject. */
  readonly match: 'name' | 'name-prefix' | 'subject'
}

/** The wrap of a profile, with its key. */
export type ProfileWrap =
  | { readonly type: 'none' }
  | { readonly type: 'tls-auth'; readonly staticKey: Uint8Array; readonly direction: KeyDirection }
  | { readonly type: 'tls-crypt'; readonly staticKey: Uint8Array }
  | { readonly type: 'tls-crypt-v2'; readonly key: TlsCryptV2ClientKey }

/** Why a profile could not be read. */
export interface ProfileFault {
  readonly type: 'profile-fault'
  /** Counted from 1. */
  readonly line: number
  /** One sentence for the user. Shows no secret. */
  readonly reason: string
}

/** A directive that the client role does nothing about, though the profile asks for it. */
export interface ProfileNotice {
  readonly line: number
  readonly directive: string
  /** `unknown`: Causeway does not have it. `file`: it names a file, and only inline blocks are read. */
  readonly why: 'unknown' | 'file'
}

/** A profile as it was read. */
export interface ParsedProfile {
  readonly type: 'profile'
  readonly profile: ClientProfile
  /** For the user to see: nothing is passed over in silence. */
  readonly notices: readonly ProfileNotice[]
}

/** OpenVPN's port. */
export const DEFAULT_PORT = 1194
