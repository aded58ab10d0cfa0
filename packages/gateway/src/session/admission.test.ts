import { type IpPrefix, parseIpPrefix } from '@causeway/wire'
import { expect, test } from 'vitest'
import { AuthenticationPolicy } from '../authentication/authentication-policy.ts'
import type { AuthenticationMethod, Credentials, Verdict } from '../authentication/identity.ts'
import { AddressPool } from '../pool/address-pool.ts'
import { Admission } from './admission.ts'

const ALLOW: Verdict = {
  type: 'allow',
  identity: { user: 'alice', description: 'CN=alice', thumbprint: undefined },
}
const DENY: Verdict = { type: 'deny', reason: 'revoked', userReason: 'no', temporary: false }
const CREDENTIALS: Credentials = {
  tunnel: 'OpenVPN',
  peerChain: [Uint8Array.of(1)],
  username: undefined,
  password: undefined,
}

function policy(authenticate: () => Verdict | Promise<Verdict>, recheck: () => Verdict = () => ALLOW) {
  const tunnels = new Set(['OpenVPN', 'SSTP'] as const)
  const method: AuthenticationMethod = {
    name: 'certificate',
    tunnels,
    accepts: () => true,
    authenticate,
    recheck,
  }
  return new AuthenticationPolicy([method])
}

function admission(first: AuthenticationPolicy, sessionLimit = 10) {
  const pool = new AddressPool({ ipv4: parseIpPrefix('10.8.0.0/24') as IpPrefix })
  let left = 0
  const door = new Admission(first, { ikev2OpenVpn: sessionLimit, sstp: 1 }, pool, () => {
    left++
  })
  return { door, pool, left: () => left }
}

test('a policy that was replaced while it thought has not the last word', async () => {
  let answer: (verdict: Verdict) => void = () => undefined
  const slow = policy(
    () =>
      new Promise(resolve => {
        answer = resolve
      }),
  )
  const { door, pool } = admission(slow)
  const admitted = door.admit(CREDENTIALS, '')
  door.policy = policy(
    () => DENY,
    () => DENY,
  )
  answer(ALLOW)
  expect(await admitted).toEqual(DENY)
  expect(pool.leases()).toEqual([])
})

test('the session limit counts those that are inside, and each place is free again', async () => {
  const { door, pool, left } = admission(
    policy(() => ALLOW),
    1,
  )
  const first = await door.admit(CREDENTIALS, 'laptop')
  expect(await door.admit(CREDENTIALS, 'phone')).toMatchObject({ type: 'deny', temporary: true })
  if (first.type === 'deny') throw new Error(first.reason)
  door.leave(first.lease, CREDENTIALS.tunnel)
  expect(left()).toBe(1)
  expect((await door.admit(CREDENTIALS, 'phone')).type).toBe('allow')
  expect(pool.leases()).toHaveLength(1)
})

test('SSTP has its own limit', async () => {
  const { door } = admission(
    policy(() => ALLOW),
    1,
  )
  const sstp = { ...CREDENTIALS, tunnel: 'SSTP' } as const
  expect((await door.admit(CREDENTIALS, 'laptop')).type).toBe('allow')
  expect((await door.admit(sstp, 'phone')).type).toBe('allow')
  expect(door.fullReason('SSTP')).toBe('the limit of 1 SSTP sessions is reached')
  expect(await door.admit(sstp, 'tablet')).toMatchObject({ type: 'deny', temporary: true })
})

test('whom the door let in is judged again when its session begins, if the policy has changed since', async () => {
  let asked = 0
  const recheck = () => {
    asked++
    return DENY
  }
  const { door } = admission(policy(() => ALLOW, recheck))
  const admitted = await door.admit(CREDENTIALS, 'laptop')
  if (admitted.type === 'deny') throw new Error(admitted.reason)
  const guest = { ...admitted, credentials: CREDENTIALS }
  expect(door.withdrawal(guest)).toBeUndefined()
  expect(asked).toBe(0)
  door.policy = policy(() => ALLOW, recheck)
  expect(door.withdrawal(guest)).toEqual(DENY)
})
