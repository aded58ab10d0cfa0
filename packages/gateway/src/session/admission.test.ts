import { formatIpAddress, type IpAddress, type IpPrefix, parseIpAddress, parseIpPrefix } from '@causeway/wire'
import { describe, expect, test } from 'vitest'
import { AuthenticationPolicy } from '../authentication/authentication-policy.ts'
import type {
  AuthenticationMethod,
  Credentials,
  MethodName,
  SessionWatch,
  Verdict,
} from '../authentication/identity.ts'
import type { PolicyGroup } from '../configuration.ts'
import type { Lease } from '../pool/address-pool.ts'
import { AddressPools } from '../pool/address-pools.ts'
import { Admission, type AdmissionConfiguration, type Admitted, type AdmittedGuest } from './admission.ts'
import { NO_LIMITS } from './user-plan.suite.ts'

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

const prefix = (text: string) => parseIpPrefix(text) as IpPrefix

function admission(
  first: AuthenticationPolicy,
  sessionLimit = 10,
  change: Partial<AdmissionConfiguration> = {},
) {
  const configuration: AdmissionConfiguration = {
    pool: { ipv4: prefix('10.8.0.0/24') },
    groups: [],
    userLimits: NO_LIMITS,
    insidePrefixes: [],
    customRoutes: [],
    dnsServers: [],
    dnsSearchDomains: [],
    sessionLimits: { ikev2OpenVpn: sessionLimit, sstp: 1 },
    ...change,
  }
  const pools = new AddressPools([
    configuration.pool,
    ...configuration.groups.flatMap(({ pools: own }) => own),
  ])
  let left = 0
  const replaced: Lease[] = []
  const door = new Admission({
    policy: first,
    configuration,
    pools,
    left: () => {
      left++
    },
    replaced: lease => void replaced.push(lease),
  })
  return { door, pools, replaced, left: () => left }
}

test('a verdict that a policy replaced meanwhile confirms keeps its terms and its method', async () => {
  let answer: (verdict: Verdict) => void = () => undefined
  const slow = policy(
    () =>
      new Promise(resolve => {
        answer = resolve
      }),
  )
  const { door } = admission(slow)
  const admitted = door.admit(CREDENTIALS, '')
  door.policy = policy(() => DENY)
  answer({ ...ALLOW, terms: { endsAt: 7 } })
  expect(await admitted).toMatchObject({ type: 'allow', by: 'certificate', terms: { endsAt: 7 } })
})

test('a policy that was replaced while it thought has not the last word', async () => {
  let answer: (verdict: Verdict) => void = () => undefined
  const slow = policy(
    () =>
      new Promise(resolve => {
        answer = resolve
      }),
  )
  const { door, pools } = admission(slow)
  const admitted = door.admit(CREDENTIALS, '')
  door.policy = policy(
    () => DENY,
    () => DENY,
  )
  answer(ALLOW)
  expect(await admitted).toEqual(DENY)
  expect(pools.size).toBe(0)
})

