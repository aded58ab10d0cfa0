import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Credential } from '../harness/certificates.ts'
import { openPkcs12 } from '../harness/pkcs12.ts'
import { type Package, readPackage } from './scenario.ts'

const opened = new WeakMap<Package, Promise<Credential>>()

/** The certificate that a package brings, from its PKCS#12 file. */
export function credentialOf(given: Package): Promise<Credential> {
  const known = opened.get(given) ?? open(given)
  opened.set(given, known)
  return known
}

function open(given: Package): Promise<Credential> {
  const { directory, clientName } = given
  const password = readPackage(given, `${clientName}.p12.password`).trim()
  return openPkcs12(readFileSync(join(directory, `${clientName}.p12`)), password, clientName)
}
