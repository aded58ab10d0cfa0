import 'reflect-metadata'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { type Issuer, signCertificate } from './certificate-signing.ts'
import {
  type IssuedCertificate,
  type IssueOptions,
  issueClientCertificate,
  issueIntermediate,
  issueRoot,
  issueServerCertificate,
} from './issuing.ts'
import { generatePrivateKey, readKey } from './key-pair.ts'

/** The moment of every test: 2027-01-15. */
export const now = 1_800_000_000
export const day = 86_400
export const validity: { notBefore: number; notAfter: number } = {
  notBefore: now - day,
  notAfter: now + 365 * day,
}

/** Root → intermediate → { server, client }, all P-256, and a client right below the root. */
export interface Pki {
  readonly root: IssuedCertificate
  readonly intermediate: IssuedCertificate
  readonly server: IssuedCertificate
  readonly client: IssuedCertificate
  readonly directClient: IssuedCertificate
}

/** `options` with the usual validity and a new P-256 key, unless they say otherwise. */
export function named(commonName: string, options: Partial<IssueOptions> = {}): IssueOptions {
  return { commonName, key: 'ecdsa-p256', ...validity, ...options }
}

export async function createPki(): Promise<Pki> {
  const root = await issueRoot(named('Test Root'))
  const intermediate = await issueIntermediate(root, named('Test Intermediate'))
  const dnsNames = ['gateway.example.com']
  return {
    root,
    intermediate,
    server: await issueServerCertificate(intermediate, { ...named('gateway.example.com'), dnsNames }),
    client: await issueClientCertificate(intermediate, named('alice')),
    directClient: await issueClientCertificate(root, named('bob')),
  }
}

/** A certificate with exactly these extensions (and key identifiers), for what no issuing function makes. */
export async function signRaw(
  commonName: string,
  extensions: readonly x509.Extension[],
  issuer?: Issuer,
): Promise<IssuedCertificate> {
  const privateKey = await generatePrivateKey('ecdsa-p256')
  const request = { subject: { commonName }, key: readKey(privateKey), extensions, ...validity }
  return { certificate: await signCertificate(request, issuer), privateKey }
}

const { keyCertSign, cRLSign, digitalSignature } = x509.KeyUsageFlags

export const extension = {
  authority: (pathLength?: number): x509.Extension =>
    new x509.BasicConstraintsExtension(true, pathLength, true),
  authorityUsage: (): x509.Extension => new x509.KeyUsagesExtension(keyCertSign | cRLSign, true),
  leafUsage: (): x509.Extension => new x509.KeyUsagesExtension(digitalSignature, true),
  clientAuth: (): x509.Extension => new x509.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.2']),
  anyUsage: (): x509.Extension => new x509.ExtendedKeyUsageExtension(['2.5.29.37.0']),
  dns: (value: string): x509.Extension => new x509.SubjectAlternativeNameExtension([{ type: 'dns', value }]),
  unknownCritical: (): x509.Extension =>
    new x509.Extension('1.3.6.1.4.1.55555.1', true, new Uint8Array([5, 0])),
  /** nameConstraints (RFC 5280 §4.2.1.10) with one permitted dNSName subtree. */
  permittedDns: (domain: string): x509.Extension => {
    const subtree = tlv(0x30, tlv(0x82, new TextEncoder().encode(domain)))
    return new x509.Extension('2.5.29.30', true, tlv(0x30, tlv(0xa0, subtree)))
  },
} as const

/** Runs the `openssl` command in a directory of its own that holds `files`; answers what it prints. */
export function openssl(args: readonly string[], files: Record<string, string | Uint8Array>): string {
  return withOpenssl(files, run => run(args))
}

export type RunOpenssl = (args: readonly string[]) => string

/** As {@link openssl}, for several commands in one directory; `read` gives a file of it. */
export function withOpenssl<T>(
  files: Record<string, string | Uint8Array>,
  use: (run: RunOpenssl, read: (name: string) => Uint8Array) => T,
): T {
  const cwd = mkdtempSync(join(tmpdir(), 'causeway-x509-'))
  const run: RunOpenssl = args =>
    execFileSync('openssl', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content)
    return use(run, name => new Uint8Array(readFileSync(join(cwd, name))))
  } finally {
    rmSync(cwd, { recursive: true })
  }
}

/** The code of the error that `action` throws, or `none`. */
export function codeOf(action: () => unknown): string {
  try {
    action()
    return 'none'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : `not ours: ${error}`
  }
}

function tlv(tag: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
  if (content.length > 127) throw new RangeError('short lengths only')
  return new Uint8Array([tag, content.length, ...content])
}
