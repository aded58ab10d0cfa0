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
  const present = await data.documents.read(key)
  if (present && JSON.stringify(present.value) === JSON.stringify(value))
    return { version: present.version, changed: false }
  return storeVersion(data.documents, key, value, present?.version ?? 0, along)
}

/**
 * Stores `value` in place of this version (0: there was none), and together with it what goes `along`. Errors:
 * `Conflict`.
 */
export async function storeVersion(
  documents: Pick<DocumentStore, 'commit'>,
  key: string,
  value: unknown,
  former: number,
  along: readonly Change[] = [],
): Promise<Written> {
  const outcome = await documents.commit([{ type: 'put', key, value, expectedVersion: former }, ...along])
  if (outcome.type === 'conflict')
    throw new CommandError(
      'Conflict',
      `${key} was changed by somebody else meanwhile; look at it and try again`,
    )
  return { version: outcome.versions.get(key) ?? former, changed: true }
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
