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
  /** The client's name: a checked one, it becomes a file name. */
  readonly clientName: string
  readonly certificateDer: Uint8Array
  /** `authority` as DER. */
  readonly authorityDer: Uint8Array
  /** Common name of what issued the gateway's certificate. */
  readonly issuerName: string
  /** Whether the gateway's certificate is of its own authority, which publishes no revocation lists. */
  readonly isOwnCertificate: boolean
  /** The root of the client's certificate, which need not be that of the gateway's. */
  readonly clientAuthorityDer: Uint8Array
  /** Apple's word for the client's key. */
  readonly clientKeyType: 'RSA' | 'ECDSA256' | 'ECDSA384' | 'ECDSA521'
  /** Key and certificate, under `password`. */
  readonly pkcs12: Uint8Array
  readonly password: string
}
