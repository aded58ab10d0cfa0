import { describe, expect, it } from 'vitest'
import { HALF_OPEN_MS } from '../limits.ts'
import {
  connect,
  connectCommand,
  createDuo,
  type Duo,
  holdings,
  trafficPasses,
} from '../testing/duo.suite.ts'
import { greet, pathFrom } from '../testing/stranger.suite.ts'

const STRANGERS = 1000

/** So many IKE_SA_INIT requests, each from an address that its sender does not have. */
function flood({ responder, pair }: Duo, from = 0): void {
  for (let number = from; number < from + STRANGERS; number++) {
    const path = pathFrom(`11.${number >> 8}.${number & 0xff}.1`)
    responder.handleDatagram({ path, bytes: greet({ number }) }, pair.clock.now)
    pair.advance(1)
  }
}

describe('a thousand strangers with forged addresses', () => {
  it('leave an established session alone, and let an honest newcomer in', () => {
    const duo = createDuo()
    expect(connect(duo)).toBe(true)
    flood(duo)
    expect(trafficPasses(duo)).toBe(true)
    duo.pair.a.command({ type: 'probe', session: 1 })
    duo.pair.a.command(connectCommand(duo, 2))
    expect(duo.pair.run(() => duo.initiatorSide.flows.size === 2, 1000)).toBe('met')
    expect(duo.responder.sessionCount).toBe(2)
    expect(duo.responderSide.eventsOf('closed')).toEqual([])
  })

  it('make the responder keep no more than it has decided to, and nothing after a while', () => {
    const duo = createDuo()
    for (let round = 0; round < 3; round++) {
      flood(duo, round * STRANGERS)
      expect(duo.responder.halfOpenCount).toBe(100)
    }
    duo.pair.advance(HALF_OPEN_MS + 1000)
    expect(holdings(duo.responder)).toEqual([0, 0, 0, 0, 0])
    duo.pair.advance(10_000)
    expect(duo.responder.nextTimeout()).toBeUndefined()
  })

  it('are told of in a handful of events', () => {
    const duo = createDuo()
    flood(duo)
    duo.pair.advance(HALF_OPEN_MS + 10_000)
    expect(duo.responderSide.events.length).toBeLessThan(10)
  })
})
