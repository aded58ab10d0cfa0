import type { Change, DocumentStore } from '@causeway/store'
import { CommandError } from './command-error.ts'
import type { Installation } from './installation.ts'

/** A stored document's value and version; version 0: there is none yet. */
export interface Stored<Value> {
  readonly version: number
  readonly value: Value | undefined
}

/** A document that the gateway itself wrote, and whose shape is therefore known. */
export async function readPublicDocument<Value>(
  { data }: Installation,
  key: string,
): Promise<Value | undefined> {
  return (await data.documents.read(key))?.value as Value | undefined
}

/**
 * Stores `value`, unless it is what is stored; what goes `along` with it then needs no change either. Answers the
 * stored version. Errors: `Conflict`.
 */
export async function writeDocument(
  { data }: Installation,
  key: string,
  value: unknown,
  along: readonly Change[] = [],
): Promise<Written> {
  const [written] = await commitDrafts(data.documents, [await draftOf(data.documents, key, value, along)])
  return written as Written
}

/** A document as it is to be, and the changes that make it so: none where it is so already. */
export interface Draft {
  readonly key: string
  /** The stored version. 0: there is none. */
  readonly former: number
  readonly changes: readonly Change[]
}

/** The draft of a document, `undefined`: that there is none. What goes `along` changes only if the document does. */
export async function draftOf(
  documents: Pick<DocumentStore, 'read'>,
  key: string,
  value: unknown,
  along: readonly Change[] = [],
): Promise<Draft> {
  const present = await documents.read(key)
  const former = present?.version ?? 0
  const expectation = { key, expectedVersion: former }
  if (JSON.stringify(present?.value) === JSON.stringify(value)) return { key, former, changes: [] }
  const change: Change =
    value === undefined ? { type: 'remove', ...expectation } : { type: 'put', value, ...expectation }
  return { key, former, changes: [change, ...along] }
}

/** Stores drafts at one moment: all of them, or none. Answers for each in turn. Errors: `Conflict`, `StoreError`. */
export async function commitDrafts(
  documents: Pick<DocumentStore, 'commit'>,
  drafts: readonly Draft[],
): Promise<Written[]> {
  const changes = drafts.flatMap(draft => draft.changes)
  if (changes.length === 0) return drafts.map(({ former }) => ({ version: former, changed: false }))
  const outcome = await documents.commit(changes)
  if (outcome.type === 'conflict')
    throw new CommandError(
      'Conflict',
      `${outcome.key} was changed by somebody else meanwhile; look at it and try again`,
    )
  return drafts.map(draft => {
    const version = outcome.versions.get(draft.key) ?? draft.former
    return { version, changed: draft.changes.length > 0 }
  })
}

export interface Written {
  readonly version: number
  readonly changed: boolean
}

/** A secret, made and stored the first time. */
export async function readSecret(
  { data }: Installation,
  name: string,
  make: () => Promise<Uint8Array> | Uint8Array,
): Promise<Uint8Array> {
  const stored = await data.secrets.read(name)
  if (stored) return stored
  const made = await make()
  await data.secrets.write(name, made)
  return made
}

/** The same for text, such as a key in PEM. */
export async function readSecretText(
  installation: Installation,
  name: string,
  make: () => Promise<string>,
): Promise<string> {
  const bytes = await readSecret(installation, name, async () => new TextEncoder().encode(await make()))
  return new TextDecoder().decode(bytes)
}
