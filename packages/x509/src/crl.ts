import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { authorityKeyIdentifier, dateOf, type Issuer, subjectOf } from './certificate-signing.ts'
import { X509Error } from './errors.ts'
import { importSigningKey, readKey, signingAlgorithmOf } from './key-pair.ts'

export interface CrlOptions {
  /** Hex, as `describeCertificate` gives them. */
  readonly revokedSerials: readonly string[]
  /** When this list was made; also noted as the date of each revocation. */
  readonly thisUpdate: Date | number
  /** When it stops counting: validation then refuses what it would have to look up here. */
  readonly nextUpdate: Date | number
  /** Grows with every list of this issuer (RFC 5280 §5.2.3). Default 1. */
  readonly crlNumber?: number
}

/**
 * Issues a certificate revocation list (RFC 5280 §5), in DER.
 *
 * Errors: `ERR_X509_ARGUMENT`, `ERR_X509_KEY`.
 */
export async function issueCrl(issuer: Issuer, options: CrlOptions): Promise<Uint8Array> {
  const thisUpdate = dateOf(options.thisUpdate, 'thisUpdate')
  const nextUpdate = dateOf(options.nextUpdate, 'nextUpdate')
  if (nextUpdate <= thisUpdate) {
    throw new X509Error('ERR_X509_ARGUMENT', 'nextUpdate must be later than thisUpdate')
  }
  const serials = new Set(options.revokedSerials.map(checkedSerial))
  const key = readKey(issuer.privateKey)
  const crl = await x509.X509CrlGenerator.create({
    issuer: subjectOf(issuer),
    thisUpdate,
    nextUpdate,
    entries: [...serials].map(serialNumber => entry(serialNumber, thisUpdate)),
    extensions: [await authorityKeyIdentifier(issuer), crlNumberExtension(options.crlNumber ?? 1)],
    signingKey: await importSigningKey(key),
    signingAlgorithm: signingAlgorithmOf(key),
  })
  return new Uint8Array(crl.rawData)
}

/** The reason is stated because an entry without one would be written with an empty list of extensions. */
function entry(serialNumber: string, revocationDate: Date): x509.X509CrlEntryParams {
  return { serialNumber, revocationDate, reason: x509.X509CrlReason.privilegeWithdrawn }
}

function checkedSerial(serial: string): string {
  if (/^([0-9a-f]{2}){1,20}$/i.test(serial)) return serial.toLowerCase()
  throw new X509Error('ERR_X509_ARGUMENT', `"${serial}" is not a serial number: expected up to 40 hex digits`)
}

function crlNumberExtension(value: number): x509.Extension {
  if (!Number.isInteger(value) || value < 0 || value > 0x7fffffff) {
    throw new X509Error('ERR_X509_ARGUMENT', 'crlNumber is a whole number from 0 to 2147483647')
  }
  const octets = Buffer.alloc(4)
  octets.writeUInt32BE(value)
  let start = 0
  while (start < 3 && octets[start] === 0 && (octets[start + 1] ?? 0) < 0x80) start++
  const content = octets.subarray(start)
  return new x509.Extension('2.5.29.20', false, new Uint8Array([0x02, content.length, ...content]))
}
