import { describe, expect, test } from 'vitest'
import { DEFAULT_LIMITS } from './limits.ts'
import { at, Bench, PSK_PLAN } from './testing/bench.suite.ts'

function configured(mode: 'Default' | 'InitiatorOnly' | 'ResponderOnly' = 'Default'): Bench {
  const bench = new Bench()
  bench.configure({ ...PSK_PLAN, mode })
  return bench
}

describe('dialling', () => {
  test('begins at once, and is connecting, then connected', () => {
    const bench = configured()
    expect(bench.last('dial')).toMatchObject({
      tunnel: 't0',
      remote: at('198.51.100.1'),
      material: undefined,
    })
    expect(bench.status).toBe('Connecting')
    const session = bench.connect()
    expect(bench.status).toBe('Connected')
    expect(bench.last('carry')).toEqual({ type: 'carry', tunnel: 't0', session })
    expect(bench.last('status').status.tunnels[0]?.lastEstablishedSeconds).toBe(bench.seconds)
    expect(bench.engine.nextTimeout()).toBeUndefined()
  })

  test('waits longer after each failure, up to a minute, and says why once', () => {
    const bench = configured()
    const waits: number[] = []
    for (let i = 0; i < 12; i++) {
      bench.fail('NO_PROPOSAL_CHOSEN')
      const wait = (bench.engine.nextTimeout() ?? 0) - bench.now
      bench.advance(wait)
      waits.push(wait)
    }
    expect(waits[0]).toBeLessThanOrEqual(1_000)
    expect(waits.at(-1)).toBeLessThanOrEqual(60_000)
    expect(waits.at(-1)).toBeGreaterThanOrEqual(45_000)
    expect(bench.status).toBe('NotConnected')
    expect(bench.all('log').filter(({ message }) => message.includes('NO_PROPOSAL_CHOSEN'))).toHaveLength(1)
  })

  test('makes another session in time when the one that is up is due to end', () => {
    const bench = configured()
    const first = bench.connect()
    bench.news(first, { type: 'due' })
    bench.advance(DEFAULT_LIMITS.renewAfterMs)
    const second = bench.connect()
    expect(bench.all('dial').map(({ replaces }) => replaces)).toEqual([undefined, first])
    expect(bench.logged('a new session is made for its end')).toBe(true)
    bench.advance(2 * DEFAULT_LIMITS.settleMs)
    expect(bench.last('disconnect')).toMatchObject({ session: first, reason: { code: 'superseded' } })
    expect(bench.last('carry').session).toBe(second)
    expect(bench.engine.nextTimeout()).toBeUndefined()
  })

  test('begins anew within a second after a session that worked', () => {
    const bench = configured()
    for (let i = 0; i < 8; i++) {
      bench.fail()
      bench.advance(60_000)
    }
    const session = bench.connect()
    bench.advance(DEFAULT_LIMITS.stableMs)
    bench.forget()
    bench.close(session, 'the peer is dead (DPD)')
    expect(bench.status).toBe('NotConnected')
    expect(bench.logged('tunnel t0 is down: the peer is dead (DPD)')).toBe(true)
    const changes = bench.all('log').flatMap(({ change }) => change ?? [])
    expect(changes.at(-1)).toEqual({ tunnel: 't0', to: 'disconnected' })
    bench.advance(DEFAULT_LIMITS.redialMs)
    expect(bench.all('dial')).toHaveLength(1)
  })

  test('goes on backing off when sessions die young', () => {
    const bench = configured()
    for (let i = 0; i < 6; i++) {
      bench.close(bench.connect())
      bench.advance(DEFAULT_LIMITS.firstBackOffMs * 2 ** i)
    }
    bench.close(bench.connect())
    bench.forget()
    bench.advance(40_000)
    expect(bench.all('dial')).toHaveLength(0)
  })

  test('keeps to so many a minute, resets included', () => {
    const bench = configured()
    for (let i = 0; i < 50; i++) {
      bench.command({ type: 'reset' })
      bench.advance(100)
    }
    expect(bench.all('dial')).toHaveLength(DEFAULT_LIMITS.dialsPerMinute)
    bench.advance(60_000)
    expect(bench.all('dial').length).toBeGreaterThan(DEFAULT_LIMITS.dialsPerMinute)
  })

  test('gives up a dial of which nothing is heard', () => {
    const bench = configured()
    const { session } = bench.last('dial')
    bench.advance(DEFAULT_LIMITS.dialMs)
    expect(bench.last('disconnect')).toMatchObject({ session, reason: { code: 'given-up' } })
    expect(bench.last('status').status.reason.message).toBe('nothing was heard of the dial')
  })

  test('is not for a ResponderOnly, which says so', () => {
    const bench = configured('ResponderOnly')
    bench.advance(1_000_000)
    expect(bench.all('dial')).toHaveLength(0)
    expect(bench.last('status').status).toMatchObject({
      status: 'NotConnected',
      reason: { code: 'waiting-for-peer' },
    })
    bench.comeIn()
    expect(bench.status).toBe('Connected')
  })
})

