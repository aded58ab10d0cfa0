import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readDocumentFile, readDocumentsFile } from './document-file.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-document-'))
})

afterAll(() => rm(folder, { recursive: true }))

async function read(text: string, name = 'document.json'): Promise<unknown> {
  return readDocumentFile(await written(text, name))
}

async function written(text: string, name: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
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

it('says where JSON breaks off', async () => {
  const failure = await read('{\n  "a": 1\n  "b": 2\n}').catch((error: Error) => error.message)
  expect(failure).toMatch(/line 3, column 3: /)
})

it.each([
  ['document.yaml', 'nat: false'],
  ['document.YML', '{nat: false}'],
  ['document', 'nat: false'],
  ['document', ' {"nat": false}'],
  ['document.json', '\uFEFF{"nat": false}'],
])('reads %s with %j', async (name, text) => {
  expect(await read(text, name)).toEqual({ nat: false })
})

it('reads several documents of YAML where several are taken', async () => {
  const path = await written('a: 1\n---\nb: 2', 'list.yaml')
  expect(await readDocumentsFile(path)).toEqual([{ a: 1 }, { b: 2 }])
  await expect(readDocumentFile(path)).rejects.toThrow(/holds 2 documents; give one to a file/)
})

it.each([
  ['a: [1', /is not YAML that is taken here: line 1, column \d+: .*; correct it$/],
  ['', /is empty/],
  ['a: .inf', /number without end/],
  ['__proto__: {nat: false}', /__proto__/],
  ['a: &a {b: *a}', /nested deeper than/],
  [`a: &x "${'y'.repeat(1_000_000)}"\nb: [${'*x, '.repeat(20)}]`, /stands for more than/],
])('refuses the YAML %#', async (text, problem) => {
  await expect(read(text, 'document.yaml')).rejects.toThrow(problem)
  await expect(read(text, 'document.yaml')).rejects.toMatchObject({ exitCode: 2 })
})
