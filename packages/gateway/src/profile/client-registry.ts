import type { ClientView } from '@causeway/api-contract'
import { DOCUMENTS, type Installation } from '../quick-start/installation.ts'
import { readPublicDocument, writeDocument } from '../quick-start/stored.ts'

/** A certificate that was issued to a client. Unix seconds. */
export interface IssuedRecord {
  readonly thumbprint: string
  readonly issuedAt: number
  readonly expiresAt: number
  readonly revokedAt?: number
}

/** What the store holds of a client: its certificates, the latest last. Never a key. */
export interface ClientRecord {
  readonly name: string
  readonly certificates: readonly IssuedRecord[]
}

export function readClient(installation: Installation, name: string): Promise<ClientRecord | undefined> {
  return readPublicDocument<ClientRecord>(installation, clientKey(name))
}

export async function storeClient(installation: Installation, record: ClientRecord): Promise<void> {
  await writeDocument(installation, clientKey(record.name), record)
}

/** Every certificate of every client, by client in order. */
export async function listClients({ data }: Installation): Promise<ClientView[]> {
  const documents = await data.documents.list(DOCUMENTS.clients)
  return documents.flatMap(({ value }) => {
    const { name, certificates } = value as ClientRecord
    return certificates.map(certificate => ({ name, ...certificate }))
  })
}

function clientKey(name: string): string {
  return `${DOCUMENTS.clients}/${name}`
}
