import { PERFECT_LINK, POOR_LINK } from '@causeway/netsim'
import { describe, expect, it } from 'vitest'
import { connect, createDuo, type Duo, trafficPasses } from '../testing/duo.suite.ts'
import type { Route } from '../testing/routes.suite.ts'
import { eventsIn, outputsOf, sentBy } from '../testing/stranger.suite.ts'
import { fqdn } from '../testing/terms.suite.ts'
import { PAYLOAD } from '../wire/numbers.ts'

/** Both ends have such long names that IKE_AUTH needs a dozen fragments each way. */
const LONG = {
  initiator: { identification: fqdn('i'.repeat(5000)), fragmentBytes: 576 },
  responder: { identification: fqdn('r'.repeat(5000)), fragmentBytes: 576 },
}

const isFragment = ({ bytes }: { readonly bytes: Uint8Array }) => bytes[16] === PAYLOAD.SKF

/** Connected, with the fragments that each side has sent. */
function connected(): { readonly duo: Duo; readonly asked: Uint8Array[]; readonly answered: Uint8Array[] } {
  const duo = createDuo({ ...LONG, link: { ...PERFECT_LINK, mtu: 576 } })
  for (const side of [duo.initiatorSide, duo.responderSide]) side.recordsSent = true
  expect(connect(duo)).toBe(true)
  const [asked, answered] = [duo.initiatorSide, duo.responderSide].map(side =>
    side.sent.filter(isFragment).map(({ bytes }) => bytes),
  ) as [Uint8Array[], Uint8Array[]]
  return { duo, asked, answered }
}

describe('long messages', () => {
  it('go in fragments, none longer than the terms say', () => {
    const { duo, asked, answered } = connected()
    expect([asked.length, answered.length]).toEqual([11, 11])
    for (const bytes of [...asked, ...answered]) expect(bytes.length + 28).toBeLessThanOrEqual(576)
    expect(trafficPasses(duo)).toBe(true)
  })

  it.each([1, 2, 3, 4, 5, 6])('arrive over a poor link (seed %i)', seed => {
    const duo = createDuo({ ...LONG, seed, link: { ...POOR_LINK, loss: 0.05 } })
    expect(connect(duo, 200_000)).toBe(true)
    expect(trafficPasses(duo)).toBe(true)
  })

  it('that are repeated are answered again once, for the first fragment (RFC 7383 §2.6.1)', () => {
    const { duo, asked, answered } = connected()
    const path = (duo.routes[0] as Route).responder
    const answers = asked.map(bytes => {
      duo.responder.handleDatagram({ path, bytes: bytes.slice() }, duo.pair.clock.now)
      return sentBy(outputsOf(duo.responder))
    })
    expect(answers).toEqual([answered, ...asked.slice(1).map(() => [])])
  })

  it('of which a fragment is forged are not made whole', () => {
    const duo = createDuo(LONG)
    duo.initiatorSide.recordsSent = true
    duo.pair.a.link.options = { ...PERFECT_LINK, mtu: 500 }
    expect(connect(duo, 5000)).toBe(false)
    const path = (duo.routes[0] as Route).responder
    const first = duo.initiatorSide.sent.filter(isFragment)[0] as { bytes: Uint8Array }
    const forged = first.bytes.map((byte, i) => (i === 60 ? byte ^ 1 : byte))
    duo.responder.handleDatagram({ path, bytes: forged }, duo.pair.clock.now)
    expect(eventsIn(outputsOf(duo.responder))).toMatchObject([{ reason: 'integrity check failed' }])
  })
})
