import { describe, expect, it } from 'vitest'
import { KEY_SELECT_DELAY_MS, KEY_TRANSITION_MS } from './limits.ts'
import { connect, createDuo, type Duo, type DuoOptions, letIn } from './testing/duo.suite.ts'
import { dataPasses } from './testing/surroundings.ts'
import { WRAPS, wrapOptions } from './testing/wraps.suite.ts'

/** A pair that is live and has rested long enough for either side to start a new key. */
function connected(options: DuoOptions = {}): Duo {
  const duo = createDuo(options)
  expect(connect(duo)).toBe(true)
  duo.pair.advance(5000)
  return duo
}

const renegotiate = (duo: Duo, side: 'a' | 'b'): void =>
  duo.pair[side].command({ type: 'renegotiate', session: 1 })

function expectKey(duo: Duo, keyId: number): void {
  const { clientSide, serverSide } = duo
  expect([clientSide.flow.selected, serverSide.flow.selected]).toEqual([keyId, keyId])
  expect(dataPasses(clientSide.flow, serverSide.flow)).toBe(true)
  expect(dataPasses(serverSide.flow, clientSide.flow)).toBe(true)
}

describe('key renegotiation', () => {
  // client                               server
  // SOFT_RESET key 1 id 0    ─────────▶
  //                          ◀─────────  SOFT_RESET key 1 id 0, ack 0
  // TLS, key method 2        ◀────────▶
  // install key 1                        install key 1
  // (2 s later) send with key 1          (2 s later) send with key 1
  it.each(WRAPS)('is started by the client, wrap %s', wrap => {
    const duo = connected(wrapOptions(wrap))
    renegotiate(duo, 'a')
    duo.pair.advance(KEY_SELECT_DELAY_MS + 1000)
    expectKey(duo, 1)
    expect(duo.serverSide.eventsOf('renegotiated')).toEqual([{ type: 'renegotiated', keyId: 1 }])
  })

  // client                               server
  //                          ◀─────────  SOFT_RESET key 1 id 0
  // SOFT_RESET key 1 id 0    ─────────▶
  // TLS (client speaks first), key method 2
  it('is started by the server', () => {
    const duo = connected()
    renegotiate(duo, 'b')
    duo.pair.advance(KEY_SELECT_DELAY_MS + 1000)
    expectKey(duo, 1)
  })

  // client                               server
  // SOFT_RESET key 1 id 0    ────╲ ╱───  SOFT_RESET key 1 id 0
  //                          ◀───╱ ╲──▶  both are the one negotiation of key 1
  it('is one when both start it at once', () => {
    const duo = connected()
    renegotiate(duo, 'a')
    renegotiate(duo, 'b')
    duo.pair.advance(KEY_SELECT_DELAY_MS + 1000)
    expectKey(duo, 1)
    expect(duo.clientSide.eventsOf('renegotiated')).toHaveLength(1)
    expect(duo.serverSide.eventsOf('renegotiated')).toHaveLength(1)
  })

  it('lets the old key be received while the new one is not yet sent with', () => {
    const duo = connected()
    renegotiate(duo, 'a')
    duo.pair.advance(1000)
    expect([...duo.serverSide.flow.keys.keys()]).toEqual([0, 1])
    expectKey(duo, 0)
  })

  it('drops the key before the last when another comes, and TLS as soon as its key is not sent with', () => {
    const duo = connected()
    for (let i = 0; i < 2; i++) {
      renegotiate(duo, 'a')
      duo.pair.advance(10_000)
    }
    expect([...duo.serverSide.flow.keys.keys()]).toEqual([1, 2])
    expect([duo.serverSide.tls.size, duo.clientSide.tls.size]).toEqual([1, 1])
  })

  it('drops the old key after an hour', () => {
    const duo = connected()
    renegotiate(duo, 'a')
    duo.pair.advance(KEY_TRANSITION_MS + 10_000)
    expect([...duo.serverSide.flow.keys.keys()]).toEqual([1])
    expect(duo.serverSide.tls.size).toBe(1)
  })

  it('goes through key ids 1 to 7 and then 1 again', () => {
    const duo = connected()
    const ids: (number | undefined)[] = []
    for (let i = 0; i < 9; i++) {
      renegotiate(duo, i % 2 === 0 ? 'a' : 'b')
      duo.pair.advance(10_000)
      ids.push(duo.serverSide.flow.selected)
      expect(dataPasses(duo.serverSide.flow, duo.clientSide.flow)).toBe(true)
    }
    expect(ids).toEqual([1, 2, 3, 4, 5, 6, 7, 1, 2])
  })

  it('begins by itself after the interval, less at most a tenth', () => {
    const duo = createDuo({ server: { renegotiationSeconds: 100 } })
    expect(connect(duo)).toBe(true)
    duo.pair.advance(89_000)
    expect(duo.serverSide.requests).toHaveLength(1)
    duo.pair.advance(16_000)
    expectKey(duo, 1)
  })

  it('begins when the datapath says that the key in use has done enough', () => {
    const duo = connected()
    duo.pair.b.command({ type: 'soft-limit', session: 1, keyId: 3 })
    duo.pair.advance(10_000)
    expectKey(duo, 0)
    duo.pair.b.command({ type: 'soft-limit', session: 1, keyId: 0 })
    duo.pair.advance(10_000)
    expectKey(duo, 1)
  })

  it('asks the outside again, saying that it is a renegotiation', () => {
    const duo = connected()
    renegotiate(duo, 'a')
    duo.pair.advance(5000)
    const asked = duo.serverSide.requests.map(r => r.type === 'authenticate' && r.renegotiation)
    expect(asked).toEqual([false, true])
  })

  it('ends the session when the client is no longer let in', () => {
    let times = 0
    const duo = connected({
      decide: request =>
        request.type === 'authenticate' && times++ > 0
          ? { type: 'deny', reason: 'revoked', temporary: false }
          : letIn(request),
    })
    renegotiate(duo, 'a')
    duo.pair.advance(10_000)
    expect(duo.serverSide.eventsOf('closed')).toMatchObject([{ reason: 'revoked', byPeer: false }])
    expect(duo.clientSide.eventsOf('closed')).toMatchObject([{ reason: 'authentication failed: revoked' }])
    expect([duo.server.sessionCount, duo.serverSide.tls.size, duo.clientSide.tls.size]).toEqual([0, 0, 0])
  })

  it('keeps the old key when the client falls silent in the middle', () => {
    const duo = connected()
    renegotiate(duo, 'b')
    duo.pair.a.link.options = { ...duo.pair.a.link.options, loss: 1 }
    duo.pair.advance(50_000)
    expect(duo.serverSide.flow.selected).toBe(0)
  })
})
