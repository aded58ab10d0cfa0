import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { unzipSync } from 'fflate'
import type { Credential } from '../harness/certificates.ts'
import type { Namespace } from '../harness/namespace.ts'
import { runInOk } from '../harness/namespace.ts'
import { OpenVpnClient } from '../harness/openvpn-client.ts'
import { scratchDirectory } from '../harness/scratch.ts'
import { Strongswan } from '../harness/strongswan.ts'

/** A profile package, unpacked, as somebody has it who was given the URL alone. */
export interface LifePackage {
  readonly directory: string
  readonly files: readonly string[]
}

/** The URL in what an SDK answers, which is a text, with quotation marks or without. */
export function urlIn(answer: unknown): string {
  const url = /https:[^"\\]+/.exec(JSON.stringify(answer))?.[0]
  if (url === undefined) throw new Error(`no URL: ${JSON.stringify(answer)}`)
  return url
}

/** Fetches a package with `curl`, which has no token. */
export async function fetchPackage(
  namespace: Namespace,
  url: string,
  authority: string,
): Promise<LifePackage> {
  const directory = scratchDirectory('z')
  const zip = join(directory, 'package.zip')
  await runInOk(namespace, 'curl', ['--silent', '--fail', '--cacert', authority, '--output', zip, url])
  const entries = Object.entries(unzipSync(new Uint8Array(readFileSync(zip))))
  for (const [name, content] of entries) {
    const path = join(directory, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  return { directory, files: entries.map(([name]) => name) }
}

/** OpenVPN with `OpenVPN/vpnconfig.ovpn`, filled in as Azure's documentation says. */
export function startOpenVpn(
  given: LifePackage,
  credential: Credential,
  namespace: Namespace,
): OpenVpnClient {
  const profile = readFileSync(join(given.directory, 'OpenVPN/vpnconfig.ovpn'), 'utf8')
    .replace('$CLIENTCERTIFICATE', readFileSync(credential.certificatePath, 'utf8').trim())
    .replace('$PRIVATEKEY', readFileSync(credential.keyPath, 'utf8').trim())
  return new OpenVpnClient({ namespace, profile, title: `openvpn of ${credential.commonName}` })
}

/** Name of the Child SA in the package's profile. */
export const CHILD = 'causeway'

/** strongSwan with the files of `Linux/StrongSwan/`, which a user puts into `/etc/swanctl` with a certificate. */
export async function startStrongswan(
  given: LifePackage,
  credential: Credential,
  namespace: Namespace,
): Promise<Strongswan> {
  const profile = join(given.directory, 'Linux/StrongSwan')
  const put = (name: string, from: string): void => {
    mkdirSync(join(profile, name), { recursive: true })
    writeFileSync(join(profile, name, 'client.pem'), readFileSync(from), { mode: 0o600 })
  }
  put('x509', credential.certificatePath)
  put('private', credential.keyPath)
  inUserSpace(join(profile, 'conf.d/causeway.conf'))
  return Strongswan.start({
    namespace,
    profile,
    swanctl: { include: 'conf.d/*.conf' },
    daemon: { retransmit_timeout: '0.5', retransmit_base: '1.5', retransmit_tries: '4' },
    title: `strongswan of ${credential.commonName}`,
  })
}

/** ESP of strongSwan's user space goes in UDP alone; a session that ends is not begun anew. */
function inUserSpace(path: string): void {
  const text = readFileSync(path, 'utf8')
  const edited = text
    .replace(/^( *)version = 2$/m, '$&\n$1encap = yes\n$1keyingtries = 1')
    .replace(/close_action = start/, 'close_action = none')
    .replace(/dpd_action = restart/, 'dpd_action = clear')
  writeFileSync(path, edited)
}
