import { describe, expect, test } from 'vitest'
import type { ConnectionPlan } from './connection-plan.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { at, Bench, CERTIFICATE_PLAN, PSK_PLAN } from './testing/bench.suite.ts'

const NAMED: ConnectionPlan = { ...PSK_PLAN, remote: { type: 'name', name: 'peer.example' } }
const NEW_KEY: ConnectionPlan = { ...PSK_PLAN, digests: { ...PSK_PLAN.digests, authentication: 'psk 2' } }

function connected(plan = PSK_PLAN): Bench {
  const bench = new Bench()
  bench.configure(plan)
  if (plan.mode === 'ResponderOnly') bench.comeIn()
  else bench.connect()
  bench.advance(60_000)
  bench.forget()
  return bench
}

describe('a change of configuration', () => {
  test.each<[string, Partial<ConnectionPlan>]>([
    ['nothing', {}],
    ['the name', { name: 'other' }],
    ['the mode', { mode: 'ResponderOnly' }],
  ])('of %s does nothing to what is up', (_, change) => {
    const bench = connected()
    bench.configure({ ...PSK_PLAN, ...change })
    bench.advance(1_000_000)
    expect(bench.said).toEqual([])
  })

  test('of the selectors makes new Child SAs alone', () => {
    const bench = connected()
    bench.configure({ ...PSK_PLAN, digests: { ...PSK_PLAN.digests, child: 'child 2' } })
    expect(bench.said).toEqual([{ type: 'renew-children', session: 1 }])
  })

  test('of the key makes a new session before the old one ends', () => {
    const bench = connected()
    bench.configure(NEW_KEY)
    bench.advance(0)
    expect(bench.last('dial')).toMatchObject({ replaces: 1, terms: 2 })
    bench.connect()
    bench.advance(2 * DEFAULT_LIMITS.settleMs)
    expect(bench.last('disconnect')).toMatchObject({ session: 1, reason: { code: 'superseded' } })
    expect(bench.all('status').every(({ status }) => status.status === 'Connected')).toBe(true)
  })

  test('of the key ends the old session after a minute when the peer does not go along', () => {
    const bench = connected()
    bench.configure(NEW_KEY)
    bench.advance(0)
    bench.fail('AUTHENTICATION_FAILED')
    bench.advance(DEFAULT_LIMITS.oldTermsMs)
    expect(bench.all('disconnect').at(0)).toMatchObject({
      session: 1,
      reason: { code: 'configuration-changed' },
    })
    expect(bench.logged('is down: its configuration has changed')).toBe(true)
  })

  test('of the key ends the session of a ResponderOnly at once: the peer has to begin', () => {
    const bench = connected({ ...PSK_PLAN, mode: 'ResponderOnly' })
    bench.configure({ ...NEW_KEY, mode: 'ResponderOnly' })
    expect(bench.last('disconnect').reason.code).toBe('configuration-changed')
    expect(bench.last('status').status.status).toBe('NotConnected')
  })

  test('of the key is met by a peer that begins', () => {
    const bench = connected()
    bench.configure(NEW_KEY)
    bench.comeIn()
    bench.advance(3 * DEFAULT_LIMITS.patienceMs)
    expect(bench.all('dial')).toHaveLength(0)
    expect(bench.all('status').every(({ status }) => status.status === 'Connected')).toBe(true)
  })

  test('gives an older session no more time when the newer is gone again', () => {
    const bench = connected()
    bench.configure(NEW_KEY)
    bench.close(bench.comeIn())
    bench.advance(DEFAULT_LIMITS.oldTermsMs)
    expect(bench.all('disconnect').some(({ session }) => session === 1)).toBe(true)
  })

  test('lets in nobody who was judged by the former one', () => {
    const bench = connected()
    bench.command({ type: 'incoming', session: 50, tunnel: 't0' })
    bench.configure(NEW_KEY)
    bench.establish(50, { tunnel: 't0', initiator: 'peer', terms: 1, material: undefined })
    expect(bench.all('disconnect')).toMatchObject([
      { session: 50, reason: { code: 'configuration-changed' } },
    ])
  })

  test('of the method goes over in both directions', () => {
    const bench = connected()
    bench.configure(CERTIFICATE_PLAN)
    bench.give('v1')
    bench.advance(0)
    expect(bench.last('dial')).toMatchObject({ material: 'v1', replaces: 1 })
    bench.connect()
    bench.advance(60_000)
    bench.configure(PSK_PLAN)
    bench.advance(0)
    expect(bench.last('dial').material).toBeUndefined()
    bench.connect()
    bench.advance(2 * DEFAULT_LIMITS.settleMs)
    expect(bench.last('release-material').version).toBe('v1')
    expect(bench.all('status').every(({ status }) => status.status === 'Connected')).toBe(true)
  })

  test('of the peer’s address ends what is up, and begins there', () => {
    const bench = connected()
    bench.configure({ ...PSK_PLAN, remote: { type: 'address', address: at('198.51.100.9') } })
    expect(bench.last('disconnect')).toMatchObject({ session: 1, reason: { code: 'configuration-changed' } })
    expect(bench.last('dial').remote).toEqual(at('198.51.100.9'))
    expect(bench.logged('is down: the place of an end has changed')).toBe(true)
  })

  test.each<[string, Partial<ConnectionPlan>]>([
    ['the peer’s address', { remote: { type: 'address', address: at('198.51.100.9') } }],
    ['our address', { tunnels: [{ tunnel: 't0', local: at('192.0.2.9') }] }],
  ])('of %s and the certificate: the log says what took it down, and what it waits for', (_, change) => {
    const bench = new Bench()
    bench.configure(CERTIFICATE_PLAN)
    bench.give('v1')
    bench.connect()
    bench.configure({ ...CERTIFICATE_PLAN, ...change, own: { type: 'certificate', certificateId: 'other' } })
    expect(bench.logged('is down: the place of an end has changed')).toBe(true)
    expect(bench.logged('is being connected: the key vault is asked')).toBe(true)
  })

  test('to ResponderOnly gives up the dial that is under way', () => {
    const bench = new Bench()
    bench.configure(PSK_PLAN)
    bench.configure({ ...PSK_PLAN, mode: 'ResponderOnly' })
    expect(bench.last('disconnect').session).toBe(bench.last('dial').session)
    expect(bench.last('status').status.reason.code).toBe('waiting-for-peer')
    bench.configure(PSK_PLAN)
    expect(bench.all('dial')).toHaveLength(2)
  })

  test('to nothing ends everything, and leaves no timer', () => {
    const bench = connected()
    bench.configure(undefined)
    expect(bench.last('disconnect').reason.code).toBe('not-configured')
    expect(bench.last('status').status).toMatchObject({ status: 'Unknown', tunnels: [] })
    expect(bench.engine.nextTimeout()).toBeUndefined()
  })
})

