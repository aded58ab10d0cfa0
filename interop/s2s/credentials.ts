import { type Credential, createAuthority, issue, type KeyKind } from '../harness/certificates.ts'
import type { SitesScenario } from './scenario.ts'
import { VAULT } from './scenario.ts'
import { pfxOf } from './site-bodies.ts'

/** How somebody's certificate is signed. */
export interface Signed {
  readonly credential: Credential
  readonly root: Credential
  /** Between the two. */
  readonly intermediates: readonly Credential[]
}

export interface SignedOptions {
  readonly key?: KeyKind
  /** One more authority between it and the root. */
  readonly byIntermediate?: boolean
}

/** A certificate of a root of its own, of one kind of key throughout. */
export async function sign(commonName: string, options: SignedOptions = {}): Promise<Signed> {
  const { key = 'rsa-2048', byIntermediate = false } = options
  const root = await createAuthority(`Root of ${commonName}`, key)
  const names = { commonName: `Issuer of ${commonName}`, usage: 'none', isAuthority: true } as const
  const intermediates = byIntermediate ? [await issue(root, { ...names, key })] : []
  const credential = await issue(intermediates[0] ?? root, {
    commonName,
    key,
    usage: 'serverAuth,clientAuth',
    alternativeNames: [`DNS:${commonName}`],
  })
  return { credential, root, intermediates }
}

/** Puts a certificate with its key and its intermediates into the vault; returns the identifier of its version. */
export async function importSigned(
  { arm }: Pick<SitesScenario, 'arm'>,
  name: string,
  { credential, intermediates }: Pick<Signed, 'credential' | 'intermediates'>,
): Promise<string> {
  const value = await pfxOf(
    credential,
    intermediates.map(({ certificatePath }) => certificatePath),
  )
  const imported = await arm.vault(VAULT, 'POST', `certificates/${name}/import`, { value, pwd: '' })
  return imported.id
}
