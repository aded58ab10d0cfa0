import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { inNamespace, type Namespace } from './namespace.ts'
import { scratchDirectory } from './scratch.ts'
import { runOk } from './shell.ts'

const PROGRAM = '/usr/bin/chromium'

/** Root runs it, in a namespace that is a box of its own, on a machine whose shared memory may be small. */
const ARGS = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--no-proxy-server']

/**
 * Debian's Chromium without a window, in a network namespace, driven from here. Of what the system does not trust it
 * trusts the servers with these public keys, and no others.
 *
 * @param keys as {@link publicKeyHash} has them.
 */
export async function openChromium(namespace: Namespace, keys: readonly string[]): Promise<Browser> {
  const directory = scratchDirectory('b')
  const wrapper = join(directory, 'chromium')
  const line = inNamespace(namespace, PROGRAM, []).join(' ')
  writeFileSync(wrapper, `#!/bin/sh\nexec ${line} "$@"\n`, { mode: 0o755 })
  return chromium.launch({
    executablePath: wrapper,
    args: [...ARGS, `--ignore-certificate-errors-spki-list=${keys.join(',')}`],
    env: { ...process.env, HOME: directory, TMPDIR: directory } as Record<string, string>,
  })
}

/** SHA-256 of a certificate's public key: what pins are made of (RFC 7469 §2.4). */
export function publicKeyHash(certificate: string | Uint8Array): string {
  const { publicKey } = new X509Certificate(certificate)
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64')
}

/** The hash of the key that a server shows. */
export async function serverKeyHash(
  namespace: Namespace,
  address: string,
  authorityPath: string,
): Promise<string> {
  const path = join(scratchDirectory('k'), 'server.pem')
  const connect = ['s_client', '-connect', `${address}:443`, '-CAfile', authorityPath, '-verify_return_error']
  const [command = '', ...args] = inNamespace(namespace, 'openssl', connect)
  writeFileSync(path, await runOk(command, args))
  return publicKeyHash(readFileSync(path))
}
