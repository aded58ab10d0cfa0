import { thumbprintsOf } from './description.ts'
import { X509Error } from './errors.ts'
import { limits } from './limits.ts'

/** Thumbprints of revoked certificates, as `vpnClientRevokedCertificates` lists them. */
export interface RevocationList {
  /** The listed thumbprints: 40 upper-case hex digits. */
  readonly thumbprints: ReadonlySet<string>
  /**
   * The first certificate of a chain that is listed, by its thumbprint in the list. The anchor (the last
   * of more than one) is left out: an anchor is withdrawn by removing it.
   *
   * @param chain DER, leaf first, as validation returns it. Errors: `ERR_X509_MALFORMED`.
   */
  revokedIn(chain: readonly Uint8Array[]): string | undefined
  /** Whether {@link revokedIn} finds any. */
  isRevoked(chain: readonly Uint8Array[]): boolean
}

/**
 * Makes a list of thumbprints in any form that {@link parseThumbprint} reads.
 *
 * Errors: `ERR_X509_THUMBPRINT`, `ERR_X509_TOO_MANY`.
 */
export function createRevocationList(thumbprints: readonly string[]): RevocationList {
  if (thumbprints.length > limits.thumbprints) {
    const message = `${thumbprints.length} thumbprints are too many: at most ${limits.thumbprints}`
    throw new X509Error('ERR_X509_TOO_MANY', message)
  }
  const listed = new Set(thumbprints.map(parseThumbprint))
  const revokedIn = (chain: readonly Uint8Array[]) => findListed(listed, chain)
  return { thumbprints: listed, revokedIn, isRevoked: chain => revokedIn(chain) !== undefined }
}

// The certificate dialog of Windows copies a left-to-right mark in front of the digits.
const separators = /[\s:\u200e\u200f\u202a-\u202e\ufeff]+/g
const longestThumbprint = 200

/**
 * Reads a SHA-1 thumbprint in any case, with or without spaces and colons: 40 upper-case hex digits.
 *
 * Errors: `ERR_X509_THUMBPRINT`.
 */
export function parseThumbprint(text: string): string {
  const digits = text.slice(0, longestThumbprint).replace(separators, '').toUpperCase()
  if (text.length <= longestThumbprint && /^[0-9A-F]{40}$/.test(digits)) return digits
  const hint = /^[0-9A-F]{64}$/.test(digits) ? ' (this one looks like SHA-256)' : ''
  throw new X509Error(
    'ERR_X509_THUMBPRINT',
    `a thumbprint is the SHA-1 of the certificate: 40 hex digits${hint}`,
  )
}

function findListed(listed: ReadonlySet<string>, chain: readonly Uint8Array[]): string | undefined {
  if (listed.size === 0) return undefined
  const belowAnchor = chain.length > 1 ? chain.slice(0, -1) : chain
  for (const der of belowAnchor) {
    const found = thumbprintsOf(der).find(thumbprint => listed.has(thumbprint))
    if (found !== undefined) return found
  }
  return undefined
}