describe('two tunnels of a connection', () => {
  const both: ConnectionPlan = {
    ...PSK_PLAN,
    tunnels: [...PSK_PLAN.tunnels, { tunnel: 't1', local: at('192.0.2.2') }],
  }

  test('are dialled each, and the connection is up when one is', () => {
    const bench = new Bench()
    bench.configure(both)
    expect(bench.all('dial').map(({ tunnel }) => tunnel)).toEqual(['t0', 't1'])
    bench.connect()
    const { status, tunnels } = bench.last('status').status
    expect([status, ...tunnels.map(tunnel => tunnel.status)]).toEqual([
      'Connected',
      'Connecting',
      'Connected',
    ])
  })

  test('one comes and goes without the other', () => {
    const bench = connected()
    bench.configure(both)
    bench.connect()
    bench.forget()
    bench.configure(PSK_PLAN)
    expect(bench.all('disconnect')).toMatchObject([{ session: 2 }])
    expect(bench.last('status').status.tunnels).toMatchObject([{ tunnel: 't0', status: 'Connected' }])
  })
})

describe('a peer that is configured by its name', () => {
  function resolved(): Bench {
    const bench = new Bench()
    bench.configure(NAMED)
    bench.reply({ type: 'addresses', addresses: [at('198.51.100.1'), at('198.51.100.2')] })
    return bench
  }

  test('is resolved when it is dialled, and not again for five minutes', () => {
    const bench = resolved()
    expect(bench.last('dial').remote).toEqual(at('198.51.100.1'))
    bench.failFor(DEFAULT_LIMITS.addressMs - 1)
    expect(bench.all('request')).toHaveLength(1)
    bench.failFor(DEFAULT_LIMITS.longestBackOffMs)
    expect(bench.last('request')).toMatchObject({ id: 2, request: { type: 'resolve', name: 'peer.example' } })
  })

  test('is not resolved while it is up', () => {
    const bench = resolved()
    bench.connect()
    bench.advance(10_000_000)
    expect(bench.all('request')).toHaveLength(1)
  })

  test('that has no address: status and log say so, and it is asked again', () => {
    const bench = new Bench()
    bench.configure(NAMED)
    bench.reply({ type: 'not-resolved', reason: 'NXDOMAIN' })
    const message = "the peer's name peer.example cannot be resolved: NXDOMAIN"
    expect(bench.last('status').status).toMatchObject({
      status: 'NotConnected',
      reason: { code: 'name-not-resolved', message },
    })
    expect(bench.logged(message)).toBe(true)
    bench.advance(1_000)
    bench.reply({ type: 'addresses', addresses: [at('198.51.100.1')] })
    expect(bench.all('dial')).toHaveLength(1)
  })

  test('whose servers fall silent is dialled where it was', () => {
    const bench = resolved()
    bench.connect()
    bench.advance(DEFAULT_LIMITS.addressMs)
    bench.close(1)
    bench.advance(DEFAULT_LIMITS.redialMs + DEFAULT_LIMITS.resolveMs)
    expect(bench.last('dial').remote).toEqual(at('198.51.100.1'))
    expect(bench.logged('no answer; 198.51.100.1 is tried')).toBe(true)
  })
})

describe('reset', () => {
  test('ends everything, asks anew, and says so', () => {
    const bench = new Bench()
    bench.configure(NAMED)
    bench.reply({ type: 'addresses', addresses: [at('198.51.100.1')] })
    bench.connect()
    bench.advance(60_000)
    bench.forget()
    bench.command({ type: 'reset' })
    expect(bench.last('disconnect').reason.code).toBe('reset')
    expect(bench.logged('is down: the connection was reset')).toBe(true)
    expect(bench.last('status').status.status).toBe('Connecting')
    expect(bench.last('request').request.type).toBe('resolve')
  })
})