test('the session limit counts those that are inside, and each place is free again', async () => {
  const { door, pools, left } = admission(
    policy(() => ALLOW),
    1,
  )
  const first = await door.admit(CREDENTIALS, 'laptop')
  expect(await door.admit(CREDENTIALS, 'phone')).toMatchObject({ type: 'deny', temporary: true })
  if (first.type === 'deny') throw new Error(first.reason)
  door.leave(first.lease, CREDENTIALS.tunnel)
  expect(left()).toBe(1)
  expect((await door.admit(CREDENTIALS, 'phone')).type).toBe('allow')
  expect(pools.size).toBe(1)
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

test('whom another server let in is judged again at the door: the policy may have changed since', () => {
  const { door, pools } = admission(
    policy(
      () => ALLOW,
      () => DENY,
    ),
  )
  expect(door.enter(CREDENTIALS, ALLOW, 'laptop')).toEqual(DENY)
  expect(pools.size).toBe(0)
})

test('who would get another plan when the session begins than at the door comes anew', async () => {
  const allow = () => policy(() => ALLOW)
  const { door } = admission(allow())
  const admitted = await door.admit(CREDENTIALS, 'laptop')
  const guest = { ...admitted, credentials: CREDENTIALS } as AdmittedGuest
  door.policy = allow()
  expect(door.withdrawal(guest)).toBeUndefined()
  door.configuration = { ...door.configuration, userLimits: { ...NO_LIMITS, maximumSeconds: 60 } }
  expect(door.withdrawal(guest)).toMatchObject({ type: 'deny', temporary: true })
})

describe('the devices of a user', () => {
  const twoDevices = { userLimits: { ...NO_LIMITS, devicesPerUser: 2 } }

  test('are no more than they may be, and one that leaves makes room', async () => {
    const { door } = admission(
      policy(() => ALLOW),
      10,
      twoDevices,
    )
    const first = await door.admit(CREDENTIALS, 'laptop')
    await door.admit(CREDENTIALS, 'phone')
    expect(await door.admit(CREDENTIALS, 'tablet')).toMatchObject({
      type: 'deny',
      reason: 'user alice is connected from 2 devices, and may be from 2',
      temporary: true,
    })
    if (first.type === 'deny') throw new Error(first.reason)
    door.leave(first.lease, 'OpenVPN')
    expect((await door.admit(CREDENTIALS, 'tablet')).type).toBe('allow')
  })

  test('make way for themselves: a client that has lost its session comes in', async () => {
    const { door, replaced } = admission(
      policy(() => ALLOW),
      10,
      twoDevices,
    )
    const first = await door.admit(CREDENTIALS, 'laptop')
    const guest = { ...first, credentials: CREDENTIALS } as AdmittedGuest
    await door.admit(CREDENTIALS, 'phone')
    expect(replaced).toEqual([])
    expect((await door.admit(CREDENTIALS, 'laptop')).type).toBe('allow')
    expect(replaced).toEqual([guest.lease])
    expect(door.withdrawal(guest)).toMatchObject({ reason: 'the device has connected anew meanwhile' })
    expect((await door.admit(CREDENTIALS, 'tablet')).type).toBe('deny')
  })
})

describe('who is one user', () => {
  const oneDevice = { userLimits: { ...NO_LIMITS, devicesPerUser: 1 } }
  const signIn = (user: string, by: MethodName, subject?: string): Verdict => ({
    type: 'allow',
    identity: { user, description: '', thumbprint: undefined, ...(subject !== undefined && { subject }) },
    by,
  })

  /** The types of what these get, one after the other and each from the same device; and how many were replaced. */
  function enter(...verdicts: readonly Verdict[]): readonly unknown[] {
    const { door, replaced } = admission(
      policy(() => DENY),
      10,
      oneDevice,
    )
    const types = verdicts.map(
      (verdict, i) => door.enter({ ...CREDENTIALS, session: `session ${i}` }, verdict, '').type,
    )
    return [...types, replaced.length]
  }

  test('is not who has the same name by another method', () => {
    expect(enter(signIn('alice', 'certificate'), signIn('alice', 'radius'))).toEqual(['allow', 'allow', 0])
    expect(enter(signIn('alice', 'radius'), signIn('alice', 'entra', 'o-1'))).toEqual(['allow', 'allow', 0])
  })

  test('is whom an object id says, whatever the name', () => {
    expect(enter(signIn('alice', 'entra', 'o-1'), signIn('alice', 'entra', 'o-2'))).toEqual([
      'allow',
      'allow',
      0,
    ])
    expect(enter(signIn('alice', 'entra', 'o-1'), signIn('mallory', 'entra', 'o-1'))).toEqual([
      'allow',
      'allow',
      1,
    ])
  })

  test('has no more devices for writing a name of RADIUS in another way', () => {
    expect(enter(signIn('alice', 'radius'), signIn(' ALICE', 'radius'))).toEqual(['allow', 'deny', 0])
  })

  test('is not known by a name that hides it', () => {
    expect(enter(signIn('anonymous', 'radius'), signIn('anonymous', 'radius'))).toEqual(['allow', 'allow', 0])
    expect(enter(signIn('@corp.test', 'radius'), signIn('@corp.test', 'radius'))).toEqual([
      'allow',
      'allow',
      0,
    ])
  })
})

describe('an address that a server gives', () => {
  const at = (text: string): Verdict => ({ ...ALLOW, terms: { ipv4: parseIpAddress(text) as IpAddress } })
  const given = (admitted: Admitted) =>
    admitted.type === 'allow' ? formatIpAddress(admitted.lease.ipv4!.address) : admitted.reason

  test('is given exactly, or nobody comes in', async () => {
    let text = '10.8.0.9'
    const { door } = admission(policy(() => at(text)))
    expect(given(await door.admit(CREDENTIALS, 'laptop'))).toBe('10.8.0.9')
    expect(given(await door.admit(CREDENTIALS, 'phone'))).toMatch(/^user alice: 10\.8\.0\.9, as the server/)
    text = '10.9.0.9'
    expect(given(await door.admit(CREDENTIALS, 'phone'))).toMatch(/in use or in no pool/)
  })

  test('that the same device still has is free for its next try', async () => {
    const { door, replaced } = admission(policy(() => at('10.8.0.9')))
    const first = await door.admit(CREDENTIALS, 'laptop')
    if (first.type === 'deny') throw new Error(first.reason)
    expect((await door.admit(CREDENTIALS, 'laptop')).type).toBe('deny')
    expect(replaced).toEqual([first.lease])
    door.leave(first.lease, 'OpenVPN')
    expect(given(await door.admit(CREDENTIALS, 'laptop'))).toBe('10.8.0.9')
  })
})

describe('a sign-in that can be asked about', () => {
  let dropped = 0
  const watch: SessionWatch = {
    everySeconds: 60,
    goodUntil: 0,
    ask: () => Promise.resolve({ type: 'allow' }),
    drop: () => void dropped++,
  }
  const watched: Verdict = { ...ALLOW, terms: { watch } }

  test('is forgotten when its user leaves, or is not let in after all', async () => {
    dropped = 0
    const { door } = admission(
      policy(() => watched),
      1,
    )
    const admitted = await door.admit(CREDENTIALS, 'laptop')
    expect(dropped).toBe(0)
    expect((await door.admit(CREDENTIALS, 'phone')).type).toBe('deny')
    expect(dropped).toBe(1)
    if (admitted.type === 'deny') throw new Error(admitted.reason)
    door.leave(admitted.lease, 'OpenVPN')
    expect(dropped).toBe(2)
  })
})

describe('a policy group', () => {
  const group = (name: string, value: string, pool: string): PolicyGroup => ({
    name,
    priority: 1,
    isDefault: value === '',
    members: value === '' ? [] : [{ type: 'AADGroupId', value }],
    pools: [{ ipv4: prefix(pool) }],
    limits: { ...NO_LIMITS, maximumSeconds: value === '' ? 60 : 600 },
  })
  const groups = [
    group('staff', 'one', '10.9.0.0/24'),
    { ...group('guests', '', '10.10.0.0/24'), routes: [prefix('10.1.1.0/24')] },
    group('admins', 'two', '10.11.0.0/24'),
  ]
  const member = (...values: string[]): Verdict => ({
    ...ALLOW,
    identity: {
      user: 'alice',
      description: '',
      thumbprint: undefined,
      memberships: values.map(value => ({ type: 'AADGroupId', value })),
    },
  })
  const enter = async (verdict: Verdict) => {
    const { door } = admission(
      policy(() => verdict),
      10,
      { groups, insidePrefixes: [prefix('10.1.0.0/16')] },
    )
    const admitted = await door.admit(CREDENTIALS, '')
    if (admitted.type === 'deny') throw new Error(admitted.reason)
    const { plan, lease } = admitted
    return [plan.group, formatIpAddress(lease.ipv4!.address), plan.limits.maximumSeconds]
  }

  test('gives its members addresses and limits; the first that one is in decides', async () => {
    expect(await enter(member('two'))).toEqual(['admins', '10.11.0.2', 600])
    expect(await enter(member('two', 'one'))).toEqual(['staff', '10.9.0.2', 600])
  })

  test('that is the default one has everybody else', async () => {
    expect(await enter(ALLOW)).toEqual(['guests', '10.10.0.2', 60])
    expect(await enter(member('three'))).toEqual(['guests', '10.10.0.2', 60])
  })

  test('that a server names comes first, where it is there', async () => {
    const named = (groupName: string): Verdict => ({ ...member('one'), terms: { groupName } }) as Verdict
    expect(await enter(named('Admins'))).toEqual(['admins', '10.11.0.2', 600])
    expect(await enter(named('nobody'))).toEqual(['staff', '10.9.0.2', 600])
  })
})
