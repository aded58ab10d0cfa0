import { describe, expect, it } from 'vitest'
import { createClientSecret, isClientSecret, mayBeSecret } from './client-secret.ts'

describe('a client secret', () => {
  const options = { displayName: 'one', now: 1_000, lifetimeSeconds: 60 }

  it('is kept as a salted hash with its times', async () => {
    const [one, other] = [await createClientSecret(options), await createClientSecret(options)]
    expect(one.text).toMatch(/^[\w-]{43}$/)
    expect(one.stored).toMatchObject({
      displayName: 'one',
      hint: one.text.slice(0, 3),
      startsAt: 1_000,
      endsAt: 1_060,
    })
    expect(JSON.stringify(one.stored)).not.toContain(one.text.slice(3))
    expect(one.stored.salt).not.toBe(other.stored.salt)
    expect(one.stored.keyId).not.toBe(other.stored.keyId)
  })

  it('is the text and nothing else', async () => {
    const { text, stored } = await createClientSecret(options)
    expect(await isClientSecret(text, stored)).toBe(true)
    expect(mayBeSecret(text, stored)).toBe(true)
    for (const wrong of [
      '',
      text.slice(0, -1),
      `${text}x`,
      text.toLowerCase() === text ? text.toUpperCase() : text.toLowerCase(),
    ])
      expect(await isClientSecret(wrong, stored)).toBe(false)
    expect(await isClientSecret(text, { ...stored, hash: '' })).toBe(false)
    expect(await isClientSecret(text, { ...stored, salt: 'AAAA' })).toBe(false)
    expect(mayBeSecret(`~${text}`, stored)).toBe(false)
  })
})
