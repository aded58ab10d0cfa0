import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { acquireProcessLock } from './process-lock.ts'
import { scratch } from './scratch.suite.ts'

it('is held once, and again after its release', async () => {
  const path = join(await scratch(), 'lock')
  const lock = await acquireProcessLock(path)
  await expect(acquireProcessLock(path)).rejects.toMatchObject({ code: 'ERR_STORE_LOCKED' })
  await expect(acquireProcessLock(path)).rejects.toThrow(`process ${process.pid}`)
  await lock.release()
  await lock.release()
  await (await acquireProcessLock(path)).release()
})

it.each([
  ['a process that is gone', (own: object) => ({ ...own, processId: 4_194_305 })],
  ['a process number that was given to another', (own: object) => ({ ...own, startTicks: '1' })],
  ['another boot', (own: object) => ({ ...own, bootId: 'earlier' })],
])('takes over from %s', async (_, change) => {
  const directory = await scratch()
  const path = join(directory, 'lock')
  await (await acquireProcessLock(path)).release()
  const own = await currentHolder(path)
  await writeFile(path, JSON.stringify(change(own)))
  await acquireProcessLock(path)
  expect(await readdir(directory)).toEqual(['lock'])
})

it('takes over what is not a lock file of ours', async () => {
  const path = join(await scratch(), 'lock')
  await writeFile(path, '{"processId":')
  await acquireProcessLock(path)
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ processId: process.pid })
})

async function currentHolder(path: string): Promise<object> {
  const lock = await acquireProcessLock(path)
  const holder = JSON.parse(await readFile(path, 'utf8')) as object
  await lock.release()
  return holder
}
