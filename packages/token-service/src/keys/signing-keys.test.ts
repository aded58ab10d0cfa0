import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { limits } from '../limits.ts'
import { memoryKeyStore, NOW } from '../token-service.suite.ts'
import { openSigningKeys, SIGNING_KEYS_NAME, type SigningKeys } from './signing-keys.ts'

async function sign(
  keys: SigningKeys,
  now: number,
): Promise<{ readonly token: string; readonly keyId: string }> {
  const { keyId, privateKey } = await keys.signer(now)
  const token = await new SignJWT({}).setProtectedHeader({ alg: 'RS256', kid: keyId }).sign(privateKey)
  return { token, keyId }
}

async function isGood(keys: SigningKeys, token: string, now: number): Promise<boolean> {
  const { kid } = decodeProtectedHeader(token)
  const found = await keys.keyFor({ type: 'header', algorithm: 'RS256', keyId: kid }, now)
  if (found.type !== 'key') return false
  await jwtVerify(token, found.key)
  return true
}

describe('signing keys', () => {
  it('are made once, and kept', async () => {
    const store = memoryKeyStore()
    const first = await openSigningKeys({ store, now: NOW })
    const { token, keyId } = await sign(first, NOW)
    const second = await openSigningKeys({ store, now: NOW + 1 })
    expect((await second.signer(NOW + 1)).keyId).toBe(keyId)
    expect(await isGood(second, token, NOW + 1)).toBe(true)
    expect(store.stored.size).toBe(1)
  })

  it('are RSA of 2048 bits, and published without anything private', async () => {
    const keys = await openSigningKeys({ store: memoryKeyStore(), now: NOW })
    const [key] = keys.publicKeys(NOW)
    expect(Object.keys(key ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use'])
    expect(Buffer.from(key?.n ?? '', 'base64url')).toHaveLength(256)
  })

  it('rotate: the new one signs, the former one is there for as long as its tokens', async () => {
    const store = memoryKeyStore()
    const keys = await openSigningKeys({ store, now: NOW, longestTokenSeconds: 3_600 })
    const before = await sign(keys, NOW)
    await Promise.all([keys.rotate(NOW + 10), keys.rotate(NOW + 10)])
    const after = await sign(keys, NOW + 10)
    expect(after.keyId).not.toBe(before.keyId)
    expect(keys.publicKeys(NOW + 10).map(({ kid }) => kid)).toEqual([after.keyId, before.keyId])
    expect(await isGood(keys, before.token, NOW + 10)).toBe(true)
    const reopened = await openSigningKeys({ store, now: NOW + 20, longestTokenSeconds: 3_600 })
    expect(await isGood(reopened, before.token, NOW + 20)).toBe(true)
    const gone = NOW + 10 + 3_600 + limits.clockSkewSeconds.max
    expect(await isGood(reopened, before.token, gone)).toBe(false)
    expect(await isGood(reopened, after.token, gone)).toBe(true)
  })

  it('rotate by themselves when they are due', async () => {
    const keys = await openSigningKeys({ store: memoryKeyStore(), now: NOW, signingKeySeconds: 100 })
    const { keyId } = await keys.signer(NOW + 99)
    expect((await keys.signer(NOW + 100)).keyId).not.toBe(keyId)
  })

  it('are stored before they sign', async () => {
    const store = memoryKeyStore()
    const keys = await openSigningKeys({ store, now: NOW })
    const { keyId } = await keys.signer(NOW)
    const failing = await openSigningKeys({
      store: { read: store.read, write: () => Promise.reject(new Error('disk full')) },
      now: NOW,
    })
    await expect(failing.rotate(NOW)).rejects.toThrow('disk full')
    expect((await failing.signer(NOW)).keyId).toBe(keyId)
  })

  it('of others, and tokens without a key id, are unknown', async () => {
    const keys = await openSigningKeys({ store: memoryKeyStore(), now: NOW })
    for (const keyId of [undefined, 'other'])
      expect(await keys.keyFor({ type: 'header', algorithm: 'RS256', keyId }, NOW)).toMatchObject({
        type: 'unknown',
      })
  })

  it.each(['', '{}', '{"keys":[{"pkcs8":"-----BEGIN PRIVATE KEY-----hush"}]}'])(
    'that are damaged say so without telling: %j',
    async text => {
      const store = memoryKeyStore()
      await store.write(SIGNING_KEYS_NAME, new TextEncoder().encode(text))
      const opening = openSigningKeys({ store, now: NOW })
      await expect(opening).rejects.toMatchObject({
        code: 'ERR_TOKEN_KEYS',
        message: expect.not.stringMatching('hush'),
      })
    },
  )
})
