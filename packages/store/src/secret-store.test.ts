import { copyFile, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { scratch } from './scratch.suite.ts'
import { openSecretStore } from './secret-store.ts'

const SECRET = new TextEncoder().encode('the very secret words')

async function opened(directory: string) {
  return openSecretStore(join(directory, 'secrets'), join(directory, 'key'))
}

it('reads back what was written, over a restart', async () => {
  const directory = await scratch()
  await (await opened(directory)).write('ca', SECRET)
  const again = await opened(directory)
  expect(await again.read('ca')).toEqual(SECRET)
  expect(await again.read('none')).toBeUndefined()
})

it('stores ciphertext, closed to others', async () => {
  const directory = await scratch()
  await (await opened(directory)).write('ca', SECRET)
  const path = join(directory, 'secrets', 'ca.sealed')
  expect((await readFile(path)).includes('secret words')).toBe(false)
  for (const file of [path, join(directory, 'key')]) expect((await stat(file)).mode & 0o777).toBe(0o600)
})

it('refuses a changed file, a file under another name, and another key', async () => {
  const directory = await scratch()
  const store = await opened(directory)
  await store.write('ca', SECRET)
  const path = join(directory, 'secrets', 'ca.sealed')
  await copyFile(path, join(directory, 'secrets', 'server.sealed'))
  await expect(store.read('server')).rejects.toMatchObject({ code: 'ERR_STORE_KEY' })
  const bytes = await readFile(path)
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1
  await writeFile(path, bytes)
  await expect(store.read('ca')).rejects.toMatchObject({ code: 'ERR_STORE_KEY' })
  await writeFile(path, 'short')
  await expect(store.read('ca')).rejects.toMatchObject({ code: 'ERR_STORE_CORRUPT' })
})

it('makes no new key while there are secrets', async () => {
  const directory = await scratch()
  await (await opened(directory)).write('ca', SECRET)
  await rm(join(directory, 'key'))
  await expect(opened(directory)).rejects.toMatchObject({ code: 'ERR_STORE_KEY' })
  await writeFile(join(directory, 'key'), 'c2hvcnQ=')
  await expect(opened(directory)).rejects.toMatchObject({ code: 'ERR_STORE_KEY' })
})
