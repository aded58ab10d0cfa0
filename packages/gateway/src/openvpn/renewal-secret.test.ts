import { expect, test } from 'vitest'
import { RenewalSecret, renewalSecret } from './renewal-secret.ts'

test('the password or the token renews a session of the same user, and nothing else does', () => {
  const secret = new RenewalSecret('alice', 'correct horse')
  expect(secret.holds('alice', 'correct horse')).toBe(true)
  expect(secret.holds('alice', secret.authToken.token)).toBe(true)
  for (const wrong of ['correct hors', 'correct horsf', '', undefined, `${secret.authToken.token}x`])
    expect(secret.holds('alice', wrong)).toBe(false)
  expect(secret.holds('bob', 'correct horse')).toBe(false)
  expect(secret.holds(undefined, secret.authToken.token)).toBe(false)
})

test('each session has a token of its own', () => {
  const [one, other] = [new RenewalSecret('alice', 'x'), new RenewalSecret('alice', 'x')]
  expect(one.authToken.token).not.toBe(other.authToken.token)
  expect(one.holds('alice', other.authToken.token)).toBe(false)
})

test('what a client brought that signed in elsewhere renews nothing; its token does, under its name', () => {
  const dummy = renewalSecret({ username: 'browser', password: 'browser' }, { broughtNothing: true })
  expect(dummy.holds('browser', 'browser')).toBe(false)
  expect(dummy.holds('browser', dummy.authToken.token)).toBe(true)
  expect(dummy.authToken).toEqual({ token: expect.stringMatching(/^signed-in-[\w-]{43}$/) })
  const nobody = renewalSecret({ username: undefined, password: undefined }, { broughtNothing: true })
  expect(nobody.authToken).toMatchObject({ username: 'vpn' })
  expect(nobody.holds('vpn', nobody.authToken.token)).toBe(true)
  expect(nobody.holds(undefined, undefined)).toBe(false)
})
