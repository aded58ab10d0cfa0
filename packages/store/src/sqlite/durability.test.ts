import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { DocumentStore, StoredDocument } from '../document-store.ts'
import { scratch } from '../scratch.suite.ts'
import { startStoreProcess } from '../testing/store-process.suite.ts'
import { openSqliteDocumentStore } from './sqlite-document-store.ts'

/** More than are made before the kill. */
const WRITES = 100_000

describe('a process that is killed in the middle of its writes', () => {
  it.each([
    ['one after the other', 1, 500],
    ['many at once', 200, 1_000],
  ])(
    'has stored all that it acknowledged, %s',
    async (_how, concurrency, killAfter) => {
      const path = join(await scratch(), 'a.db')
      const child = startStoreProcess(path, { count: WRITES, bytes: 2_000, concurrency })
      const acknowledged: string[] = []
      child.lines.on('line', line => {
        acknowledged.push(line)
        if (acknowledged.length === killAfter) child.kill('SIGKILL')
      })
      await child.ended
      expect(acknowledged.length).toBeGreaterThanOrEqual(killAfter)
      expect(acknowledged.at(-1)).toMatch(/^ok/)
      const store = await openSqliteDocumentStore(path)
      const stored = await allBelow(store, 'k')
      const numbers = new Set(stored.map(({ value }) => `ok ${(value as { i: number }).i}`))
      expect(acknowledged.filter(line => !numbers.has(line))).toEqual([])
      expect(stored.length).toBeLessThan(WRITES)
      for (const { version, value } of stored) {
        expect(version).toBe(1)
        expect((value as { filling: string }).filling).toHaveLength(2_000)
      }
      expect(await store.write('k/after', 1, 0)).toEqual({ type: 'written', version: 1 })
      await store.close()
    },
    60_000,
  )
})

async function allBelow(store: DocumentStore, folder: string): Promise<readonly StoredDocument[]> {
  const all: StoredDocument[] = []
  for (;;) {
    const page = await store.scan(folder, { after: all.at(-1)?.key, limit: 1_000 })
    if (page.length === 0) return all
    all.push(...page)
  }
}

describe('a full disk', () => {
  it('refuses what does not fit, says so, and keeps what it has', async () => {
    const directory = await scratch()
    const mount = `mount -t tmpfs -o size=2m tmpfs ${directory}`
    const child = startStoreProcess(join(directory, 'a.db'), {
      count: 60,
      bytes: 100_000,
      concurrency: 10,
      before: mount,
    })
    const lines: string[] = []
    child.lines.on('line', line => lines.push(line))
    await child.ended
    const failed = lines.filter(line => line.startsWith('failed'))
    const stored = lines.filter(line => line.startsWith('ok'))
    expect(stored.length).toBeGreaterThan(0)
    expect(lines.at(-1)).toBe(`kept ${stored.length}`)
    expect(failed.length).toBeGreaterThan(0)
    for (const line of failed)
      expect(line).toMatch(
        /^failed ERR_STORE_WRITE cannot write .*a\.db: no space left on the disk; make room/,
      )
  }, 60_000)
})

describe('a database that is not as it was written', () => {
  async function written(): Promise<string> {
    const path = join(await scratch(), 'a.db')
    const store = await openSqliteDocumentStore(path)
    await store.commit(
      Array.from({ length: 200 }, (_, i) => ({ type: 'put', key: `k/${i}`, value: 'x'.repeat(500) })),
    )
    await store.close()
    return path
  }

  it('is found when it is opened: pages overwritten', async () => {
    const path = await written()
    const file = await open(path, 'r+')
    await file.write(new Uint8Array(4_096 * 8).fill(0x5a), 0, 4_096 * 8, 4_096 * 3)
    await file.close()
    await expect(openSqliteDocumentStore(path)).rejects.toMatchObject({
      code: 'ERR_STORE_CORRUPT',
      message: expect.stringMatching(/a\.db.* is damaged.*; restore the data directory from a backup/),
    })
  })

  it('is found when it is opened: cut off', async () => {
    const path = await written()
    await writeFile(path, (await readFile(path)).subarray(0, 4_096 * 5))
    await expect(openSqliteDocumentStore(path)).rejects.toMatchObject({ code: 'ERR_STORE_CORRUPT' })
  })

  it('is found when it is opened: something else', async () => {
    const path = join(await scratch(), 'a.db')
    await writeFile(path, 'not a database at all, though as long as one'.repeat(100))
    await expect(openSqliteDocumentStore(path)).rejects.toMatchObject({ code: 'ERR_STORE_CORRUPT' })
  })

  it('is refused when it is of another program, or of another version', async () => {
    const path = await written()
    const change = (pragma: string): void => {
      const nativeBinding = new URL('../../build/better_sqlite3.node', import.meta.url).pathname
      const database = new Sqlite(path, { nativeBinding })
      database.pragma(pragma)
      database.close()
    }
    change('user_version = 99')
    await expect(openSqliteDocumentStore(path)).rejects.toThrow(
      'another version of Causeway (schema 99, not 1)',
    )
    change('application_id = 1')
    await expect(openSqliteDocumentStore(path)).rejects.toThrow("not a Causeway's; move it away")
  })
})

describe('a database that another program holds', () => {
  it('is said to be held', async () => {
    const path = join(await scratch(), 'a.db')
    const store = await openSqliteDocumentStore(path)
    const nativeBinding = new URL('../../build/better_sqlite3.node', import.meta.url).pathname
    const other = new Sqlite(path, { nativeBinding })
    other.exec('BEGIN IMMEDIATE')
    await expect(store.write('a', 1, 0)).rejects.toMatchObject({
      code: 'ERR_STORE_WRITE',
      message: expect.stringContaining('another program holds it'),
    })
    other.exec('ROLLBACK')
    other.close()
    expect(await store.write('a', 1, 0)).toEqual({ type: 'written', version: 1 })
    await store.close()
  })
})
