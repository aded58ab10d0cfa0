import { POOR_LINK } from '@causeway/netsim'
import { describe, expect, it } from 'vitest'
import { connect, createDuo, holdings, trafficPasses } from '../testing/duo.suite.ts'
import { natRoutes } from '../testing/routes.suite.ts'

describe('both roles by pre-shared key', () => {
  // initiator                       responder
  //   | ------- IKE_SA_INIT (500) ----> |
  //   | <------------------------------ |
  //   | ------- IKE_AUTH (500) -------> |
  //   | <------------------------------ |
  it('establish an IKE SA with one Child SA', () => {
    const duo = createDuo()
    expect(connect(duo)).toBe(true)
    expect(trafficPasses(duo)).toBe(true)
    expect([holdings(duo.initiator), holdings(duo.responder)]).toEqual([
      [1, 0, 1, 1, 0],
      [1, 0, 1, 1, 0],
    ])
    expect(duo.responderSide.eventsOf('established')).toMatchObject([
      { method: 'psk', natDetected: { local: false, remote: false }, fragmentation: true },
    ])
    expect(duo.initiatorSide.flow.way).toMatchObject({ encapsulated: false, path: { port: 500 } })
  })

  it('go on by port 4500 when there is a NAT, and encapsulate', () => {
    const duo = createDuo({ routes: natRoutes([31_000, 32_000]) })
    expect(connect(duo)).toBe(true)
    expect(duo.initiatorSide.flow.way).toMatchObject({ encapsulated: true, path: { port: 4500 } })
    expect(duo.responderSide.flow.way).toMatchObject({
      encapsulated: true,
      path: { port: 4500, remote: { port: 32_000 } },
    })
    expect(duo.responderSide.eventsOf('established')[0]?.natDetected).toEqual({ local: false, remote: true })
    expect(duo.initiatorSide.eventsOf('established')[0]?.natDetected).toEqual({ local: true, remote: false })
  })

  it.each([1, 2, 3, 4, 5])('find each other over a poor link (seed %i)', seed => {
    const duo = createDuo({ seed, link: POOR_LINK })
    expect(connect(duo, 120_000)).toBe(true)
    expect(trafficPasses(duo)).toBe(true)
  })
})