describe('a peer that begins', () => {
  test('is refused by an InitiatorOnly, which says so once', () => {
    const bench = configured('InitiatorOnly')
    for (const session of [7, 8]) bench.command({ type: 'incoming', session, tunnel: 't0' })
    expect(bench.last('answer').answer).toMatchObject({ type: 'refuse', reason: { code: 'initiator-only' } })
    expect(bench.all('log').filter(({ code }) => code === 'initiator-only')).toHaveLength(1)
  })

  test('may renew what an InitiatorOnly has up', () => {
    const bench = configured('InitiatorOnly')
    bench.connect()
    expect(bench.comeIn()).toBeGreaterThan(0)
  })

  test('is not up when it has not proven who it is', () => {
    const bench = configured()
    bench.command({ type: 'incoming', session: 7, tunnel: 't0' })
    const unproven = {
      tunnel: 't0',
      initiator: 'peer',
      isProven: false,
      terms: 1,
      material: undefined,
    } as const
    bench.news(7, { type: 'established', order: 'a', ...unproven })
    bench.command({ type: 'child', session: 7, child: 1, isUp: true })
    expect(bench.last('disconnect')).toMatchObject({ session: 7, reason: { code: 'peer-not-proven' } })
    expect(bench.status).toBe('Connecting')
    expect(bench.logged('has not proven')).toBe(true)
  })

  test('is not up for a tunnel that is not there', () => {
    const bench = configured()
    bench.command({ type: 'incoming', session: 7, tunnel: 't9' })
    expect(bench.last('answer').answer).toMatchObject({ type: 'refuse', reason: { code: 'unknown-tunnel' } })
    const news = { tunnel: 't9', initiator: 'peer', terms: 1, material: undefined } as const
    bench.establish(7, news)
    expect(bench.last('disconnect')).toMatchObject({ session: 7, reason: { code: 'unknown-tunnel' } })
  })
})

describe('two sessions', () => {
  /**
   *   us ---- dial ---->            both are established; the lower order stays,
   *      <--- dial ----- peer       and who began the other ends it
   */
  test('that have crossed: ours goes when the peer’s has the lower order', () => {
    const bench = configured()
    const theirs = bench.comeIn({})
    bench.close(theirs)
    bench.advance(1_000)
    const peers = bench.comeIn()
    const own = bench.connect()
    // The bench orders by the text of the session id.
    const [stays, goes] = `${peers}` < `${own}` ? [peers, own] : [own, peers]
    expect(bench.last('carry').session).toBe(stays)
    bench.forget()
    bench.advance(2 * DEFAULT_LIMITS.settleMs)
    const ended = bench.all('disconnect').map(({ session }) => session)
    expect(ended).toEqual(goes === own ? [own] : [])
    expect(bench.all('status')).toHaveLength(0)
  })

  test('the newer stays, and the older ends when the peer leaves it', () => {
    const bench = configured()
    const older = bench.connect()
    bench.advance(60_000)
    const newer = bench.comeIn()
    expect(bench.last('carry').session).toBe(newer)
    bench.forget()
    bench.advance(2 * DEFAULT_LIMITS.patienceMs)
    expect(bench.last('disconnect')).toMatchObject({ session: older, reason: { code: 'superseded' } })
    expect(bench.all('status')).toHaveLength(0)
  })

  test('the older stands in when the newer is gone again', () => {
    const bench = configured()
    const older = bench.connect()
    bench.advance(60_000)
    const newer = bench.comeIn()
    bench.forget()
    bench.close(newer)
    expect(bench.last('carry').session).toBe(older)
    bench.advance(10 * DEFAULT_LIMITS.patienceMs)
    expect([bench.all('disconnect'), bench.all('status')]).toEqual([[], []])
  })

  test('are no more than a tunnel may have', () => {
    const bench = configured('ResponderOnly')
    for (let i = 0; i < 10; i++) {
      bench.comeIn()
      bench.advance(1_000)
    }
    const ended = bench.all('disconnect')
    expect(ended).toHaveLength(10 - DEFAULT_LIMITS.sessionsPerTunnel)
    expect(ended.every(({ reason }) => reason.code === 'too-many-sessions')).toBe(true)
    expect(bench.status).toBe('Connected')
  })
})

describe('Child SAs', () => {
  test('that are gone are made again; a session without any ends', () => {
    const bench = configured()
    const session = bench.connect()
    bench.command({ type: 'child', session, child: 1, isUp: false })
    expect(bench.last('status').status).toMatchObject({
      status: 'NotConnected',
      reason: { code: 'no-child-sa' },
    })
    expect(bench.last('renew-children').session).toBe(session)
    bench.forget()
    bench.advance(DEFAULT_LIMITS.childMs)
    expect(bench.last('disconnect')).toMatchObject({ session, reason: { code: 'no-child-sa' } })
    bench.advance(1_000)
    expect(bench.all('dial')).toHaveLength(1)
  })

  test('that come in time keep the session', () => {
    const bench = configured()
    const session = bench.connect()
    bench.command({ type: 'child', session, child: 1, isUp: false })
    bench.command({ type: 'child', session, child: 2, isUp: true })
    expect(bench.status).toBe('Connected')
    expect(bench.engine.nextTimeout()).toBeUndefined()
  })
})
