import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readDocumentFile } from './document-file.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-document-'))
})

afterAll(() => rm(folder, { recursive: true }))

async function read(text: string): Promise<unknown> {
  const path = join(folder, 'document.json')
  await writeFile(path, text)
  return readDocumentFile(path)
}

it('reads JSON', async () => {
  expect(await read('{"nat": false}')).toEqual({ nat: false })
})

it.each([
  '{"radiusServerSecret": Wombat-7}',
  `{"name": "${'a'.repeat(100)}", "radiusServerSecret": Wombat-7, "sku": "${'b'.repeat(100)}"}`,
  '{"radiusServerSecret": "Wombat-7" "x"}',
  '{"radiusServerSecret": "Wombat-7\n',
  'Wombat-7',
])('says that %s is none, and repeats nothing of it', async text => {
  const failure = await read(text).catch((error: Error) => error.message)
  expect(failure).toMatch(/document\.json is not JSON: .+; correct it$/)
  expect(failure).not.toMatch(/ombat|Secret/)
})
