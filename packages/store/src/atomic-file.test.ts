import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { removeFile, removeLeftovers, replaceFile } from './atomic-file.ts'
import { scratch } from './scratch.suite.ts'

it('replaces a file with the mode asked for', async () => {
  const path = join(await scratch(), 'a')
  await replaceFile(path, 'one', 0o600)
  await replaceFile(path, 'two', 0o600)
  expect(await readFile(path, 'utf8')).toBe('two')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

it('leaves nothing behind when the last step fails', async () => {
  const directory = await scratch()
  await mkdir(join(directory, 'a', 'inner'), { recursive: true })
  await expect(replaceFile(join(directory, 'a'), 'x', 0o600)).rejects.toMatchObject({
    code: 'ERR_STORE_WRITE',
  })
  expect(await readdir(directory)).toEqual(['a'])
})

it('names the path and what to do when the directory is missing', async () => {
  const path = join(await scratch(), 'no', 'a')
  await expect(replaceFile(path, 'x', 0o600)).rejects.toThrow(
    /^cannot write .*no\/a: no such file or directory; /,
  )
})

it('clears temporary files, and only those', async () => {
  const directory = await scratch()
  await writeFile(join(directory, '.a.0123456789ab.tmp'), 'half')
  await writeFile(join(directory, 'b.tmp'), 'mine')
  await removeLeftovers(directory)
  expect(await readdir(directory)).toEqual(['b.tmp'])
})

it('removes a file, present or not', async () => {
  const path = join(await scratch(), 'a')
  await replaceFile(path, 'x', 0o600)
  await removeFile(path)
  await removeFile(path)
  await expect(readFile(path)).rejects.toThrow('ENOENT')
})
