import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readCertificates } from './certificate-input.ts'
import { X509Error } from './errors.ts'
import { limits } from './limits.ts'
import { parseBase64 } from './pem.ts'
import { type KeyBundle, parsePkcs12 } from './pkcs12.ts'

/** A key with its certificates, and the form in which they were. */
export interface ReadKeyBundle {
  readonly bundle: KeyBundle
  readonly form: 'pem' | 'pkcs12'
}

const PRIVATE_KEY = /-----BEGIN ((?:RSA |EC |ENCRYPTED )?PRIVATE KEY)-----[\s\S]*?-----END \1-----/g

/**
 * Reads a key with its certificates as key vaults hold them: PEM in any order, or base64 of PKCS#12.
 *
 * Errors: `ERR_X509_NO_KEY` when certificates stand there alone, `ERR_X509_KEY`, `ERR_X509_PKCS12_CONTENTS` when no
 * certificate is the key's, those of `parsePkcs12` and `readCertificates`. None tells anything of the contents.
 */
export function readKeyBundle(text: string, password: string | undefined): ReadKeyBundle {
  if (text.length > limits.inputBytes)
    throw new X509Error('ERR_X509_TOO_LARGE', `the input is larger than ${limits.inputBytes} characters`)
  if (text.includes('-----BEGIN ')) return { bundle: readPem(text, password), form: 'pem' }
  return { bundle: parsePkcs12(parseBase64(text), password ?? ''), form: 'pkcs12' }
}

function readPem(text: string, password: string | undefined): KeyBundle {
  const [pem, ...others] = text.match(PRIVATE_KEY) ?? []
  if (pem === undefined) throw new X509Error('ERR_X509_NO_KEY', 'there is no private key in the PEM text')
  if (others.length > 0)
    throw new X509Error('ERR_X509_KEY', `there are ${others.length + 1} private keys in PEM: one is needed`)
  const key = readKey(pem, password)
  const certificates = readCertificates(text.replace(PRIVATE_KEY, ''))
  const certificate = certificates.find(der => new X509Certificate(der).checkPrivateKey(key))
  if (!certificate)
    throw new X509Error('ERR_X509_PKCS12_CONTENTS', 'there is no certificate of the private key')
  return {
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate,
    chain: certificates.filter(der => der !== certificate),
  }
}

function readKey(pem: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) })
  } catch (cause) {
    const message = 'the private key cannot be read: it is damaged, or the password does not open it'
    throw new X509Error('ERR_X509_KEY', message, { cause })
  }
}
