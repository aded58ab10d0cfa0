import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DocumentChange } from './document-store.ts'
import { openFileDocumentStore } from './file-document-store.ts'
import { scratch } from './scratch.suite.ts'

describe('the embedded document store', () => {
  it('keeps documents over a restart', async () => {
    const directory = await scratch()
    await openFileDocumentStore(directory).write('gateways/a', { x: 1 }, 0)
    const again = openFileDocumentStore(directory)
    expect(await again.read('gateways/a')).toEqual({ key: 'gateways/a', version: 1, value: { x: 1 } })
    expect(await again.read('gateways/b')).toBeUndefined()
  })

  it('sets only what has the expected version', async () => {
    const store = openFileDocumentStore(await scratch())
    expect(await store.write('a', 1, 0)).toEqual({ type: 'written', version: 1 })
    expect(await store.write('a', 2, 0)).toEqual({ type: 'conflict', version: 1 })
    expect(await store.write('a', 2, 1)).toEqual({ type: 'written', version: 2 })
    expect(await store.remove('a', 1)).toEqual({ type: 'conflict', version: 2 })
    expect(await store.remove('a', 2)).toEqual({ type: 'written', version: 0 })
    expect(await store.read('a')).toBeUndefined()
  })

  it('lets one of many concurrent writers win', async () => {
    const store = openFileDocumentStore(await scratch())
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, i) => store.write('a', i, 0)))
    expect(outcomes.filter(outcome => outcome.type === 'written')).toHaveLength(1)
  })

  it('lists a folder in order, without its subfolders', async () => {
    const store = openFileDocumentStore(await scratch())
    for (const key of ['clients/b', 'clients/a@x.org', 'clients/c/d', 'gateways/z'])
      await store.write(key, {}, 0)
    expect((await store.list('clients')).map(document => document.key)).toEqual([
      'clients/a@x.org',
      'clients/b',
    ])
    expect(await store.list('nothing')).toEqual([])
  })

  it('tells a watcher of every change below its folder, until it stops', async () => {
    const store = openFileDocumentStore(await scratch())
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

  it.each(['', '../a', 'a/../b', '/a', 'a//b', 'a/.b', 'a\0', 'A'])('refuses the key %j', async key => {
    const store = openFileDocumentStore(await scratch())
    await expect(store.read(key)).rejects.toMatchObject({ code: 'ERR_STORE_NAME' })
  })

  it.each(['', '{"version":1', '{"value":1}', '{"version":0,"value":1}', '[]'])(
    'says that %j is damaged',
    async text => {
      const directory = await scratch()
      await writeFile(join(directory, 'a.json'), text)
      await expect(openFileDocumentStore(directory).read('a')).rejects.toMatchObject({
        code: 'ERR_STORE_CORRUPT',
      })
    },
  )
})
