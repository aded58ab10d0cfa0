import { describe, expect, it } from 'vitest'
import type { DocumentChange, DocumentStore, StoredDocument } from '../document-store.ts'

const keysOf = (documents: readonly StoredDocument[]): string[] => documents.map(({ key }) => key)

/** What every implementation of the port does. `make` gives an empty store for one test. */
export function describeDocumentStore(name: string, make: () => Promise<DocumentStore>): void {
  describe(`${name}: one document`, () => {
    it('sets only what has the expected version', async () => {
      const store = await make()
      expect(await store.write('a', 1, 0)).toEqual({ type: 'written', version: 1 })
      expect(await store.write('a', 2, 0)).toEqual({ type: 'conflict', version: 1 })
      expect(await store.write('a', 2, 1)).toEqual({ type: 'written', version: 2 })
      expect(await store.remove('a', 1)).toEqual({ type: 'conflict', version: 2 })
      expect(await store.remove('a', 2)).toEqual({ type: 'written', version: 0 })
      expect(await store.read('a')).toBeUndefined()
    })

    it('lets one of many concurrent writers win', async () => {
      const store = await make()
      const outcomes = await Promise.all(Array.from({ length: 20 }, (_, i) => store.write('a', i, 0)))
      expect(outcomes.filter(outcome => outcome.type === 'written')).toHaveLength(1)
    })

    it('loses no update of those who read, change and try again', async () => {
      const store = await make()
      await store.write('count', 0, 0)
      const increment = async (): Promise<void> => {
        for (;;) {
          const { value, version } = (await store.read('count')) as StoredDocument
          if ((await store.write('count', (value as number) + 1, version)).type === 'written') return
        }
      }
      await Promise.all(Array.from({ length: 40 }, increment))
      expect(await store.read('count')).toEqual({ key: 'count', version: 41, value: 40 })
    })

    it.each([
      '',
      '../a',
      'a/../b',
      'a/./b',
      '/a',
      'a/',
      'a//b',
      'a\0',
      'a/b\n',
      'A',
      'e\u0301',
      'a'.repeat(300),
    ])('refuses the key %j', async key => {
      const store = await make()
      await expect(store.read(key)).rejects.toMatchObject({ code: 'ERR_STORE_NAME' })
      await expect(store.write(key, 1, 0)).rejects.toMatchObject({ code: 'ERR_STORE_NAME' })
    })

    it('refuses a key beyond the longest id, and what is not JSON', async () => {
      const store = await make()
      const key = Array.from({ length: 30 }, () => 'a'.repeat(100)).join('/')
      await expect(store.write(key, 1, 0)).rejects.toMatchObject({ code: 'ERR_STORE_NAME' })
      await expect(store.write('a', undefined, 0)).rejects.toMatchObject({ code: 'ERR_STORE_NAME' })
    })

    it.each([
      'subscriptions/0f/resourcegroups/-rg._(1)/providers/microsoft.network/virtualnetworkgateways/gw_1',
      'clients/ann@example.org',
      'resourcegroups/größe',
      'settings/constructor',
    ])('takes the key %j, in its very case', async key => {
      const store = await make()
      await store.write(key, { x: 1 }, 0)
      expect(await store.read(key)).toEqual({ key, version: 1, value: { x: 1 } })
      expect(await store.read(`${key.slice(0, -1)}${key.slice(-1).toUpperCase()}X`)).toBeUndefined()
    })
  })

  describe(`${name}: several documents`, () => {
    it('changes all, and tells their versions', async () => {
      const store = await make()
      await store.write('c', 0, 0)
      const outcome = await store.commit([
        { type: 'put', key: 'a', value: 1, expectedVersion: 0 },
        { type: 'put', key: 'b', value: 1 },
        { type: 'put', key: 'b', value: 2, expectedVersion: 1 },
        { type: 'remove', key: 'c', expectedVersion: 1 },
        { type: 'remove', key: 'nothing' },
      ])
      const versions = { a: 1, b: 2, c: 0, nothing: 0 }
      expect(outcome).toEqual({ type: 'written', versions: new Map(Object.entries(versions)) })
      expect(await store.scan('')).toMatchObject([{ key: 'a' }, { key: 'b', value: 2 }])
    })

    it('changes none when one has another version, and names the first', async () => {
      const store = await make()
      await store.write('b', 1, 0)
      const heard: DocumentChange[] = []
      store.watch('', change => heard.push(change))
      const outcome = await store.commit([
        { type: 'put', key: 'a', value: 1, expectedVersion: 0 },
        { type: 'record', entry: { at: 1, who: 'ann', action: 'a/write', target: 'a' } },
        { type: 'put', key: 'b', value: 2, expectedVersion: 7 },
        { type: 'put', key: 'c', value: 2, expectedVersion: 7 },
      ])
      expect(outcome).toEqual({ type: 'conflict', key: 'b', version: 1 })
      expect(await store.scan('')).toEqual([{ key: 'b', version: 1, value: 1 }])
      expect(await store.history()).toEqual([])
      expect(heard).toEqual([])
    })

    it('keeps concurrent commits apart, each all or none', async () => {
      const store = await make()
      const both = (i: number) =>
        store.commit([
          { type: 'put', key: `own/${i}`, value: i, expectedVersion: 0 },
          { type: 'put', key: `shared/${i % 10}`, value: i, expectedVersion: 0 },
        ])
      const outcomes = await Promise.all(Array.from({ length: 100 }, (_, i) => both(i)))
      const won = outcomes.flatMap(({ type }, i) => (type === 'written' ? [i] : []))
      expect(won).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      expect((await store.list('own')).map(({ value }) => value)).toEqual(won)
    })
  })

  describe(`${name}: listing`, () => {
    it('lists a folder in order, without its subfolders', async () => {
      const store = await make()
      for (const key of ['clients/b', 'clients/a@x.org', 'clients/c/d', 'gateways/z'])
        await store.write(key, {}, 0)
      expect(keysOf(await store.list('clients'))).toEqual(['clients/a@x.org', 'clients/b'])
      expect(await store.list('nothing')).toEqual([])
    })

    it('lists a folder a page at a time, and as a whole however long it is', async () => {
      const store = await make()
      const keys = Array.from({ length: 1_100 }, (_, i) => `f/${String(i).padStart(4, '0')}`)
      await store.commit([...keys, 'f/0001/below', 'f0'].map(key => ({ type: 'put', key, value: 1 })))
      expect(keysOf(await store.list('f'))).toEqual(keys)
      expect(keysOf(await store.list('f', {}))).toEqual(keys.slice(0, 1_000))
      expect(keysOf(await store.list('f', { after: 'f/0001', limit: 2 }))).toEqual(['f/0002', 'f/0003'])
      expect(await store.list('f', { after: 'f/1099' })).toEqual([])
      await expect(store.list('f', { limit: 1_001 })).rejects.toThrow('1 to 1000 entries')
    })

    it('scans what is below a folder at any depth, a page at a time', async () => {
      const store = await make()
      const below = ['f/a', 'f/a/b', 'f/a-b', 'f/c/d/e', 'f/ä'].sort()
      for (const key of [...below, 'f', 'f0', 'f-a/x', 'e']) await store.write(key, {}, 0)
      expect(keysOf(await store.scan('f'))).toEqual(below)
      const pages: string[] = []
      let after: string | undefined
      for (;;) {
        const page = keysOf(await store.scan('f', { after, limit: 2 }))
        pages.push(...page)
        if (page.length < 2) break
        after = page.at(-1)
      }
      expect(pages).toEqual(below)
      expect(await store.scan('f', { after: 'z' })).toEqual([])
      expect(keysOf(await store.scan('f', { after: 'a', limit: 1 }))).toEqual([below[0]])
      await expect(store.scan('f', { limit: 0 })).rejects.toThrow(RangeError)
    })
  })

  describe(`${name}: watching`, () => {
    it('tells a watcher of every change below its folder, until it stops', async () => {
      const store = await make()
      const changes: DocumentChange[] = []
      const stop = store.watch('clients', change => changes.push(change))
      await store.write('clients/a', 1, 0)
      await store.write('gateways/a', 1, 0)
      await store.remove('clients/a', 1)
      stop()
      await store.write('clients/a', 2, 0)
      const document = { key: 'clients/a', version: 1, value: 1 }
      expect(changes).toEqual([{ key: 'clients/a', document }, { key: 'clients/a' }])
    })

    it('tells of what is stored, in order, before whoever stored it goes on', async () => {
      const store = await make()
      const heard: string[] = []
      store.watch('', ({ key, document }) => heard.push(`${key} ${document?.version}`))
      const writes = Array.from({ length: 5 }, (_, i) => store.write('a', i, i))
      const seen = await Promise.all(writes.map(async write => (await write) && heard.length))
      expect(heard).toEqual(['a 1', 'a 2', 'a 3', 'a 4', 'a 5'])
      expect(Math.min(...seen)).toBeGreaterThan(0)
    })
  })

  describe(`${name}: history`, () => {
    const entry = (at: number, target: string) => ({ at, who: 'ann', action: 'x/write', target })

    it('is written with the change, and listed newest first', async () => {
      const store = await make()
      const first = { ...entry(10, 'rg/a'), after: { x: 1 } }
      const second = { ...entry(20, 'rg/a'), before: { x: 1 }, after: null }
      for (const record of [first, second])
        await store.commit([
          { type: 'put', key: 'rg/a', value: 1 },
          { type: 'record', entry: record },
        ])
      expect(await store.history()).toEqual([
        { id: 2, ...second },
        { id: 1, ...first },
      ])
    })

    it('is listed by target, time and page', async () => {
      const store = await make()
      const targets = ['rg/a', 'rg/a/b', 'rg/ab', 'rg/b', 'rg/a']
      await store.commit(targets.map((target, i) => ({ type: 'record', entry: entry(i * 10, target) })))
      const ids = async (query: object) => (await store.history(query)).map(({ id }) => id)
      expect(await ids({ target: 'rg/a' })).toEqual([5, 2, 1])
      expect(await ids({ from: 10, to: 30 })).toEqual([3, 2])
      expect(await ids({ target: 'rg', limit: 2 })).toEqual([5, 4])
      expect(await ids({ target: 'rg', limit: 2, after: 4 })).toEqual([3, 2])
    })
  })
}
