import { createRequire } from 'node:module'
import { X509Error } from './errors.ts'
import type { Validation } from './validation.ts'

/** What the addon knows of a certificate; see `description.ts` for the meaning of the fields. */
export interface NativeDescription {
  readonly subject: string
  readonly issuer: string
  readonly commonName?: string
  readonly serialNumber: string
  readonly notBefore: number
  readonly notAfter: number
  readonly thumbprint: string
  readonly subjectAltNames: readonly {
    readonly type: 'dns' | 'ip' | 'email' | 'uri'
    readonly value: string
  }[]
  readonly keyType: string
  readonly keyBits: number
  readonly extendedKeyUsages: readonly string[]
  readonly isCa: boolean
}

export interface NativeTrustStore {
  verify(
    leaf: Uint8Array,
    intermediates: readonly Uint8Array[],
    time: number,
    /** `undefined`: for any purpose. */
    isClient: boolean | undefined,
    crlCheck: number,
    requireExtendedKeyUsage: boolean,
  ): Validation
}

/** What stands in a certificate beyond its description. */
export interface NativePathFacts {
  /** Bits as in OpenSSL's x509v3.h; absent when the extension is. */
  readonly keyUsage?: number
  /** OpenSSL's short name, such as `SHA256`; empty for EdDSA. */
  readonly signatureDigest: string
  /** And its signature verifies. */
  readonly isSelfSigned: boolean
  readonly ocspUris: readonly string[]
  readonly crlUris: readonly string[]
}

/** Unix seconds. */
export interface NativeStatusTimes {
  readonly thisUpdate: number
  readonly nextUpdate?: number
}

export interface NativeOcspStatus extends NativeStatusTimes {
  readonly status: 'good' | 'revoked' | 'unknown'
}

export interface NativePkcs12 {
  readonly privateKey: Uint8Array
  readonly certificate: Uint8Array
  readonly chain: readonly Uint8Array[]
}

/** Why the addon could not read or write a PKCS#12 file. */
export type NativePkcs12Fault =
  | 'malformed'
  | 'no-mac'
  | 'too-many-iterations'
  | 'wrong-password'
  | 'needs-legacy-provider'
  | 'no-key'
  | 'no-certificate'
  | 'bad-key'
  | 'key-mismatch'

interface NativeAddon {
  /** Throws an error whose message names the element that cannot be read, such as `root 2`. */
  readonly TrustStore: new (
    roots: readonly Uint8Array[],
    intermediates: readonly Uint8Array[],
    crls: readonly Uint8Array[],
    partialChain: boolean,
    strict: boolean,
    maximumIntermediates: number,
  ) => NativeTrustStore
  describe(der: Uint8Array): NativeDescription | undefined
  /** Empty when the bytes are not shaped like a certificate. */
  thumbprints(der: Uint8Array): readonly string[]
  pathFacts(der: Uint8Array): NativePathFacts | undefined
  crlTimes(crl: Uint8Array): NativeStatusTimes | undefined
  /** Empty when one of the two is no certificate. */
  ocspRequest(certificate: Uint8Array, issuer: Uint8Array): Uint8Array
  /** The status that the issuer, or whom it let sign, vouches for; or why there is none. Times are not judged. */
  ocspStatus(
    response: Uint8Array,
    certificate: Uint8Array,
    issuer: Uint8Array,
    time: number,
  ): NativeOcspStatus | string
  parsePkcs12(file: Uint8Array, password: string, maximumIterations: number): NativePkcs12 | NativePkcs12Fault
  createPkcs12(
    privateKey: Uint8Array,
    certificate: Uint8Array,
    chain: readonly Uint8Array[],
    password: string,
    friendlyName: string,
    iterations: number,
  ): Uint8Array | NativePkcs12Fault
}

/** The addon. Importing this module throws `ERR_X509_ADDON` when it is not built or does not fit this Node. */
export const native: NativeAddon = loadAddon('../build/Release/causeway_x509.node')

/** @internal Loads the addon at `path`, relative to this module. Exported for its test. */
export function loadAddon(path: string): NativeAddon {
  try {
    return createRequire(import.meta.url)(path)
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND'
    if (isMissing) throw new X509Error('ERR_X509_ADDON', 'native addon not built: run `npm run build:native`')
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new X509Error('ERR_X509_ADDON', `native addon does not load: ${why}`, { cause })
  }
}
