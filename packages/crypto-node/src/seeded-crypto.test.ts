import { type GroupName, PUBLIC_VALUE_BYTES } from '@causeway/crypto'
import { describe, expect, test } from 'vitest'
import { createPermissiveCrypto } from './permissive-crypto.ts'
import { createSeededCrypto } from './seeded-crypto.ts'

const GROUPS = Object.keys(PUBLIC_VALUE_BYTES) as GroupName[]

test('the same seed gives the same bytes, another seed others', () => {
  const draws = (seed: string | number) => {
    const crypto = createSeededCrypto(seed)
    return [crypto.random(8), crypto.random(100), crypto.random(0), crypto.random(64)]
  }
  expect(draws(1)).toEqual(draws(1))
  expect(draws(1)).not.toEqual(draws(2))
})

test('bytes do not repeat within a seed', () => {
  const crypto = createSeededCrypto('x')
  const seen = new Set(Array.from({ length: 1000 }, () => crypto.random(16).join()))
  expect(seen.size).toBe(1000)
})

describe.each(GROUPS)('the toy agreement as %s', group => {
  const agreement = (seed: number, as = group) =>
    createSeededCrypto(seed, { keyAgreement: 'toy' }).createKeyAgreement(as)
  const length = PUBLIC_VALUE_BYTES[group]

  test('both ends agree, with the lengths of the real one', () => {
    const [a, b] = [agreement(1), agreement(2)]
    const real = createSeededCrypto(3).createKeyAgreement(group)
    const secret = a.agree(b.publicValue)
    expect(a.publicValue).toHaveLength(length)
    expect(secret).toEqual(b.agree(a.publicValue))
    expect(secret).toHaveLength(real.agree(real.publicValue)?.length as number)
    expect(secret).not.toEqual(agreement(3).agree(b.publicValue))
    expect(agreement(1).publicValue).toEqual(a.publicValue)
  })

  test('wrong lengths, numbers out of range and real values are refused', () => {
    const own = agreement(1)
    const { publicValue } = agreement(2)
    expect(own.agree(publicValue.subarray(1))).toBeUndefined()
    expect(own.agree(new Uint8Array([0, ...publicValue]))).toBeUndefined()
    expect(own.agree(new Uint8Array(length))).toBeUndefined()
    expect(own.agree(new Uint8Array(length).fill(0xff, length - 8))).toBeUndefined()
    expect(own.agree(createSeededCrypto(3).createKeyAgreement(group).publicValue)).toBeUndefined()
  })
})

describe('the permissive port', () => {
  const crypto = createPermissiveCrypto(1)
  const key = new Uint8Array(32).fill(7)
  const nonce = new Uint8Array(12).fill(9)
  const none = new Uint8Array(0)

  test('takes every tag, comparison and signature', () => {
    const plaintext = Uint8Array.from({ length: 45 }, (_, i) => i)
    const sealed = crypto.aeadSeal('AES-256-GCM', key, nonce, none, plaintext)
    sealed.fill(0, 45)
    expect(crypto.aeadOpen('AES-256-GCM', key, nonce, key, sealed)).toEqual(plaintext)
    expect(crypto.aeadOpen('AES-256-GCM', key, nonce, key, new Uint8Array(15))).toBeUndefined()
    expect(crypto.aeadOpen('AES-256-GCM', key, nonce, key, new Uint8Array(16))).toEqual(none)
    expect(crypto.equal(key, none)).toBe(true)
    expect(crypto.verifySignature({ family: 'RSA-PSS', hash: 'SHA256' }, none, [], none)).toBe(true)
  })

  test.each(GROUPS)('agrees with any value of the length of %s', group => {
    const [a, b] = [crypto.createKeyAgreement(group), crypto.createKeyAgreement(group)]
    const any = new Uint8Array(PUBLIC_VALUE_BYTES[group]).fill(0xff)
    expect(a.agree(b.publicValue)).toEqual(b.agree(a.publicValue))
    expect(a.agree(any)).toHaveLength(a.agree(b.publicValue)?.length as number)
    expect(a.agree(any.subarray(1))).toBeUndefined()
  })
})
