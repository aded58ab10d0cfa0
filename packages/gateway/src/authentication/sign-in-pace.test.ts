import { type IpAddress, parseIpAddress } from '@causeway/wire'
import { beforeEach, describe, expect, test } from 'vitest'
import { claimOf, nameClaim, type SignInClaim } from './sign-in-claim.ts'
import { type SignInOutcome, SignInPace } from './sign-in-pace.ts'

const HOME = '203.0.113.7'
const ELSEWHERE = '198.51.100.1'

let now: number
let pace: SignInPace

beforeEach(() => {
  now = 0
  pace = new SignInPace(() => now)
})

const address = (text: string): IpAddress => parseIpAddress(text) as IpAddress
const named = (name: string, source = HOME): SignInClaim => nameClaim('radius', address(source), name)
const outside = (i: number): string => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`

function certificate(der: number, source = HOME): SignInClaim {
  const credentials = { peerChain: [Uint8Array.of(der)], username: undefined, password: undefined }
  const remote = { address: address(source), port: 1 }
  return claimOf('certificate', { tunnel: 'OpenVPN', remote, ...credentials })
}

/** Tries once; why it was not let through, or `undefined`. */
function attempt(claim: SignInClaim, outcome: SignInOutcome): string | undefined {
  const begun = pace.begin(claim)
  if (begun.type === 'deny') return begun.reason
  begun.settle(outcome)
  return undefined
}

/** How many of so many attempts, each a moment after the other, were let through. */
function through(times: number, claim: (i: number) => SignInClaim, outcome: SignInOutcome = 'wrong'): number {
  let count = 0
  for (let i = 0; i < times; i++) {
    if (attempt(claim(i), outcome) === undefined) count++
    now++
  }
  return count
}

describe('a name from one source', () => {
  test('waits after a few failures, ever longer, and is told so', () => {
    expect(through(20, () => named('alice'))).toBe(6)
    const begun = pace.begin(named('alice'))
    expect(begun).toEqual({
      type: 'deny',
      reason: 'too many failed sign-ins of user "alice" from 203.0.113.7: wait 2 s',
      userReason: 'too many failed sign-ins, try again later',
      temporary: true,
      because: 'back-off',
    })
    now += 2_000
    expect(attempt(named('alice'), 'wrong')).toBeUndefined()
    expect(attempt(named('alice'), 'right')).toMatch(/: wait 4 s$/)
    now += 4_000
    expect(attempt(named('alice'), 'right')).toBeUndefined()
    expect(through(20, () => named('alice'))).toBe(6)
  })

  test('is the same however it is written', () => {
    const names = ['Alice', 'ALICE', ' alice', 'alice ', '\uff21lice']
    expect(through(20, i => named(names[i % 5] as string))).toBe(6)
  })

  test('is the same from all sources with whatever domain: a server may look at none', () => {
    const forms = [
      (i: number) => `D${i}\\alice`,
      (i: number) => `alice@d${i}.test`,
      (i: number) => `d${i}\\Alice@x`,
    ]
    expect(through(60, i => named(forms[i % 3]?.(i) ?? '', outside(i)))).toBe(21)
    expect(attempt(named('bob@d1.test', outside(1)), 'wrong')).toBeUndefined()
  })

  test('with another domain is cleared by nobody else', () => {
    through(6, () => named('alice@a.test'))
    expect(attempt(named('alice@b.test'), 'right')).toBeUndefined()
    expect(attempt(named('alice@a.test'), 'right')).toMatch(/^too many/)
  })

  test('may fail for a day, and not more than 12 times an hour', () => {
    let count = 0
    for (; now < 24 * 3600_000; now += 1_000) if (attempt(named('alice'), 'wrong') === undefined) count++
    expect(count).toBeGreaterThan(250)
    expect(count).toBeLessThan(24 * 12 + 20)
  })

  test('is not slowed by what says nothing of its password, nor are those that come after the right one', () => {
    expect(through(100, () => named('alice'), 'asked')).toBe(100)
    expect(through(100, () => named('alice'), 'unjudged')).toBe(100)
    expect(through(100, () => named('alice'), 'right')).toBe(100)
  })

  test('is let through a few times at a time, however long the server takes', () => {
    const begun = Array.from({ length: 50 }, () => pace.begin(named('alice')))
    expect(begun.filter(({ type }) => type === 'attempt')).toHaveLength(6)
    for (const each of begun) if (each.type === 'attempt') each.settle('unjudged')
    now += 2_000
    expect(attempt(named('alice'), 'right')).toBeUndefined()
  })

  test('a second factor after the wait is not kept waiting by the first', () => {
    through(6, () => named('alice'))
    now += 2_000
    expect(attempt(named('alice'), 'asked')).toBeUndefined()
    expect(attempt(named('alice'), 'right')).toBeUndefined()
  })

  test('who has failed too often has no server asked more often because it does not answer', () => {
    through(30, () => named('alice'))
    let count = 0
    for (const end = now + 60_000; now < end; now += 100)
      if (attempt(named('alice'), 'unjudged') === undefined) count++
    expect(count).toBeLessThanOrEqual(30)
    now += 2_000
    expect(attempt(named('alice'), 'right')).toBeUndefined()
  })

  test('in the log it is one line of bounded length', () => {
    const name = `a"\n\u202e${'x'.repeat(5_000)}`
    through(6, () => named(name))
    const reason = attempt(named(name), 'wrong') ?? ''
    expect(reason).toMatch(
      /^too many failed sign-ins of user "a"\ufffd\ufffdx+" from 203\.0\.113\.7: wait 2 s$/,
    )
    expect(reason.length).toBeLessThan(350)
  })
})

