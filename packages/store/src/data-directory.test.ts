import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openDataDirectory } from './data-directory.ts'
import { scratch } from './scratch.suite.ts'

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
