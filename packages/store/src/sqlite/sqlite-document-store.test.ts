import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { scratch } from '../scratch.suite.ts'
import { temporaryKey } from '../sealing.ts'
import { describeDocumentStore } from '../testing/document-store.suite.ts'
import {
  openMemoryStore,
  openSqliteDocumentStore,
  type SqliteDocumentStore,
  type SqliteDocumentStoreOptions,
} from './sqlite-document-store.ts'

async function openAt(path: string, options: SqliteDocumentStoreOptions = {}): Promise<SqliteDocumentStore> {
  const store = await openSqliteDocumentStore(path, options)
  onTestFinished(() => store.close())
  return store
}

describeDocumentStore('in a file', async () => openAt(join(await scratch(), 'a.db')))
describeDocumentStore('in memory', () => openMemoryStore())

describe('a database file', () => {
  it('keeps documents and history over a restart, closed to others', async () => {
    const path = join(await scratch(), 'a.db')
    const store = await openAt(path)
    await store.write('gateways/a', { x: 1 }, 0)
    for (const file of [path, `${path}-wal`, `${path}-shm`])
      expect((await stat(file)).mode & 0o777).toBe(0o600)
    await store.close()
    const again = await openAt(path)
    expect(await again.read('gateways/a')).toEqual({ key: 'gateways/a', version: 1, value: { x: 1 } })
  })

  it('stores what waits when it is closed, and takes nothing afterwards', async () => {
    const path = join(await scratch(), 'a.db')
    const store = await openAt(path)
    const write = store.write('a', 1, 0)
    await store.close()
    await store.close()
    expect(await write).toEqual({ type: 'written', version: 1 })
    await expect(store.read('a')).rejects.toMatchObject({ code: 'ERR_STORE_CLOSED' })
    await expect(store.write('a', 1, 0)).rejects.toMatchObject({ code: 'ERR_STORE_CLOSED' })
    expect(await (await openAt(path)).read('a')).toMatchObject({ version: 1 })
  })

  it('is asked four times for a thousand concurrent writers', async () => {
    const store = await openMemoryStore()
    let turns = 0
    const count = (): void => {
      turns++
      next = setImmediate(count)
    }
    let next = setImmediate(count)
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => store.write(`a/${i}`, i, 0)))
    clearImmediate(next)
    expect(turns).toBeLessThanOrEqual(6)
  })

  it('goes on after a listener that throws, which is a defect of its own', async () => {
    const store = await openMemoryStore()
    const later = vi.spyOn(globalThis, 'queueMicrotask').mockReturnValue(undefined)
    onTestFinished(() => later.mockRestore())
    const heard: string[] = []
    store.watch('', () => {
      throw new Error('of the listener')
    })
    store.watch('', ({ key }) => heard.push(key))
    expect(await store.write('a', 1, 0)).toEqual({ type: 'written', version: 1 })
    expect(heard).toEqual(['a'])
    expect(later.mock.lastCall?.[0]).toThrow('of the listener')
  })
})

describe('the history', () => {
  it('keeps the newest, and none older than its age', async () => {
    const store = await openMemoryStore({ history: { records: 3, seconds: 100 } })
    const record = (at: number) =>
      store.commit([{ type: 'record', entry: { at, who: 'ann', action: 'write', target: 'a' } }])
    const times = async () => (await store.history()).map(({ at }) => at)
    for (const at of [1, 2, 3, 4, 5]) await record(at)
    expect(await times()).toEqual([5, 4, 3])
    await record(104)
    expect(await times()).toEqual([104, 5, 4])
    await record(500)
    expect(await times()).toEqual([500])
  })
})

describe('secrets', () => {
  const SECRET = new TextEncoder().encode('the very secret words')

  it('are read back over a restart, and sealed in the file', async () => {
    const path = join(await scratch(), 'a.db')
    const key = temporaryKey()
    const store = await openAt(path, { key })
    await store.secrets.write('vaults/a/secrets/b', SECRET)
    await store.close()
    expect((await readFile(path)).includes('secret words')).toBe(false)
    const again = await openAt(path, { key })
    expect(await again.secrets.read('vaults/a/secrets/b')).toEqual(SECRET)
    await again.secrets.remove('vaults/a/secrets/b')
    expect(await again.secrets.read('vaults/a/secrets/b')).toBeUndefined()
  })

  it('change together with documents, or not at all', async () => {
    const store = await openMemoryStore()
    await store.commit([
      { type: 'put', key: 'a', value: 1, expectedVersion: 0 },
      { type: 'put-secret', name: 'a', secret: SECRET },
    ])
    const outcome = await store.commit([
      { type: 'put-secret', name: 'a', secret: new Uint8Array(1) },
      { type: 'put', key: 'a', value: 2, expectedVersion: 0 },
    ])
    expect(outcome).toEqual({ type: 'conflict', key: 'a', version: 1 })
    expect(await store.secrets.read('a')).toEqual(SECRET)
  })

  it('are refused with another key, and without one', async () => {
    const path = join(await scratch(), 'a.db')
    const store = await openAt(path, { key: temporaryKey() })
    await store.secrets.write('a', SECRET)
    await store.close()
    const other = await openAt(path, { key: temporaryKey() })
    await expect(other.secrets.read('a')).rejects.toMatchObject({ code: 'ERR_STORE_KEY' })
    await other.close()
    const none = await openAt(path)
    await expect(none.secrets.read('a')).rejects.toMatchObject({ code: 'ERR_STORE_KEY' })
    await expect(none.secrets.write('b', SECRET)).rejects.toMatchObject({ code: 'ERR_STORE_KEY' })
  })
})
