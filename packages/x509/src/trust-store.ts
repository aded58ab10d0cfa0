import { X509Error } from './errors.ts'
import { limits } from './limits.ts'
import { type NativeTrustStore, native } from './native.ts'
import type { InvalidChain, Validation } from './validation.ts'

/**
 * When a CRL is consulted: `none` never; `available` for every certificate whose issuer has a CRL in the
 * store; `leaf` and `all` demand one for the leaf or for each certificate of the chain.
 * A CRL that is consulted and is out of date or wrongly signed refuses the chain (`crl-missing`).
 */
export type CrlCheck = 'none' | 'available' | 'leaf' | 'all'

/** What is trusted. All certificates and CRLs in DER; {@link readCertificates} makes DER of other forms. */
export interface TrustStoreOptions {
  /** Trust anchors. None at all is allowed: then every chain is refused. */
  readonly roots: readonly Uint8Array[]
  /** Uploaded authorities: used to complete a chain, never trusted by themselves. */
  readonly intermediates?: readonly Uint8Array[]
  readonly crls?: readonly Uint8Array[]
  /** Accept an anchor that is not self-signed: an intermediate, or the leaf itself. Default false. */
  readonly partialChain?: boolean
  /**
   * OpenSSL's X509_V_FLAG_X509_STRICT. Default false: it refuses roots without basicConstraints, which is
   * what the usual `New-SelfSignedCertificate` recipe for point-to-site makes, and leaves without key
   * identifiers. What it would add for authorities below the anchor (basicConstraints must be there) and
   * for curves is checked without it.
   */
  readonly strict?: boolean
}

/** One chain to validate. */
export interface VerifyRequest {
  /** The peer's certificate, DER. */
  readonly leaf: Uint8Array
  /** What the peer sent along, in any order, DER. */
  readonly intermediates?: readonly Uint8Array[]
  /** Unix seconds. */
  readonly time: number
  /** What the peer is: `client` needs clientAuth, `server` needs serverAuth; with `any` the caller judges its usages. */
  readonly purpose: 'client' | 'server' | 'any'
  /** Default `available`. */
  readonly crlCheck?: CrlCheck
  /**
   * Refuse a leaf without any extended key usage, which RFC 5280 §4.2.1.12 would allow for every purpose.
   * Default true for `client`, false for `server`.
   */
  readonly requireExtendedKeyUsage?: boolean
}

/** Anchors and CRLs parsed once. It never changes: new roots make a new store, and sessions keep running. */
export interface TrustStore {
  /**
   * Validates by OpenSSL's X509_verify_cert (RFC 5280 §6) at security level 2, then checks every key of
   * the chain. Whatever the peer's bytes are, the answer is a value.
   *
   * Errors: `ERR_X509_ARGUMENT` when `time` is not a whole number of seconds.
   */
  verify(request: VerifyRequest): Validation
}

/**
 * Parses the trust anchors.
 *
 * Errors: `ERR_X509_MALFORMED` naming the element that cannot be read, `ERR_X509_TOO_MANY`,
 * `ERR_X509_TOO_LARGE`.
 */
export function createTrustStore(options: TrustStoreOptions): TrustStore {
  const { roots, intermediates = [], crls = [], partialChain = false, strict = false } = options
  checkList('root', roots, limits.storeCertificates, limits.certificateBytes)
  checkList('intermediate', intermediates, limits.storeCertificates, limits.certificateBytes)
  checkList('CRL', crls, limits.storeCrls, limits.crlBytes)
  let store: NativeTrustStore
  try {
    store = new native.TrustStore(roots, intermediates, crls, partialChain, strict, limits.chainIntermediates)
  } catch (cause) {
    const which = cause instanceof Error ? cause.message : 'an element'
    throw new X509Error('ERR_X509_MALFORMED', `${which} cannot be read: it must be exactly one in DER`, {
      cause,
    })
  }
  return { verify: request => verify(store, request) }
}

const crlChecks = { none: 0, available: 1, leaf: 2, all: 3 } as const satisfies Record<CrlCheck, number>

function verify(store: NativeTrustStore, request: VerifyRequest): Validation {
  const { leaf, intermediates = [], time, purpose, crlCheck = 'available' } = request
  if (!Number.isSafeInteger(time)) {
    throw new X509Error('ERR_X509_ARGUMENT', `time must be whole unix seconds, not ${time}`)
  }
  const refusal = refusalBeforeParsing([leaf, ...intermediates])
  if (refusal !== undefined) return refusal
  const isClient = purpose === 'any' ? undefined : purpose === 'client'
  const requireUsage = request.requireExtendedKeyUsage ?? purpose === 'client'
  return store.verify(leaf, intermediates, time, isClient, crlChecks[crlCheck], requireUsage)
}

function refusalBeforeParsing(certificates: readonly Uint8Array[]): InvalidChain | undefined {
  if (certificates.length > limits.peerCertificates) {
    const detail = `the peer sent ${certificates.length} certificates, ${limits.peerCertificates} are allowed`
    return { valid: false, reason: 'chain-too-long', detail, depth: limits.peerCertificates }
  }
  const depth = certificates.findIndex(der => der.length > limits.certificateBytes)
  if (depth < 0) return undefined
  const detail = `the certificate is larger than ${limits.certificateBytes} bytes`
  return { valid: false, reason: 'malformed', detail, depth }
}

function checkList(kind: string, list: readonly Uint8Array[], maximum: number, maximumBytes: number): void {
  if (list.length > maximum) {
    throw new X509Error('ERR_X509_TOO_MANY', `${list.length} ${kind}s are too many: at most ${maximum}`)
  }
  const position = list.findIndex(der => der.length > maximumBytes)
  if (position < 0) return
  throw new X509Error('ERR_X509_TOO_LARGE', `${kind} ${position + 1} is larger than ${maximumBytes} bytes`)
}
