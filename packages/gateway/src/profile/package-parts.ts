import type { ProfileParts } from './openvpn/client-profile.ts'

/** A file of a profile package. */
export interface PackageFile {
  /** Relative to the package. */
  readonly path: string
  readonly content: string | Uint8Array
  /** Whether it is a program. Default false. */
  readonly executable?: boolean
}

/** What a package is made of: the parts of a profile, and the certificates as DER. */
export interface PackageParts extends ProfileParts {
  /**
   * The client's name: a checked one, it becomes a file name, and is the user's where a password is asked for. Absent:
   * the package is for everybody, and its users fill in who they are.
   */
  readonly clientName?: string
  /** `authority` as DER. */
  readonly authorityDer: Uint8Array
  /** Common name of what issued the gateway's certificate. */
  readonly issuerName: string
  /** Whether the gateway's certificate is of its own authority, which publishes no revocation lists. */
  readonly isOwnCertificate: boolean
  /** Absent where no tunnel type takes certificates of the gateway's roots, and where users have their own. */
  readonly certificate?: ClientCertificate
  /** DER: roots of the users' certificates. */
  readonly clientRoots: readonly Uint8Array[]
  /** DER: root of the RADIUS server, where native clients do EAP-TLS with that. Absent: they give it a password. */
  readonly radiusRoot?: Uint8Array
}

/** How profiles are called. */
export function profileName({ clientName }: PackageParts): string {
  return clientName ?? 'causeway'
}

/** How the files of the user's certificate and key are called, whoever puts them there. */
export function credentialName({ clientName }: PackageParts): string {
  return clientName ?? 'client'
}

/** The certificate that a package brings, in the forms that its readers want. */
export interface ClientCertificate {
  readonly pem: string
  readonly der: Uint8Array
  /** PKCS#8 PEM. */
  readonly privateKey: string
  /** The root of the certificate, which need not be that of the gateway's. */
  readonly authorityDer: Uint8Array
  /** Apple's word for the key. */
  readonly keyType: 'RSA' | 'ECDSA256' | 'ECDSA384' | 'ECDSA521'
  /** Key and certificate, under `password`. */
  readonly pkcs12: Uint8Array
  readonly password: string
}
