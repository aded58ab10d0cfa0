import { describe, expect, test } from 'vitest'
import { DEFAULT_LIMITS } from './limits.ts'
import type { MaterialRefusalReason } from './material.ts'
import { BEGINNING_SECONDS, Bench, CERTIFICATE_PLAN, DAY_SECONDS, VAULT_ID } from './testing/bench.suite.ts'

const YEAR_SECONDS = 365 * DAY_SECONDS

function asking(): Bench {
  const bench = new Bench()
  bench.configure(CERTIFICATE_PLAN)
  return bench
}

function connected(days = 90): Bench {
  const bench = asking()
  bench.give('v1', days)
  bench.connect()
  bench.advance(60_000)
  bench.forget()
  return bench
}

describe('our certificate', () => {
  test('is asked for before anything is dialled, and dialled with when it is there', () => {
    const bench = asking()
    expect(bench.last('request').request).toEqual({ type: 'fetch-certificate', certificateId: VAULT_ID })
    expect([bench.all('dial').length, bench.status]).toEqual([0, 'Connecting'])
    bench.give('v1')
    expect(bench.last('dial').material).toBe('v1')
  })

  test('is polled for, with jitter', () => {
    const bench = connected()
    bench.advance(DEFAULT_LIMITS.pollMs - 60_000)
    expect(bench.all('request')).toHaveLength(1)
  })

  test('of a new version: a session with it is made, then the old one ends, then its key is let go', () => {
    const bench = connected()
    bench.command({ type: 'material-changed' })
    bench.give('v2')
    bench.advance(0)
    const { material, replaces, session } = bench.last('dial')
    expect([material, bench.all('disconnect'), bench.all('release-material')]).toEqual(['v2', [], []])
    bench.connect()
    expect(bench.last('carry').session).toBe(session)
    bench.advance(2 * DEFAULT_LIMITS.settleMs)
    expect(bench.last('disconnect')).toMatchObject({ session: replaces, reason: { code: 'superseded' } })
    expect(bench.last('release-material').version).toBe('v1')
    expect(bench.all('status').every(({ status }) => status.status === 'Connected')).toBe(true)
  })

  test('of a new version that the peer does not take: what is up stays, tried again with longer waits', () => {
    const bench = connected()
    bench.command({ type: 'material-changed' })
    bench.give('v2')
    bench.failFor(10 * DEFAULT_LIMITS.longestRenewalBackOffMs, 'AUTHENTICATION_FAILED')
    expect(bench.all('dial').length).toBeLessThan(25)
    expect(bench.logged('AUTHENTICATION_FAILED')).toBe(true)
    expect([bench.all('status'), bench.all('disconnect'), bench.all('release-material')]).toEqual([
      [],
      [],
      [],
    ])
  })

  test('hints that come in numbers ask the vault no more often than is allowed', () => {
    const bench = asking()
    bench.give('v1')
    for (let i = 0; i < 60; i++) {
      bench.command({ type: 'material-changed' })
      bench.advance(1_000)
      bench.give('v1')
    }
    expect(bench.all('request').length).toBeLessThanOrEqual(1 + 60_000 / DEFAULT_LIMITS.fetchSpacingMs)
  })

  test('a hint while the vault is being asked asks once more', () => {
    const bench = asking()
    bench.command({ type: 'material-changed' })
    expect(bench.all('request')).toHaveLength(1)
    bench.give('v1')
    bench.advance(DEFAULT_LIMITS.fetchSpacingMs)
    expect(bench.all('request')).toHaveLength(2)
  })
})

const REFUSALS: readonly MaterialRefusalReason[] = [
  'no-identity',
  'unauthorized',
  'forbidden',
  'not-found',
  'deleted',
  'disabled',
  'no-private-key',
  'unreadable',
  'unreachable',
  'unfit',
]

describe.each(REFUSALS)('a vault that says %s', reason => {
  test('at first: status and log say so, and it is asked again until it gives one', () => {
    const bench = asking()
    bench.refuse(reason)
    const { status } = bench.last('status')
    expect([status.status, status.reason.message]).toEqual(['NotConnected', `The vault says ${reason}.`])
    expect(bench.logged(`The vault says ${reason}.`)).toBe(true)
    bench.advance(DEFAULT_LIMITS.firstFetchBackOffMs)
    expect(bench.all('request')).toHaveLength(2)
    bench.give('v1')
    expect(bench.last('dial').material).toBe('v1')
  })

  test('while a session is up: it stays up', () => {
    const bench = connected()
    bench.command({ type: 'material-changed' })
    bench.refuse(reason)
    bench.advance(10_000_000)
    expect([bench.all('status'), bench.all('disconnect'), bench.all('dial')]).toEqual([[], [], []])
    expect(bench.logged(`The vault says ${reason}.`)).toBe(true)
  })
})

