import { expect, test } from 'vitest'
import { RenewalSecret } from './renewal-secret.ts'

test('the password or the token renews a session of the same user, and nothing else does', () => {
  const secret = new RenewalSecret('alice', 'correct horse')
  expect(secret.holds('alice', 'correct horse')).toBe(true)
  expect(secret.holds('alice', secret.token)).toBe(true)
  for (const wrong of ['correct hors', 'correct horsf', '', undefined, `${secret.token}x`])
    expect(secret.holds('alice', wrong)).toBe(false)
  expect(secret.holds('bob', 'correct horse')).toBe(false)
  expect(secret.holds(undefined, secret.token)).toBe(false)
})

test('each session has a token of its own', () => {
  const [one, other] = [new RenewalSecret('alice', 'x'), new RenewalSecret('alice', 'x')]
  expect(one.token).not.toBe(other.token)
  expect(one.holds('alice', other.token)).toBe(false)
})
