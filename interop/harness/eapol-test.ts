import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratchDirectory } from './scratch.ts'
import { run } from './shell.ts'

/** A user of PEAP with MSCHAPv2 in it. */
export interface PeapUser {
  /** Who is named where everyone can read it. */
  readonly outerName: string
  readonly name: string
  readonly password: string
  /** The root that the server's certificate must have: a file. */
  readonly authority: string
}

const WAIT_SECONDS = 1

/**
 * Signs in by PEAP with `eapol_test`, which is the peer and the RADIUS client in one. The name is that of the accept;
 * undefined: there was none, or the two ends have not come to the same keys.
 */
export async function signInByPeap(
  server: string,
  secret: string,
  user: PeapUser,
): Promise<string | undefined> {
  const args = ['-c', writePeapUser(user), '-a', server, '-s', secret, '-t', String(WAIT_SECONDS)]
  const done = await run('eapol_test', args)
  if (done.code !== 0 || !done.stdout.includes('MPPE keys OK: 1  mismatch: 0')) return undefined
  const accept = done.stdout.slice(done.stdout.indexOf('code=2 (Access-Accept)'))
  return /Attribute 1 \(User-Name\).*\n *Value: '(.*)'/.exec(accept)?.[1]
}

/** Writes the file that describes a user to `eapol_test`. */
export function writePeapUser(user: PeapUser): string {
  const path = join(scratchDirectory('e'), 'network.conf')
  writeFileSync(path, formatNetwork(user), { mode: 0o600 })
  return path
}

function formatNetwork({ outerName, name, password, authority }: PeapUser): string {
  const settings = {
    key_mgmt: 'IEEE8021X',
    eap: 'PEAP',
    phase2: '"auth=MSCHAPV2"',
    anonymous_identity: `"${outerName}"`,
    identity: `"${name}"`,
    password: `P"${password.replace(/["\\]/g, '\\$&')}"`,
    ca_cert: `"${authority}"`,
  }
  const lines = Object.entries(settings).map(([key, value]) => `  ${key}=${value}\n`)
  return `network={\n${lines.join('')}}\n`
}
