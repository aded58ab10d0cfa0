import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { type Issuer, signCertificate } from '../certificate-signing.ts'
import type { IssuedCertificate } from '../issuing.ts'
import { generatePrivateKey, type KeyAlgorithm, readKey } from '../key-pair.ts'
import { extension, validity, withOpenssl } from '../pki.suite.ts'

export interface SiteOptions {
  readonly issuer?: Issuer
  readonly key?: KeyAlgorithm | { readonly privateKey: string }
  readonly extensions?: readonly x509.Extension[]
  readonly notBefore?: number
  readonly notAfter?: number
}

export const usages = (...oids: string[]): x509.Extension => new x509.ExtendedKeyUsageExtension(oids)
export const serverAuth = '1.3.6.1.5.5.7.3.1'
export const clientAuth = '1.3.6.1.5.5.7.3.2'
export const both: x509.Extension = usages(serverAuth, clientAuth)
export const authority: readonly x509.Extension[] = [extension.authority(), extension.authorityUsage()]

/** A certificate of a distinguished name; without other extensions a device's, for both ends. */
export async function issueSite(subject: string, options: SiteOptions = {}): Promise<IssuedCertificate> {
  const { issuer, key = 'ecdsa-p256', extensions = [extension.leafUsage(), both], ...window } = options
  const privateKey = typeof key === 'string' ? await generatePrivateKey(key) : key.privateKey
  const request = { subject, key: readKey(privateKey), extensions, ...validity, ...window }
  return { certificate: await signCertificate(request, issuer), privateKey }
}

/** Made by `openssl req -x509`, with its own clock. */
export function opensslSelfSigned(...args: string[]): IssuedCertificate {
  return withOpenssl({}, (run, read) => {
    run([
      'req',
      '-x509',
      '-nodes',
      '-keyout',
      'key',
      '-out',
      'cert',
      '-outform',
      'der',
      '-days',
      '30',
      ...args,
    ])
    return { certificate: read('cert'), privateKey: new TextDecoder().decode(read('key')) }
  })
}

/** With a kind of key that no one here takes. */
export function opensslDsa(): IssuedCertificate {
  return withOpenssl({}, (run, read) => {
    const options = ['-pkeyopt', 'dsa_paramgen_bits:1024', '-pkeyopt', 'dsa_paramgen_q_bits:160']
    run(['genpkey', '-genparam', '-algorithm', 'DSA', ...options, '-out', 'parameters'])
    run(['genpkey', '-paramfile', 'parameters', '-out', 'key'])
    run(['req', '-x509', '-key', 'key', '-sha256', '-subj', '/CN=dsa', '-out', 'cert', '-outform', 'der'])
    return { certificate: read('cert'), privateKey: new TextDecoder().decode(read('key')) }
  })
}

/** A leaf made by `openssl x509 -req` below a self-signed authority that openssl made too. */
export function opensslIssued(
  subject: string,
  key: readonly string[],
  extensions: string,
  digest = '-sha256',
): { readonly leaf: IssuedCertificate; readonly root: IssuedCertificate } {
  const newKey = ['-newkey', ...key, '-nodes']
  return withOpenssl({ ext: extensions }, (run, read) => {
    run([
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'rk',
      '-out',
      'r',
      '-days',
      '30',
      '-subj',
      '/CN=O Root',
    ])
    run(['req', ...newKey, '-keyout', 'k', '-out', 'csr', '-subj', subject])
    run([
      'x509',
      '-req',
      '-in',
      'csr',
      '-CA',
      'r',
      '-CAkey',
      'rk',
      '-CAcreateserial',
      '-days',
      '20',
      '-extfile',
      'ext',
      digest,
      '-outform',
      'der',
      '-out',
      'c',
    ])
    run(['x509', '-in', 'r', '-outform', 'der', '-out', 'r.der'])
    const text = (name: string) => new TextDecoder().decode(read(name))
    return {
      leaf: { certificate: read('c'), privateKey: text('k') },
      root: { certificate: read('r.der'), privateKey: text('rk') },
    }
  })
}

/** An hour from now: when what openssl makes during the tests is valid. */
export const present: number = Math.floor(Date.now() / 1000) + 3_600

export function base64(der: Uint8Array): string {
  return Buffer.from(der).toString('base64')
}
