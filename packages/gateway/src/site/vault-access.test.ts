import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { CertificateReader } from './certificate-reader.ts'
import { VaultAccess } from './vault-access.ts'

const READER: CertificateReader = {
  readCertificate: () => Promise.reject(new Error('nobody asks in these tests')),
}

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

test('who asks before there is a reader gets it as soon as there is', async () => {
  const vault = new VaultAccess(1_000)
  const asked = [vault.reader(), vault.reader()]
  vault.use(READER)
  expect(await Promise.all(asked)).toEqual([READER, READER])
  expect(vi.getTimerCount()).toBe(0)
})

test('nobody waits for ever, and nobody once it is known that there is none', async () => {
  const vault = new VaultAccess(1_000)
  const asked = vault.reader()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await asked).toBeUndefined()
  vault.use(READER)
  vault.use(undefined)
  expect(await vault.reader()).toBeUndefined()
  expect(vi.getTimerCount()).toBe(0)
})
