import { createPrivateKey } from 'node:crypto'
import { X509Error } from './errors.ts'
import { limits } from './limits.ts'
import { type NativePkcs12Fault, native } from './native.ts'
import { formatPem } from './pem.ts'

/** A private key and the certificates that go with it. */
export interface KeyBundle {
  /** PKCS#8 in PEM, not encrypted. */
  readonly privateKey: string
  /** The certificate of that key, DER. */
  readonly certificate: Uint8Array
  /** Its issuers, DER. */
  readonly chain: readonly Uint8Array[]
}

export interface Pkcs12Options extends KeyBundle {
  readonly password: string
  /** What key stores show as the name of the entry. */
  readonly friendlyName?: string
  /** Rounds of key derivation. Default {@link defaultIterations}. */
  readonly iterations?: number
}

/** Ours: `openssl pkcs12 -export` takes 2,048; this is about 25 ms a file. */
export const defaultIterations = 50_000

/**
 * Writes a PKCS#12 file (RFC 7292) for Windows, Apple and OpenSSL 1.1 and later: PBES2 with PBKDF2-SHA256
 * and AES-256-CBC, HMAC-SHA256 over it.
 *
 * Errors: `ERR_X509_ARGUMENT`, `ERR_X509_KEY`, `ERR_X509_MALFORMED`, `ERR_X509_PKCS12_CONTENTS` when the key
 * is not the certificate's.
 */
export function createPkcs12(options: Pkcs12Options): Uint8Array {
  const {
    privateKey,
    certificate,
    chain,
    password,
    friendlyName = '',
    iterations = defaultIterations,
  } = options
  checkText(password, 'password')
  checkText(friendlyName, 'friendly name')
  if (!Number.isInteger(iterations) || iterations < 1 || iterations > limits.pkcs12Iterations) {
    throw new X509Error('ERR_X509_ARGUMENT', `iterations must be 1 to ${limits.pkcs12Iterations}`)
  }
  const key = readPrivateKey(privateKey)
  const result = native.createPkcs12(key, certificate, chain, password, friendlyName, iterations)
  key.fill(0)
  if (typeof result === 'string') throw pkcs12Error(result)
  return result
}

/**
 * Reads a PKCS#12 file, such as `openssl pkcs12 -export` and Windows write.
 *
 * Errors: `ERR_X509_PKCS12_PASSWORD`, `ERR_X509_PKCS12_LEGACY` (RC2), `ERR_X509_PKCS12_MALFORMED`,
 * `ERR_X509_PKCS12_CONTENTS`, `ERR_X509_TOO_LARGE`, `ERR_X509_ARGUMENT`.
 */
export function parsePkcs12(file: Uint8Array, password: string): KeyBundle {
  if (file.length > limits.pkcs12Bytes) {
    throw new X509Error('ERR_X509_TOO_LARGE', `the PKCS#12 file is larger than ${limits.pkcs12Bytes} bytes`)
  }
  checkText(password, 'password')
  const result = native.parsePkcs12(file, password, limits.pkcs12Iterations)
  if (typeof result === 'string') throw pkcs12Error(result)
  const privateKey = formatPem(result.privateKey, 'PRIVATE KEY')
  result.privateKey.fill(0)
  return { privateKey, certificate: result.certificate, chain: result.chain }
}

/** OpenSSL reads both as C strings: what follows a NUL would silently not count. */
function checkText(text: string, what: string): void {
  if (text.includes('\0')) throw new X509Error('ERR_X509_ARGUMENT', `the ${what} holds a NUL character`)
}

function readPrivateKey(pem: string): Uint8Array {
  try {
    return createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' })
  } catch (cause) {
    throw new X509Error('ERR_X509_KEY', 'the private key is not an unencrypted key in PEM', { cause })
  }
}

function pkcs12Error(fault: NativePkcs12Fault): X509Error {
  switch (fault) {
    case 'wrong-password':
      return new X509Error('ERR_X509_PKCS12_PASSWORD', 'the password of the PKCS#12 file is wrong')
    case 'needs-legacy-provider':
      return new X509Error(
        'ERR_X509_PKCS12_LEGACY',
        "the PKCS#12 file uses an old cipher (RC2) that needs OpenSSL's legacy provider: " +
          'export it again with AES-256 (openssl pkcs12 -export without -legacy, or AES256_SHA256 on Windows)',
      )
    case 'malformed':
      return new X509Error('ERR_X509_PKCS12_MALFORMED', 'the bytes are not a whole PKCS#12 file')
    case 'no-mac':
      return new X509Error(
        'ERR_X509_PKCS12_MALFORMED',
        'the PKCS#12 file has no MAC: export it with a password',
      )
    case 'too-many-iterations':
      return new X509Error(
        'ERR_X509_PKCS12_MALFORMED',
        `the PKCS#12 file asks for more than ${limits.pkcs12Iterations} rounds of key derivation`,
      )
    case 'no-key':
      return new X509Error(
        'ERR_X509_PKCS12_CONTENTS',
        'the PKCS#12 file holds no private key: export it with the key',
      )
    case 'no-certificate':
      return new X509Error(
        'ERR_X509_PKCS12_CONTENTS',
        'a certificate of the bundle is missing or cannot be read',
      )
    case 'bad-key':
      return new X509Error('ERR_X509_KEY', 'OpenSSL cannot read the private key')
    case 'key-mismatch':
      return new X509Error('ERR_X509_PKCS12_CONTENTS', "the private key is not the certificate's")
    default:
      return fault satisfies never
  }
}
