import { expect, test } from 'vitest'
import { eapMsk } from './eap-msk.ts'

const bytes = (length: number, of: number) => new Uint8Array(length).fill(of)

test.each([
  [32, 'EAP-TLS'],
  [16, 'EAP-MSCHAPv2'],
])('keys of %i bytes each, of %s, make an MSK of 64', length => {
  const msk = eapMsk({ send: bytes(length, 1), receive: bytes(length, 2) })
  expect(msk).toEqual(
    Uint8Array.from([...bytes(length, 2), ...bytes(length, 1), ...bytes(64 - 2 * length, 0)]),
  )
})

test('keys that are longer make none', () => {
  expect(eapMsk({ send: bytes(33, 1), receive: bytes(32, 1) })).toBeUndefined()
})
