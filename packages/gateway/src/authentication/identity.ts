/** Who a user is, as an authentication method found out. */
export interface Identity {
  /** The name that sessions and logs show. */
  readonly user: string
  /** How it was proven: for a certificate its subject and thumbprint. */
  readonly description: string
  /** SHA-1 thumbprint of the certificate, where one was the proof. */
  readonly thumbprint: string | undefined
}

/** The tunnel types of a gateway. */
export type TunnelType = 'OpenVPN' | 'IkeV2' | 'SSTP'

/** What a peer brought to prove who it is. Nothing in it has been judged. */
export interface Credentials {
  readonly tunnel: TunnelType
  /** DER, leaf first. Empty when there was none. */
  readonly peerChain: readonly Uint8Array[]
  readonly username: string | undefined
  /** May be an access token. Never logged. */
  readonly password: string | undefined
}

/** A method's or the whole policy's answer. */
export type Verdict =
  | { readonly type: 'allow'; readonly identity: Identity }
  | {
      readonly type: 'deny'
      /** For the log: says what was wrong, for the operator. */
      readonly reason: string
      /** For the user, where the protocol can carry it. Tells a stranger nothing about the gateway. */
      readonly userReason: string
      /** Worth trying again later. */
      readonly temporary: boolean
    }

/** One way to prove an identity: a certificate now; RADIUS and Entra ID are further ones. */
export interface AuthenticationMethod {
  readonly name: 'certificate' | 'radius' | 'entra'
  /** Tunnel types for which it may be used. */
  readonly tunnels: ReadonlySet<TunnelType>
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
