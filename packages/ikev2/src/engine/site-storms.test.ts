import { POOR_LINK } from '@causeway/netsim'
import { describe, expect, it } from 'vitest'
import { connect, connectCommand, createDuo, type Duo, holdings } from '../testing/duo.suite.ts'
import { allowAny, carried, passing, twins } from '../testing/sites.suite.ts'
import { network } from '../testing/terms.suite.ts'

const SEEDS = [1, 2, 3, 4, 5]
/** A changed bit of IKE_SA_INIT, which nothing protects, costs a session: AUTH finds it. */
const LINK = { ...POOR_LINK, corruption: 0 }

describe('two gateways that begin at once over a poor link', () => {
  it.each(SEEDS)('have both sessions in the end, and keep the one that is left (seed %i)', seed => {
    const { duo, back } = twins({ seed, link: LINK })
    duo.pair.a.command(connectCommand(duo, -1))
    duo.pair.b.command(back)
    duo.pair.advance(120_000)
    expect([duo.initiator.sessionCount, duo.responder.sessionCount]).toEqual([2, 2])
    duo.pair.a.command({ type: 'disconnect', session: 1, reason: 'one is enough' })
    duo.pair.advance(120_000)
    expect([duo.initiatorSide.flow.session, duo.responderSide.flow.session]).toEqual([-1, 1])
    expect(passing(duo.initiatorSide, duo.responderSide)).toBe(1)
    expect([holdings(duo.initiator), holdings(duo.responder)]).toEqual([
      [1, 0, 1, 1, 0],
      [1, 0, 1, 1, 0],
    ])
  })

  it('have none when each ends what the other keeps, and nothing stays behind', () => {
    const { duo, back } = twins()
    duo.pair.a.command(connectCommand(duo, -1))
    duo.pair.b.command(back)
    duo.pair.advance(5000)
    duo.pair.a.command({ type: 'disconnect', session: 1, reason: 'mine stays' })
    duo.pair.b.command({ type: 'disconnect', session: 1, reason: 'mine stays' })
    duo.pair.advance(5000)
    expect([holdings(duo.initiator), holdings(duo.responder)]).toEqual([
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
    ])
  })
})

describe('Child SAs that both ends make while the IKE SA is rekeyed', () => {
  const COUNT = 60

  function storm(seed: number): Duo {
    const terms = { childSas: 256 }
    const options = { initiator: terms, responder: terms, decide: allowAny, trust: allowAny }
    const duo = createDuo({ seed, link: POOR_LINK, ...options })
    expect(connect(duo, 120_000)).toBe(true)
    for (let tag = 0; tag < COUNT; tag++) {
      const [ours, theirs] = [[network(`10.1.${tag}.0/24`)], [network(`10.2.${tag}.0/24`)]]
      const own = tag % 2 === 0
      const scope = own ? { local: ours, remote: theirs } : { local: theirs, remote: ours }
      const command = { type: 'create-child', session: 1, tag, ...scope } as const
      if (own) duo.pair.a.command(command, 50 * tag)
      else duo.pair.b.command(command, 50 * tag)
    }
    duo.pair.a.command({ type: 'rekey-ike', session: 1 }, 700)
    duo.pair.b.command({ type: 'rekey-ike', session: 1 }, 1900)
    duo.pair.advance(600_000)
    return duo
  }

  it.each(SEEDS)('come or are refused, each told once by its tag, and the ends agree (seed %i)', seed => {
    const { initiatorSide, responderSide } = storm(seed)
    const told = [initiatorSide, responderSide].flatMap(side =>
      [...side.eventsOf('child-established'), ...side.eventsOf('child-refused')].flatMap(({ tag }) =>
        tag === undefined ? [] : [tag],
      ),
    )
    expect(told.toSorted((a, b) => a - b)).toEqual([...Array(COUNT).keys()])
    expect([...initiatorSide.eventsOf('ike-rekeyed')].length).toBeGreaterThan(0)
    expect(passing(initiatorSide, responderSide)).toBe(initiatorSide.flows.size)
    const turned = carried(responderSide).map(text => text.split(' === ').toReversed().join(' === '))
    expect(carried(initiatorSide)).toEqual(turned.toSorted())
  })
})

describe('a peer that never has enough', () => {
  it('gets as many Child SAs as the terms of its connection allow, and the session stays', () => {
    const options = { initiator: { childSas: 1_000 }, responder: { childSas: 20 } }
    const duo = createDuo({ ...options, decide: allowAny, trust: allowAny })
    expect(connect(duo)).toBe(true)
    for (let i = 0; i < 100; i++)
      duo.pair.a.command({
        type: 'create-child',
        session: 1,
        local: [network(`10.1.${i}.0/24`)],
        remote: [network('10.2.0.0/16')],
      })
    duo.pair.advance(60_000)
    expect([duo.initiatorSide.flows.size, duo.responderSide.flows.size]).toEqual([20, 20])
    expect(duo.initiatorSide.eventsOf('child-refused')).toHaveLength(81)
    expect(duo.initiatorSide.eventsOf('child-refused')[0]?.reason).toMatch(/^NO_ADDITIONAL_SAS/)
    expect(passing(duo.initiatorSide, duo.responderSide)).toBe(20)
  })
})
