import { describeCertificate, formatPem, readCertificates } from '@causeway/x509'
import { CommandError } from './command-error.ts'
import type { GivenCertificate } from './given-certificate.ts'
import { DOCUMENTS, type Installation } from './installation.ts'
import { firstCertificate } from './own-authority.ts'
import { readPublicDocument, writeDocument } from './stored.ts'

/** The public part as it is stored. PEM. */
export interface StoredGivenCertificate {
  readonly chain: string
  readonly root: string
  readonly name: string
}

/** The certificate that the operator brought. `undefined`: there is none. Errors: `StoreError`, `HostFailure`. */
export async function readGivenCertificate(
  installation: Installation,
): Promise<GivenCertificate | undefined> {
  const stored = await readPublicDocument<StoredGivenCertificate>(installation, DOCUMENTS.given)
  if (!stored) return undefined
  const chain = readCertificates(stored.chain)
  const key = await installation.data.secrets.read(keyName(chain))
  if (!key || key.length === 0)
    throw new CommandError(
      'HostFailure',
      'the key of the certificate that was set is gone; restore the data directory from a backup',
    )
  const privateKey = new TextDecoder().decode(key)
  return { chain, root: firstCertificate(stored.root), privateKey, name: stored.name }
}

/** Stores it with its key, in place of a former one and its key. Errors: `Conflict`, `StoreError`. */
export async function storeGivenCertificate(
  installation: Installation,
  given: GivenCertificate,
): Promise<void> {
  const { chain, root, privateKey, name } = given
  const former = await storedChain(installation)
  const key = keyName(chain)
  const document: StoredGivenCertificate = {
    chain: chain.map(der => formatPem(der)).join(''),
    root: formatPem(root),
    name,
  }
  await writeDocument(installation, DOCUMENTS.given, document, [
    ...(former ? [{ type: 'remove-secret', name: keyName(former) } as const] : []),
    { type: 'put-secret', name: key, secret: new TextEncoder().encode(privateKey) },
  ])
}

/** Forgets it, key and all. `false`: there was none. Errors: `Conflict`, `StoreError`. */
export async function removeGivenCertificate(installation: Installation): Promise<boolean> {
  const { documents } = installation.data
  const present = await documents.read(DOCUMENTS.given)
  const chain = await storedChain(installation)
  if (!present || !chain) return false
  const outcome = await documents.commit([
    { type: 'remove', key: DOCUMENTS.given, expectedVersion: present.version },
    { type: 'remove-secret', name: keyName(chain) },
  ])
  if (outcome.type === 'conflict')
    throw new CommandError('Conflict', 'the certificate was changed by somebody else meanwhile; try again')
  return true
}

async function storedChain(installation: Installation): Promise<readonly Uint8Array[] | undefined> {
  const stored = await readPublicDocument<StoredGivenCertificate>(installation, DOCUMENTS.given)
  return stored && readCertificates(stored.chain)
}

function keyName([leaf]: readonly Uint8Array[]): string {
  if (!leaf) throw new RangeError('a stored chain is empty')
  return `given-key-${describeCertificate(leaf).thumbprint.toLowerCase()}`
}
