import { PERFECT_LINK } from '@causeway/netsim'
import { describe, expect, it } from 'vitest'
import { RETRANSMIT_REPEATS } from '../limits.ts'
import type { Ikev2Output } from '../output.ts'
import { connect, createDuo, type Duo, type DuoOptions } from '../testing/duo.suite.ts'
import type { Route } from '../testing/routes.suite.ts'
import { eventsIn, outputsOf, sentBy } from '../testing/stranger.suite.ts'

function connected(options: DuoOptions = {}): Duo {
  const duo = createDuo(options)
  for (const side of [duo.initiatorSide, duo.responderSide]) side.recordsSent = true
  expect(connect(duo)).toBe(true)
  duo.pair.advance(1000)
  return duo
}

/** Hands the responder bytes as if they came from the initiator, and gives what it says. */
function tell({ responder, routes, pair }: Duo, bytes: Uint8Array): Ikev2Output[] {
  responder.handleDatagram({ path: (routes[0] as Route).responder, bytes: bytes.slice() }, pair.clock.now)
  return outputsOf(responder)
}

const last = (side: Duo['initiatorSide']) => side.sent.at(-1)?.bytes as Uint8Array

describe('requests', () => {
  it('are repeated, the same bytes ever more slowly, until they are answered', () => {
    const duo = connected()
    duo.pair.a.link.options = { ...PERFECT_LINK, loss: 1 }
    duo.initiatorSide.sent.length = 0
    duo.pair.a.command({ type: 'probe', session: 1 })
    duo.pair.advance(8000)
    duo.pair.a.link.options = PERFECT_LINK
    duo.pair.advance(20_000)
    const { sent } = duo.initiatorSide
    expect(sent.length).toBeGreaterThan(3)
    expect(sent.length).toBeLessThan(RETRANSMIT_REPEATS + 1)
    for (const { bytes } of sent) expect(bytes).toEqual(sent[0]?.bytes)
    expect([duo.initiator.sessionCount, duo.responder.sessionCount]).toEqual([1, 1])
  })

  it('wait for each other: a window of one', () => {
    const duo = connected()
    duo.initiatorSide.sent.length = 0
    for (let i = 0; i < 3; i++) duo.pair.a.command({ type: 'probe', session: 1 })
    duo.pair.advance(1)
    expect(duo.initiatorSide.sent).toHaveLength(1)
    duo.pair.advance(1000)
    expect(duo.initiatorSide.sent).toHaveLength(3)
  })

  it('that wait are bounded', () => {
    const duo = connected()
    duo.pair.a.link.options = { ...PERFECT_LINK, loss: 1 }
    for (let i = 0; i < 100; i++) duo.pair.a.command({ type: 'probe', session: 1 })
    duo.pair.advance(100)
    expect(duo.initiatorSide.drops).toEqual(['liveness: too many tasks wait'])
  })
})

describe('a request that is repeated', () => {
  it('is answered by the same response, and does nothing again', () => {
    const duo = connected()
    duo.pair.a.command({ type: 'delete-child', session: 1, child: 1 })
    duo.pair.advance(1000)
    const [request, response] = [last(duo.initiatorSide), last(duo.responderSide)]
    expect(duo.responderSide.eventsOf('child-closed')).toHaveLength(1)
    expect(sentBy(tell(duo, request))).toEqual([response])
    expect(sentBy(tell(duo, request))).toEqual([response])
    expect(duo.responderSide.eventsOf('child-closed')).toHaveLength(1)
  })

  it('is not answered when it is not authentic', () => {
    const duo = connected()
    duo.pair.a.command({ type: 'probe', session: 1 })
    duo.pair.advance(1000)
    const forged = last(duo.initiatorSide).slice()
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1
    expect(eventsIn(tell(duo, forged))).toMatchObject([{ reason: 'integrity check failed' }])
  })

  it('of two exchanges ago is out of the window', () => {
    const duo = connected()
    for (let i = 0; i < 2; i++) duo.pair.a.command({ type: 'probe', session: 1 })
    duo.pair.advance(1000)
    const older = duo.initiatorSide.sent.slice(-2)[0] as { bytes: Uint8Array }
    expect(tell(duo, older.bytes)).toMatchObject([{ event: { reason: 'a request out of the window' } }])
  })
})

describe('what nobody asked for', () => {
  it('a response again, after it was taken, is dropped', () => {
    const duo = connected()
    duo.pair.a.command({ type: 'probe', session: 1 })
    duo.pair.advance(1000)
    const response = last(duo.responderSide)
    duo.initiator.handleDatagram(
      { path: (duo.routes[0] as Route).initiator, bytes: response.slice() },
      duo.pair.clock.now,
    )
    expect(eventsIn(outputsOf(duo.initiator))).toMatchObject([
      { reason: 'a response that nothing waits for' },
    ])
  })

  it('our own message, sent back to us, is dropped', () => {
    const duo = connected()
    duo.pair.a.command({ type: 'probe', session: 1 })
    duo.pair.step()
    const request = last(duo.initiatorSide)
    duo.initiator.handleDatagram(
      { path: (duo.routes[0] as Route).initiator, bytes: request.slice() },
      duo.pair.clock.now,
    )
    duo.pair.advance(1000)
    expect(duo.initiatorSide.drops).toEqual(['no IKE SA of this SPI'])
    expect(duo.initiator.sessionCount).toBe(1)
  })

  it.each([
    ['no IKE SA of this SPI', 8],
    ['no IKE SA of these SPIs', 0],
    ['integrity check failed', 40],
  ])('a message with a byte changed is dropped: %s', (reason, at) => {
    const duo = connected()
    duo.pair.a.link.options = { ...PERFECT_LINK, loss: 1 }
    duo.pair.a.command({ type: 'probe', session: 1 })
    duo.pair.advance(100)
    const wrong = last(duo.initiatorSide).map((byte, i) => (i === at ? byte ^ 1 : byte))
    expect(tell(duo, wrong)).toMatchObject([{ event: { type: 'dropped', reason, count: 1 } }])
    expect(duo.responder.sessionCount).toBe(1)
  })
})
