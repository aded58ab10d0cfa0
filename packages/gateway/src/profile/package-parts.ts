import type { ProfileParts } from './openvpn/client-profile.ts'

/** A file of a profile package. */
export interface PackageFile {
  /** Relative to the package. */
  readonly path: string
  readonly content: string | Uint8Array
}

/** What a package is made of: the parts of a profile, and the certificates as DER. */
export interface PackageParts extends ProfileParts {
  /** The client's name: a checked one, it becomes a file name. */
  readonly clientName: string
  readonly certificateDer: Uint8Array
  readonly authorityDer: Uint8Array
  /** Common name of the authority. */
  readonly authorityName: string
  /** Apple's word for the client's key. */
  readonly clientKeyType: 'RSA' | 'ECDSA256' | 'ECDSA384' | 'ECDSA521'
  /** Key and certificate, under `password`. */
  readonly pkcs12: Uint8Array
  readonly password: string
}
