/** A client secret as it is kept: never its text. Times are Unix seconds. */
export interface StoredSecret {
  readonly keyId: string
  readonly displayName: string
  /** The first characters of the text, by which a person tells secrets apart. */
  readonly hint: string
  /** base64. */
  readonly salt: string
  /** scrypt of text and salt, base64. */
  readonly hash: string
  readonly startsAt: number
  readonly endsAt: number
}

/** A certificate whose private key a client signs its assertions with (RFC 7523). */
export interface StoredCertificate {
  readonly keyId: string
  readonly displayName: string
  /** Upper-case hexadecimal: what Azure shows, and `x5t` of an assertion. */
  readonly thumbprintSha1: string
  /** `x5t#S256` of an assertion. */
  readonly thumbprintSha256: string
  /** DER, base64. */
  readonly certificate: string
  readonly startsAt: number
  readonly endsAt: number
}

/** An application that signs in as itself. */
export interface ServicePrincipal {
  /** Its client id: what it signs in with. A GUID in lower case. */
  readonly appId: string
  /** What roles are assigned to. A GUID in lower case. */
  readonly objectId: string
  readonly displayName: string
  /** A disabled one gets no token, and those that it has are refused. */
  readonly isEnabled: boolean
  readonly secrets: readonly StoredSecret[]
  readonly certificates: readonly StoredCertificate[]
}

/** An identity of a resource, which gets tokens without any secret of its own. */
export interface ManagedIdentity {
  readonly clientId: string
  /** Its object id: what roles are assigned to. */
  readonly principalId: string
  /** ARM id: of the user-assigned identity, or of the resource whose own it is. */
  readonly resourceId: string
  readonly kind: 'userAssigned' | 'systemAssigned'
}

/** Where principals are looked up. Ids are compared whatever their case. */
export interface PrincipalDirectory {
  servicePrincipal(appId: string): Promise<ServicePrincipal | undefined>
  /** Whether there is an enabled service principal or a managed identity with this object id. */
  isEnabled(objectId: string): Promise<boolean>
}