test('a certificate may be shown many times at a time: nobody guesses one', () => {
  const attempts = Array.from({ length: 200 }, () => pace.begin(certificate(1)))
  expect(attempts.every(({ type }) => type === 'attempt')).toBe(true)
  for (const begun of attempts) if (begun.type === 'attempt') begun.settle('right')
  expect(attempt(certificate(1), 'right')).toBeUndefined()
})

describe('a name from many sources', () => {
  test('waits, and the log says so', () => {
    expect(through(1_000, i => named('alice', outside(i)))).toBe(21)
    expect(attempt(named('alice', ELSEWHERE), 'wrong')).toBe(
      'too many failed sign-ins of user "alice", from several places: wait 1 s',
    )
  })

  test('comes in where it has signed in lately, however many guess elsewhere', () => {
    expect(attempt(named('alice'), 'right')).toBeUndefined()
    for (let i = 0; i < 10_000; i++, now += 6) attempt(named('alice', outside(i)), 'wrong')
    expect(attempt(named('alice', ELSEWHERE), 'right')).toMatch(/several places/)
    expect(attempt(named('alice'), 'wrong')).toBeUndefined()
    expect(attempt(named('alice'), 'right')).toBeUndefined()
  })

  test('other names from there are no worse off', () => {
    through(1_000, i => named('alice', outside(i)))
    expect(attempt(named('bob', outside(1)), 'right')).toBeUndefined()
  })

  test('after a week what was known of it is forgotten', () => {
    attempt(named('alice'), 'right')
    now += 7 * 24 * 3600_000
    through(100, i => named('alice', outside(i)))
    expect(attempt(named('alice'), 'right')).toMatch(/several places/)
  })

  test('one who signs in somewhere is not forgotten elsewhere for the next seven places', () => {
    for (let i = 0; i < 8; i++) attempt(named('alice', outside(i)), 'right')
    through(100, i => named('alice', outside(100 + i)))
    expect(attempt(named('alice', outside(0)), 'right')).toBeUndefined()
    attempt(named('alice', outside(1)), 'right')
    expect(attempt(named('alice', outside(99)), 'right')).toMatch(/several places/)
  })
})

