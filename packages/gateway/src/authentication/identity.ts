import type { Endpoint, IpAddress } from '@causeway/wire'
import type { GroupMember } from '../configuration.ts'

/** Who a user is, as an authentication method found out. */
export interface Identity {
  /** The name that sessions and logs show. */
  readonly user: string
  /** What the method knows the user by, where names may change or be chosen: an object id. Absent: by the name. */
  readonly subject?: string
  /** How it was proven: for a certificate its subject and thumbprint. */
  readonly description: string
  /** SHA-1 thumbprint of the certificate, where one was the proof. */
  readonly thumbprint: string | undefined
  /** By what policy groups know the user. Absent: by nothing. */
  readonly memberships?: readonly GroupMember[]
  /** Of the token that was the proof. */
  readonly token?: TokenOrigin
}

/** By whom and for whom a token was issued. */
export interface TokenOrigin {
  readonly issuer: string
  readonly tenant: string | undefined
  readonly audiences: readonly string[]
}

/**
 * A sign-in that can be asked about again without the user. Who holds the session asks as often as it is to be, and
 * says when it has ended.
 */
export interface SessionWatch {
  readonly everySeconds: number
  /** Whether the user may still be connected. `unknown`: it could not be found out. */
  ask(): Promise<WatchVerdict>
  /** Unix seconds until which the session may go on while nothing can be found out. Later after each `allow`. */
  readonly goodUntil: number
  /** Forgets what it asks with. */
  drop(): void
}

export type WatchVerdict =
  | { readonly type: 'allow' }
  | Extract<Verdict, { readonly type: 'deny' }>
  | { readonly type: 'unknown'; readonly reason: string }

/** What a method allows a session, beside letting it in. Absent: as the gateway has it for all. */
export interface SessionTerms {
  /** Unix seconds at which it ends. */
  readonly endsAt?: number
  /** It ends after so long without a packet. */
  readonly idleSeconds?: number
  /** The inner addresses that it is to have, where they are free. */
  readonly ipv4?: IpAddress
  readonly ipv6?: IpAddress
  /** The policy group that it belongs to, whatever its user's memberships say, where there is a group of this name. */
  readonly groupName?: string
  /** The user signed in elsewhere: what its client brought as a password, if anything, proves nothing. */
  readonly broughtNothing?: boolean
  /** By what it is asked again whether its user may still be connected. */
  readonly watch?: SessionWatch
  /** What RADIUS wants to read again in the accounting of the session. */
  readonly accounting?: AccountingTerms
}

export interface AccountingTerms {
  /** Whom the server let in, in its words. */
  readonly userName: string
  /** Each Class of its accept, as it came. */
  readonly classes: readonly Uint8Array[]
  /** How often it wants a record. Absent: as the configuration says. */
  readonly interimSeconds?: number
}

/** The names of the methods. */
export type MethodName = 'certificate' | 'radius' | 'entra'

/** The tunnel types of a gateway. */
export type TunnelType = 'OpenVPN' | 'IkeV2' | 'SSTP'

/** Where a peer is, and what of ours it has reached. */
export interface PeerPlace {
  readonly tunnel: TunnelType
  /** Where the peer is, as we see it. */
  readonly remote?: Endpoint
  /** Our own address that it wrote to. */
  readonly local?: IpAddress
  /** The id that its session has, or would have. */
  readonly session?: string
}

/** What a peer brought to prove who it is. Nothing in it has been judged. */
export interface Credentials extends PeerPlace {
  /** DER, leaf first. Empty when there was none. */
  readonly peerChain: readonly Uint8Array[]
  readonly username: string | undefined
  /** May be an access token. Never logged. */
  readonly password: string | undefined
  /** Of a session that was let in: the method that did, and that judges it again. */
  readonly provenBy?: MethodName
  /** The way to the user while a method judges. Absent: there is none. */
  readonly browser?: BrowserDoor
}

/** A client that opens pages for its user while its sign-in waits (OpenVPN's IV_SSO `webauth`). */
export interface BrowserDoor {
  /**
   * Has the user's browser open a page; the client is told that it has so long. Errors: `RangeError` for a URL of
   * more than 220 characters.
   */
  open(url: string, timeoutSeconds: number): void
  /** What the client calls itself: its own word, bounded and printable. Empty: it does not say. */
  readonly program: string
  /** Aborted when the client is gone: nobody waits for the verdict any more. */
  readonly gone: AbortSignal
}

/** A method's or the whole policy's answer. */
export type Verdict =
  | {
      readonly type: 'allow'
      readonly identity: Identity
      readonly terms?: SessionTerms
      /** The method that said so; the policy fills it in. */
      readonly by?: MethodName
    }
  | {
      readonly type: 'deny'
      /** For the log: says what was wrong, for the operator. */
      readonly reason: string
      /** For the user, where the protocol can carry it. Tells a stranger nothing about the gateway. */
      readonly userReason: string
      /** Worth trying again later. */
      readonly temporary: boolean
      /** It says nothing of what was brought, as when more is asked for: it is not held against the peer. */
      readonly undecided?: true
      /**
       * Where it was not for what was brought. `back-off`: the peer has failed too often; `full`: no room or no
       * address; `devices`: the user has as many sessions as it may have.
       */
      readonly because?: 'back-off' | 'full' | 'devices'
      /** The method that said so; the policy fills it in. */
      readonly by?: MethodName
    }

/** One way to prove an identity. */
export interface AuthenticationMethod {
  readonly name: MethodName
  /** Tunnel types for which it may be used. */
  readonly tunnels: ReadonlySet<TunnelType>
  /** What it judges the client did not bring: nothing here can be guessed, and nobody has to wait. Absent: `false`. */
  readonly asksElsewhere?: boolean
  /** Whether the credentials are of this method's kind. */
  accepts(credentials: Credentials): boolean
  /** Judges them. May ask outside, and the user. */
  authenticate(credentials: Credentials): Verdict | Promise<Verdict>
  /**
   * Judges an established session again, from what it brought then: after a change of configuration
   * and when keys are renegotiated. Asks nobody.
   */
  recheck(credentials: Credentials, identity: Identity): Verdict
}
