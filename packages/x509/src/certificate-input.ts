import { X509Error } from './errors.ts'
import { limits } from './limits.ts'
import { native } from './native.ts'
import { type PemBlock, parseBase64, parsePem } from './pem.ts'

const derSequence = 0x30
const certificateLabels: readonly string[] = ['CERTIFICATE', 'X509 CERTIFICATE']

/**
 * Reads certificates in any form in which a `.cer` file or Azure's `publicCertData` holds them: DER, PEM
 * with one or more blocks, base64 of DER, or base64 of PEM. Each certificate is parsed, and returned as DER
 * in the order of the input.
 *
 * Errors: `ERR_X509_EMPTY`, `ERR_X509_ENCODING`, `ERR_X509_MALFORMED`, `ERR_X509_UNEXPECTED_BLOCK` (such as
 * a private key), `ERR_X509_TOO_LARGE`, `ERR_X509_TOO_MANY`.
 */
export function readCertificates(input: string | Uint8Array): readonly Uint8Array[] {
  if (input.length > limits.inputBytes) {
    throw new X509Error('ERR_X509_TOO_LARGE', `the input is larger than ${limits.inputBytes} bytes`)
  }
  if (typeof input !== 'string') return readBytes(input)
  const text = input.trim()
  if (text.length === 0) throw new X509Error('ERR_X509_EMPTY', 'the input is empty: give a certificate')
  return text.includes('-----BEGIN ') ? readPem(text) : readBytes(parseBase64(text), isInner)
}

const isInner = true

/** `inner` bytes were base64 already: PEM may stand in them, but no further layer of base64. */
function readBytes(bytes: Uint8Array, inner = false): readonly Uint8Array[] {
  if (bytes[0] === derSequence) return [checked(bytes, 'the input')]
  const text = decodeText(bytes)
  if (!inner) return readCertificates(text)
  if (text.includes('-----BEGIN ')) return readPem(text)
  throw new X509Error('ERR_X509_MALFORMED', 'the base64 text holds no certificate: expected DER or PEM in it')
}

/** Windows PowerShell writes text files as UTF-16 with a byte order mark. */
function decodeText(bytes: Uint8Array): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes)
}

function readPem(text: string): readonly Uint8Array[] {
  const blocks = parsePem(text)
  if (blocks.length > limits.inputCertificates) {
    const message = `${blocks.length} certificates are too many: at most ${limits.inputCertificates}`
    throw new X509Error('ERR_X509_TOO_MANY', message)
  }
  return blocks.map((block, index) => readBlock(block, index + 1))
}

function readBlock(block: PemBlock, position: number): Uint8Array {
  if (block.label.includes('PRIVATE KEY')) {
    const message = 'the input holds a private key: give the certificate alone, and keep the key to yourself'
    throw new X509Error('ERR_X509_UNEXPECTED_BLOCK', message)
  }
  if (!certificateLabels.includes(block.label)) {
    const message = `PEM block ${position} is not a certificate: expected "BEGIN CERTIFICATE"`
    throw new X509Error('ERR_X509_UNEXPECTED_BLOCK', message)
  }
  return checked(block.der, `PEM block ${position}`)
}

function checked(der: Uint8Array, what: string): Uint8Array {
  if (der.length > limits.certificateBytes) {
    const message = `${what} is larger than the ${limits.certificateBytes} bytes that a certificate may have`
    throw new X509Error('ERR_X509_TOO_LARGE', message)
  }
  if (native.describe(der) === undefined) {
    const message = `${what} is not one X.509 certificate in DER (cut off, or a PKCS#7 or PKCS#12 file?)`
    throw new X509Error('ERR_X509_MALFORMED', message)
  }
  return der
}