describe('a session that is lost while the vault refuses', () => {
  function lost(reason: MaterialRefusalReason, isTemporary: boolean): Bench {
    const bench = connected()
    bench.command({ type: 'material-changed' })
    bench.refuse(reason, isTemporary)
    bench.close(1)
    bench.advance(DEFAULT_LIMITS.redialMs)
    return bench
  }

  test.each([
    ['unreachable', true],
    ['unauthorized', true],
    ['unfit', false],
    ['unreadable', false],
  ] as const)('is made again with the version that is here: %s', (reason, isTemporary) => {
    expect(lost(reason, isTemporary).last('dial').material).toBe('v1')
  })

  test.each(['forbidden', 'disabled', 'deleted', 'not-found', 'no-identity', 'unauthorized'] as const)(
    'is not made again while the right is gone, also when the vault falls silent, and then is: %s',
    reason => {
      const bench = lost(reason, false)
      expect(bench.all('dial')).toHaveLength(0)
      expect(bench.last('status').status.reason).toEqual({
        code: 'certificate-refused',
        message: `The vault says ${reason}.`,
      })
      bench.advance(DEFAULT_LIMITS.firstFetchBackOffMs)
      bench.refuse('unreachable', true)
      bench.advance(60_000)
      expect(bench.all('dial')).toHaveLength(0)
      bench.give('v1')
      expect(bench.last('dial').material).toBe('v1')
    },
  )

  test('lets no peer in, for the same reason', () => {
    const bench = lost('forbidden', false)
    bench.command({ type: 'incoming', session: 50, tunnel: 't0' })
    expect(bench.last('answer').answer).toMatchObject({
      type: 'refuse',
      reason: { code: 'certificate-refused' },
    })
  })
})

describe('a vault that does not answer', () => {
  test('is given up after its time, and asked again', () => {
    const bench = asking()
    bench.advance(DEFAULT_LIMITS.fetchMs)
    expect(bench.last('status').status.reason.message).toBe('The key vault did not answer.')
    bench.advance(DEFAULT_LIMITS.firstFetchBackOffMs)
    expect(bench.all('request')).toHaveLength(2)
  })

  test('an answer that comes too late does nothing', () => {
    const bench = asking()
    const { id } = bench.last('request')
    bench.advance(DEFAULT_LIMITS.fetchMs)
    const material = { version: 'v1', notAfterSeconds: bench.seconds + YEAR_SECONDS, fingerprint: 'f' }
    bench.command({ type: 'reply', id, reply: { type: 'material', material } })
    expect(bench.all('dial')).toHaveLength(0)
  })
})

describe('the end of our certificate', () => {
  test('is warned of 30, 7 and 1 days ahead, once each', () => {
    const bench = connected(31)
    for (let hour = 0; hour < 31 * 24; hour++) {
      bench.clockSeconds = hour * 3_600
      bench.advance(DEFAULT_LIMITS.clockMs)
    }
    expect(bench.all('expiry-warning').map(({ days }) => days)).toEqual([30, 7, 1])
  })

  test('that is near from the start is warned of by the least number alone', () => {
    const bench = asking()
    bench.give('v1', 5)
    expect(bench.all('expiry-warning')).toMatchObject([{ days: 7, version: 'v1' }])
    expect(bench.logged('ends in less than 7 days')).toBe(true)
  })

  test('ends nothing that is up, and begins nothing', () => {
    const bench = connected()
    bench.clockSeconds = YEAR_SECONDS
    bench.advance(DEFAULT_LIMITS.clockMs)
    expect([bench.all('disconnect'), bench.all('status')]).toEqual([[], []])
    expect(bench.logged('has expired')).toBe(true)
    bench.close(1)
    bench.advance(120_000)
    expect([bench.all('dial').length, bench.last('status').status.reason.code]).toEqual([
      0,
      'certificate-expired',
    ])
  })

  test('a clock that goes back makes it usable again', () => {
    const bench = asking()
    bench.clockSeconds = YEAR_SECONDS
    const material = {
      version: 'v1',
      notAfterSeconds: BEGINNING_SECONDS + 90 * DAY_SECONDS,
      fingerprint: 'f',
    }
    bench.reply({ type: 'material', material })
    expect(bench.all('dial')).toHaveLength(0)
    bench.clockSeconds = 0
    bench.advance(DEFAULT_LIMITS.lookAgainMs)
    expect(bench.last('dial').material).toBe('v1')
  })

  test('a new version that has expired does not take the place of one that has not', () => {
    const bench = connected()
    bench.command({ type: 'material-changed' })
    bench.give('v2', -1)
    expect(bench.logged('Version v2 of the outbound certificate has expired')).toBe(true)
    bench.close(1)
    bench.advance(DEFAULT_LIMITS.redialMs)
    expect(bench.last('dial').material).toBe('v1')
  })
})