describe('one source with many names', () => {
  test('waits: an office mistypes often, who tries everybody is slowed', () => {
    expect(through(10_000, i => named(`user ${i}`))).toBe(61 + 3)
    expect(attempt(named('new'), 'wrong')).toMatch(
      /^too many failed sign-ins from 203\.0\.113\.7: wait \d s$/,
    )
    now += 6_000
    const first = now
    let count = 0
    for (; now < first + 600_000; now += 6) {
      if (attempt(named(`user ${now}`), 'wrong') === undefined) count++
    }
    expect(count).toBeGreaterThan(90)
    expect(count).toBeLessThan(110)
  })

  test('keeps no neighbour out who has signed in from there lately', () => {
    attempt(named('bob'), 'right')
    through(1_000, i => named(`user ${i}`))
    expect(attempt(named('bob'), 'wrong')).toBeUndefined()
    expect(attempt(named('bob'), 'right')).toBeUndefined()
  })

  test('keeps no neighbour out who was let in lately, though perhaps as somebody else', () => {
    through(1, () => named('alice'), 'let-in')
    through(200, i => named(`user ${i}`))
    expect(attempt(named('alice'), 'let-in')).toBeUndefined()
    expect(attempt(named('bob'), 'right')).toMatch(/from 203\.0\.113\.7: wait/)
    through(30, i => named('alice', outside(i)))
    expect(attempt(named('alice'), 'let-in')).toMatch(/from several places: wait/)
  })

  test('is not forgiven for signing in as itself in between', () => {
    expect(through(2_000, i => named(i % 2 ? 'mallory' : `user ${i}`), 'wrong')).toBeLessThan(100)
    pace = new SignInPace(() => now)
    let wrong = 0
    for (let i = 0; i < 1_000; i++) {
      if (attempt(named(`user ${i}`), 'wrong') === undefined) wrong++
      attempt(named('mallory'), 'right')
    }
    expect(wrong).toBe(61)
  })

  test('in IPv6 it is the network that a customer has', () => {
    expect(through(1_000, i => named(`user ${i}`, `2001:db8:0:7::${i.toString(16)}`))).toBe(61)
    expect(attempt(named('x', '2001:db8:0:7::1'), 'wrong')).toMatch(/from 2001:db8:0:7::\/64: wait/)
    expect(attempt(named('x', '2001:db8:0:8::1'), 'wrong')).toBeUndefined()
  })

  test('hundreds may be asked for a second factor at a time', () => {
    const begun = Array.from({ length: 500 }, (_, i) => pace.begin(named(`user ${i}`)))
    expect(begun.every(({ type }) => type === 'attempt')).toBe(true)
  })
})

describe('certificates and tokens', () => {
  test('the same one is tried for ever by a machine, and slows itself alone', () => {
    expect(through(10_000, () => certificate(1))).toBeLessThan(12)
    expect(attempt(certificate(1), 'wrong')).toMatch(/with one certificate from 203\.0\.113\.7: wait/)
    expect(attempt(certificate(2), 'right')).toBeUndefined()
  })

  test('wrong passwords of a source keep no certificate out', () => {
    through(1_000, i => named(`user ${i}`))
    expect(attempt(certificate(1), 'right')).toBeUndefined()
  })

  test('a change of whom the gateway trusts gives each another chance', () => {
    through(100, () => certificate(1))
    through(100, () => named('alice'))
    pace.forgetProofs()
    expect(attempt(certificate(1), 'right')).toBeUndefined()
    expect(attempt(named('alice'), 'right')).toMatch(/wait/)
  })

  const token = (username: string, password: string): SignInClaim =>
    claimOf('entra', {
      tunnel: 'OpenVPN',
      remote: { address: address(HOME), port: 1 },
      peerChain: [],
      username,
      password,
    })

  test('those of somebody behind the same address keep none out where one was good lately', () => {
    const bad = (i: number) => token('', `a.b.${i}`)
    expect(through(200, bad)).toBe(61)
    expect(attempt(token('', 'good'), 'right')).toMatch(/from 203\.0\.113\.7: wait/)
    now += 60_000
    expect(attempt(token('', 'good'), 'right')).toBeUndefined()
    through(200, bad)
    expect(attempt(token('', 'also good'), 'right')).toBeUndefined()
    expect(attempt(certificate(1), 'right')).toBeUndefined()
    through(200, i => certificate(2 + i))
    expect(attempt(certificate(1_000), 'right')).toBeUndefined()
  })

  test('the user name beside a token means nothing', () => {
    expect(through(50, i => token(`user ${i}`, 'a.b.c'))).toBe(6)
    expect(attempt(token('alice', 'd.e.f'), 'right')).toBeUndefined()
  })
})

test('names that hide who it is are nobody: those who do so slow each other in nothing', () => {
  for (const name of ['', '@corp.test', 'anonymous', 'Anonymous@corp.test']) {
    expect(named(name).subject).toBeUndefined()
  }
  expect(named('anonymouse').subject).toBeDefined()
  expect(through(50, i => named('anonymous', outside(i)))).toBe(50)
})

test('a name takes no more memory for letters that stand for many', () => {
  const { subject } = named('\ufdfa'.repeat(253))
  expect(subject?.key.length).toBeLessThanOrEqual('name '.length + 253)
})

test('what has no address is one source', () => {
  const claim = (i: number) => nameClaim('radius', undefined, `user ${i}`)
  expect(through(200, claim)).toBe(61)
  expect(attempt(claim(1_000), 'wrong')).toMatch(/from an unknown address: wait/)
})
