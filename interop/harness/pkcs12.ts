import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Credential } from './certificates.ts'
import { scratchDirectory } from './scratch.ts'
import { runOk } from './shell.ts'

/** Takes key and certificate out of a PKCS#12 file, as whoever imports it. Errors: the password is another. */
export async function openPkcs12(
  content: Uint8Array,
  password: string,
  commonName: string,
): Promise<Credential> {
  const directory = scratchDirectory('k')
  const path = (name: string): string => join(directory, name)
  writeFileSync(path('p12'), content, { mode: 0o600 })
  const open = ['pkcs12', '-in', path('p12'), '-passin', `pass:${password}`, '-nodes']
  await runOk('openssl', [...open, '-nokeys', '-clcerts', '-out', path('leaf.pem')])
  await runOk('openssl', [...open, '-nocerts', '-out', path('leaf.key')])
  return { commonName, certificatePath: path('leaf.pem'), keyPath: path('leaf.key') }
}
