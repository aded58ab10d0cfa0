import 'reflect-metadata'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import * as x509 from '@peculiar/x509'
import { describeCertificate } from '../description.ts'
import type { IssuedCertificate } from '../issuing.ts'
import { formatPem } from '../pem.ts'
import { day, withOpenssl } from '../pki.suite.ts'
import { issueSite, present, type SiteOptions } from '../site-certificate/site-pki.suite.ts'

/** A certificate that counts now, for openssl answers by the real clock. */
export function issueNow(subject: string, options: SiteOptions = {}): Promise<IssuedCertificate> {
  return issueSite(subject, { notBefore: present - day, notAfter: present + 30 * day, ...options })
}

export const namedResponder = (uri: string): x509.Extension =>
  new x509.AuthorityInfoAccessExtension({ ocsp: [uri] })
export const namedCrl = (...uris: string[]): x509.Extension => new x509.CRLDistributionPointsExtension(uris)

export interface ResponderOptions {
  readonly issuer: IssuedCertificate
  /** Default: the issuer. */
  readonly signer?: IssuedCertificate
  readonly certificate: IssuedCertificate
  readonly status: 'good' | 'revoked' | 'absent'
  /** Further options of `openssl ocsp`. */
  readonly args?: readonly string[]
}

/** The answer of `openssl ocsp` to a request. */
export function opensslAnswer(request: Uint8Array, options: ResponderOptions): Uint8Array {
  return withOpenssl({ ...filesOf(options), request }, (run, read) => {
    run(['ocsp', ...responderArgs(options), '-reqin', 'request', '-respout', 'response'])
    return read('response')
  })
}

export interface RunningResponder {
  readonly uri: string
  stop(): Promise<void>
}

/** `openssl ocsp -port`, on a port of its choice. */
export async function startResponder(options: ResponderOptions): Promise<RunningResponder> {
  const cwd = mkdtempSync(join(tmpdir(), 'causeway-ocsp-'))
  for (const [name, content] of Object.entries(filesOf(options))) writeFileSync(join(cwd, name), content)
  const args = ['ocsp', ...responderArgs(options), '-port', '0']
  const child = spawn('openssl', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()))
  const stop = async (): Promise<void> => {
    child.kill()
    await ended
    rmSync(cwd, { recursive: true })
  }
  child.stderr.resume()
  for await (const line of createInterface(child.stdout)) {
    const port = /^ACCEPT \S*:(\d+)/.exec(line)?.[1]
    if (port !== undefined) return { uri: `http://127.0.0.1:${port}`, stop }
  }
  await stop()
  throw new Error('openssl ocsp did not start')
}

function filesOf({ issuer, signer = issuer, certificate, status }: ResponderOptions): Record<string, string> {
  const serial = describeCertificate(certificate.certificate).serialNumber
  const entry =
    status === 'revoked' ? `R\t400101000000Z\t260101000000Z\t${serial}` : `V\t400101000000Z\t\t${serial}`
  return {
    ca: formatPem(issuer.certificate),
    signer: formatPem(signer.certificate),
    key: signer.privateKey,
    index: status === 'absent' ? '' : `${entry}\tunknown\t/CN=x\n`,
  }
}

function responderArgs({ args = ['-ndays', '1'] }: ResponderOptions): readonly string[] {
  return ['-index', 'index', '-CA', 'ca', '-rsigner', 'signer', '-rkey', 'key', ...args]
}
