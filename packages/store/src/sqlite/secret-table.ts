import type { Database } from './database.ts'

/** The sealed secrets in a database. */
export interface SecretTable {
  read(name: string): Uint8Array | undefined
  put(name: string, sealed: Uint8Array): void
  remove(name: string): void
  isEmpty(): boolean
}

export function secretTable(database: Database): SecretTable {
  const read = database.prepare<[string], { sealed: Uint8Array }>('SELECT sealed FROM secrets WHERE name = ?')
  const put = database.prepare<[string, Uint8Array]>(
    'INSERT INTO secrets (name, sealed) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed',
  )
  const remove = database.prepare<[string]>('DELETE FROM secrets WHERE name = ?')
  const some = database.prepare('SELECT 1 FROM secrets LIMIT 1')
  return {
    read: name => read.get(name)?.sealed,
    put: (name, sealed) => void put.run(name, sealed),
    remove: name => void remove.run(name),
    isEmpty: () => some.get() === undefined,
  }
}
