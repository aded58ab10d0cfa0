import { PERFECT_LINK } from '@causeway/netsim'
import { describe, expect, it } from 'vitest'
import { LAST_WORDS_MS, LAST_WORDS_REPEATS } from '../limits.ts'
import { connectCommand, createDuo, type Duo, holdings } from '../testing/duo.suite.ts'
import type { Route } from '../testing/routes.suite.ts'
import { outputsOf, sentBy } from '../testing/stranger.suite.ts'

/** An initiator with a wrong secret, refused; the refusal is lost. */
function refusedUnheard(): Duo {
  const duo = createDuo({ initiator: { own: { type: 'psk', secret: new Uint8Array(16) } } })
  duo.initiatorSide.recordsSent = true
  duo.pair.a.command(connectCommand(duo))
  duo.pair.run(() => duo.initiatorSide.sent.length === 2, 5000)
  duo.pair.b.link.options = { ...PERFECT_LINK, loss: 1 }
  duo.pair.run(() => duo.responderSide.eventsOf('refused').length === 1, 5000)
  duo.pair.b.link.options = PERFECT_LINK
  return duo
}

describe('a refusal that is lost', () => {
  it('is repeated to who asks again, so that it learns the reason at once', () => {
    const duo = refusedUnheard()
    expect(holdings(duo.responder)).toEqual([0, 0, 0, 0, 0])
    duo.pair.advance(3000)
    expect(duo.initiatorSide.eventsOf('refused')).toMatchObject([
      { reason: expect.stringContaining('AUTHENTICATION_FAILED') },
    ])
  })

  it('is repeated a bounded number of times, and for a bounded time', () => {
    const duo = refusedUnheard()
    const request = duo.initiatorSide.sent.at(-1)?.bytes as Uint8Array
    const path = (duo.routes[0] as Route).responder
    const ask = (now: number) => {
      duo.responder.handleDatagram({ path, bytes: request.slice() }, now)
      return sentBy(outputsOf(duo.responder)).length
    }
    const { now } = duo.pair.clock
    const answers = Array.from({ length: LAST_WORDS_REPEATS + 5 }, () => ask(now))
    expect(answers.reduce((a, b) => a + b)).toBe(LAST_WORDS_REPEATS)
    const later = refusedUnheard()
    later.responder.handleTimeout(later.pair.clock.now + LAST_WORDS_MS)
    expect(later.responder.nextTimeout()).toBeUndefined()
  })
})
