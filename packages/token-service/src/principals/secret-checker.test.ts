import { describe, expect, it } from 'vitest'
import { HashingGate } from '../pace/hashing-gate.ts'
import { createClientSecret } from './client-secret.ts'
import { SecretChecker } from './secret-checker.ts'

/** Counts what is hashed. */
class CountingGate extends HashingGate {
  runs = 0

  override run<T>(work: () => Promise<T>): Promise<T | 'busy'> {
    this.runs++
    return super.run(work)
  }
}

const options = { displayName: '', now: 0, lifetimeSeconds: 1 }

describe('the check of a secret', () => {
  it('hashes a right one once, however many bring it, at the same time or later', async () => {
    const { text, stored } = await createClientSecret(options)
    const gate = new CountingGate()
    const checker = new SecretChecker(gate)
    const many = await Promise.all(Array.from({ length: 100 }, () => checker.check(text, stored)))
    expect(many.every(isRight => isRight === true)).toBe(true)
    expect(await checker.check(text, stored)).toBe(true)
    expect(gate.runs).toBe(1)
  })

  it('hashes every wrong one, and none that begins otherwise', async () => {
    const { text, stored } = await createClientSecret(options)
    const gate = new CountingGate()
    const checker = new SecretChecker(gate)
    await checker.check(text, stored)
    for (const wrong of [`${text}x`, text.slice(0, -1), text.slice(0, -1)])
      expect(await checker.check(wrong, stored)).toBe(false)
    expect(await checker.check(`~${text}`, stored)).toBe(false)
    expect(gate.runs).toBe(4)
  })

  it('knows a secret by its hash: another one in its place is another one', async () => {
    const [one, other] = [await createClientSecret(options), await createClientSecret(options)]
    const checker = new SecretChecker()
    expect(await checker.check(one.text, one.stored)).toBe(true)
    const replaced = { ...other.stored, keyId: one.stored.keyId, hint: '' }
    expect(await checker.check(one.text, replaced)).toBe(false)
    expect(await checker.check(other.text, replaced)).toBe(true)
  })

  it('says when too many are being hashed', async () => {
    const { text, stored } = await createClientSecret(options)
    const checker = new SecretChecker(new HashingGate(0, 0))
    expect(await checker.check(text, stored)).toBe('busy')
    expect(await checker.check(text, stored)).toBe('busy')
  })
})
