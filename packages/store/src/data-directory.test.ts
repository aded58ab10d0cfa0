import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type DataDirectory, openDataDirectory } from './data-directory.ts'
import { viewDataDirectory } from './data-directory-view.ts'
import { scratch } from './scratch.suite.ts'
import { readOrMakeKey, seal } from './sealing.ts'

const SECRET = new TextEncoder().encode('Wombat-7')

async function opened(path: string): Promise<DataDirectory> {
  const data = await openDataDirectory(path)
  onTestFinished(() => data.close())
  return data
}

it('belongs to one process until it is closed', async () => {
  const path = join(await scratch(), 'data')
  const first = await openDataDirectory(path)
  await expect(openDataDirectory(path)).rejects.toMatchObject({ code: 'ERR_STORE_LOCKED' })
  await first.close()
  await (await openDataDirectory(path)).close()
})

it('says which directory cannot be made', async () => {
  const file = join(await scratch(), 'file')
  await writeFile(file, '')
  await expect(openDataDirectory(join(file, 'data'))).rejects.toThrow(/file\/data: .*not a directory.*--data/)
})

it('keeps documents and secrets, closed to others', async () => {
  const path = join(await scratch(), 'data')
  const first = await openDataDirectory(path)
  await first.documents.write('a', 1, 0)
  await first.secrets.write('a', SECRET)
  await first.close()
  for (const file of ['causeway.db', 'store.key'])
    expect((await stat(join(path, file))).mode & 0o777).toBe(0o600)
  const again = await opened(path)
  expect(await again.documents.read('a')).toMatchObject({ value: 1 })
  expect(await again.secrets.read('a')).toEqual(SECRET)
})

it('makes no new key while there are secrets, and lets the directory go again', async () => {
  const path = join(await scratch(), 'data')
  const first = await openDataDirectory(path)
  await first.secrets.write('a', SECRET)
  await first.close()
  await rm(join(path, 'store.key'))
  await expect(openDataDirectory(path)).rejects.toMatchObject({ code: 'ERR_STORE_KEY' })
  expect(await readdir(path)).not.toContain('lock')
})

describe('files from before there was a database', () => {
  /** A data directory as earlier versions left it. */
  async function formerDirectory(): Promise<string> {
    const path = join(await scratch(), 'data')
    const document = (key: string, version: number, value: unknown) =>
      put(join(path, 'documents', `${key}.json`), JSON.stringify({ version, value }))
    await document('gateways/causeway', 7, { name: 'gw' })
    await document('clients/ann@example.org', 1, { serial: '1' })
    await put(join(path, 'documents', 'clients', '.bob.json.0123456789ab.tmp'), '{"vers')
    const key = await readOrMakeKey(join(path, 'store.key'), false)
    await put(join(path, 'secrets', 'authority-key.sealed'), seal(key, 'authority-key', SECRET))
    return path
  }

  async function put(path: string, content: string | Uint8Array): Promise<void> {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }

  async function expectTaken(path: string): Promise<void> {
    const { documents, secrets } = await opened(path)
    expect(await documents.scan('')).toEqual([
      { key: 'clients/ann@example.org', version: 1, value: { serial: '1' } },
      { key: 'gateways/causeway', version: 7, value: { name: 'gw' } },
    ])
    expect(await secrets.read('authority-key')).toEqual(SECRET)
    const names = await readdir(path)
    for (const gone of ['documents', 'secrets', 'former-files']) expect(names).not.toContain(gone)
  }

  it('are taken over once, with their versions, and removed', async () => {
    const path = await formerDirectory()
    await expectTaken(path)
  })

  it.each([
    ['both were moved aside', ['documents', 'secrets']],
    ['one was moved aside', ['documents']],
  ])('are taken over when a crash came after %s', async (_when, moved) => {
    const path = await formerDirectory()
    await mkdir(join(path, 'former-files'))
    const { rename } = await import('node:fs/promises')
    for (const name of moved) await rename(join(path, name), join(path, 'former-files', name))
    await expectTaken(path)
  })

  it('are removed when a crash came after they were stored', async () => {
    const path = await formerDirectory()
    const first = await openDataDirectory(path)
    await first.close()
    await put(join(path, 'former-files', 'documents', 'gateways', 'causeway.json'), '{"version":9,"value":0}')
    await expectTaken(path)
  })

  it('are not mixed with a database that was used since', async () => {
    const path = join(await scratch(), 'data')
    await (await openDataDirectory(path)).close()
    await put(join(path, 'documents', 'a.json'), '{"version":1,"value":0}')
    await expect(openDataDirectory(path)).rejects.toThrow(
      /documents is from before .*causeway\.db.*; move away/,
    )
    expect(await readdir(path)).toContain('documents')
  })

  it.each(['', '{"version":1', '{"value":1}', '{"version":0,"value":1}', '[]'])(
    'change nothing when %j is among them',
    async text => {
      const path = await formerDirectory()
      await put(join(path, 'documents', 'a.json'), text)
      await expect(openDataDirectory(path)).rejects.toMatchObject({
        code: 'ERR_STORE_CORRUPT',
        message: expect.stringContaining('documents/a.json is damaged'),
      })
      await rm(join(path, 'documents', 'a.json'))
      await expectTaken(path)
    },
  )

  it('are looked at where they are', async () => {
    const path = await formerDirectory()
    const before = (await readdir(path, { recursive: true })).sort()
    const view = await viewDataDirectory(path)
    expect(await view.documents.read('gateways/causeway')).toMatchObject({ version: 7 })
    expect(await view.secrets.read('authority-key')).toEqual(SECRET)
    await view.close()
    expect((await readdir(path, { recursive: true })).sort()).toEqual(before)
  })
})

describe('a look into a data directory', () => {
  it('sees what is stored, while somebody else holds it and afterwards', async () => {
    const path = join(await scratch(), 'data')
    const data = await openDataDirectory(path)
    await data.documents.write('a', 1, 0)
    await data.secrets.write('a', SECRET)
    const view = await viewDataDirectory(path)
    expect(await view.documents.read('a')).toMatchObject({ value: 1 })
    await data.documents.write('a', 2, 1)
    expect(await view.documents.read('a')).toMatchObject({ value: 2 })
    expect(await view.secrets.read('a')).toEqual(SECRET)
    await view.close()
    await data.close()
    const later = await viewDataDirectory(path)
    expect(await later.documents.list('a')).toEqual([])
    expect(await later.documents.read('a')).toMatchObject({ value: 2 })
    await later.close()
  })

  it('finds nothing in one that is new, and makes none', async () => {
    const directory = await scratch()
    const view = await viewDataDirectory(join(directory, 'new'))
    expect(await view.documents.scan('')).toEqual([])
    await view.close()
    expect(await readdir(directory)).toEqual([])
  })
})
