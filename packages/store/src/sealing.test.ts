import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scratch } from './scratch.suite.ts'
import { readOrMakeKey, seal, temporaryKey, unseal } from './sealing.ts'

const SECRET = new TextEncoder().encode('the very secret words')

describe('a sealed secret', () => {
  it('is opened by its key, under its name', () => {
    const key = temporaryKey()
    expect(unseal(key, 'ca', seal(key, 'ca', SECRET))).toEqual(SECRET)
    expect(Buffer.from(seal(key, 'ca', SECRET)).includes('secret words')).toBe(false)
  })

  it('is refused when it was changed, under another name, and with another key', () => {
    const key = temporaryKey()
    const sealed = seal(key, 'ca', SECRET)
    const refused = expect.objectContaining({ code: 'ERR_STORE_KEY' })
    expect(() => unseal(key, 'server', sealed)).toThrow(refused)
    expect(() => unseal(temporaryKey(), 'ca', sealed)).toThrow(refused)
    for (let at = 8; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed)
      changed[at] = (changed[at] as number) ^ 1
      expect(() => unseal(key, 'ca', changed)).toThrow(refused)
    }
    const damaged = expect.objectContaining({ code: 'ERR_STORE_CORRUPT' })
    expect(() => unseal(key, 'ca', sealed.subarray(1))).toThrow(damaged)
    expect(() => unseal(key, 'ca', sealed.subarray(0, 35))).toThrow(damaged)
  })
})

describe('the key file', () => {
  it('is made once, closed to others', async () => {
    const path = join(await scratch(), 'key')
    const key = await readOrMakeKey(path, false)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readOrMakeKey(path, true)).toEqual(key)
  })

  it('is not made anew when something was sealed with it, nor taken when it is none', async () => {
    const path = join(await scratch(), 'key')
    await readOrMakeKey(path, false)
    await rm(path)
    await expect(readOrMakeKey(path, true)).rejects.toMatchObject({ code: 'ERR_STORE_KEY' })
    await writeFile(path, 'c2hvcnQ=')
    await expect(readOrMakeKey(path, false)).rejects.toMatchObject({ code: 'ERR_STORE_KEY' })
    expect(await readFile(path, 'utf8')).toBe('c2hvcnQ=')
  })
})
