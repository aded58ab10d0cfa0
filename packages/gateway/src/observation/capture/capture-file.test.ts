import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Reader } from '@causeway/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CaptureFile } from './capture-file.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'causeway-capture-'))
})

afterEach(() => rm(directory, { recursive: true }))

const frame = (device: number, length: number) => ({
  microseconds: 5n,
  bytes: new Uint8Array(length),
  originalLength: length,
  device,
})

/** Types of the blocks, and of packets their interfaces. */
async function blocksOf(path: string): Promise<readonly (readonly number[])[]> {
  const reader = new Reader(await readFile(path))
  const blocks = []
  while (reader.remaining > 0) {
    const type = reader.u32('type')
    const body = reader.sub(reader.u32('length') - 12, 'body')
    reader.u32('length again')
    blocks.push(type === 6 ? [type, body.u32('interface')] : [type])
  }
  return blocks
}

test('a packet is inside or outside by its device, and the file is for its owner alone', async () => {
  const path = join(directory, 'a.pcapng')
  const file = await CaptureFile.create(path, { fileBytes: 10_000, packetBytes: 100, tunIndex: 7 })
  await file.add([frame(7, 40), frame(2, 33)])
  await file.add([frame(7, 20)])
  await file.close()
  expect(await blocksOf(path)).toEqual([[0x0a0d0d0a], [1], [1], [6, 0], [6, 1], [6, 0]])
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect((await stat(path)).size).toBe(file.length)
})

test('it ends before its limit, and nothing smaller slips in afterwards', async () => {
  const path = join(directory, 'a.pcapng')
  const file = await CaptureFile.create(path, { fileBytes: 1_000, packetBytes: 100, tunIndex: 7 })
  await file.add(Array.from({ length: 20 }, () => frame(7, 100)))
  expect(file.isFull).toBe(true)
  const { length } = file
  await file.add([frame(7, 20)])
  await file.close()
  expect(file.length).toBe(length)
  expect((await stat(path)).size).toBeLessThanOrEqual(1_000)
})

test('nothing is written over', async () => {
  const path = join(directory, 'a.pcapng')
  const limits = { fileBytes: 1_000, packetBytes: 100, tunIndex: 7 }
  await (await CaptureFile.create(path, limits)).close()
  await expect(CaptureFile.create(path, limits)).rejects.toMatchObject({ code: 'EEXIST' })
})
