import { beforeAll, describe, expect, it } from 'vitest'
import { type Credential, createCredentials } from '../auth/credentials.suite.ts'
import type { Ikev2Command, Ikev2Reply } from '../command.ts'
import type { Ikev2Request } from '../output.ts'
import type { PeerTerms } from '../peer-terms.ts'
import type { IkeSuite } from '../proposal/suite.ts'
import {
  connect,
  connectCommand,
  createDuo,
  type Duo,
  type DuoOptions,
  holdings,
} from '../testing/duo.suite.ts'
import { plainRoutes, type Route } from '../testing/routes.suite.ts'
import { ANY, allowAny, carried, passing, scopeText, twins } from '../testing/sites.suite.ts'
import { fqdn, network, RESPONDER_TERMS, TERMS, trust } from '../testing/terms.suite.ts'

/** Two gateways of sites, joined. */
function sites(options: DuoOptions = {}): Duo {
  const duo = createDuo({ decide: allowAny, trust: allowAny, ...options })
  expect(connect(duo)).toBe(true)
  return duo
}

describe('the terms of a responder', () => {
  const strong: IkeSuite = { encryption: 'AES-GCM-16-256', prf: 'HMAC-SHA384', group: 'ECP-384' }
  const usual = RESPONDER_TERMS.ikeSuites[0] as IkeSuite

  it.each([
    ['198.51.100.7', strong, 'to Oslo'],
    ['198.51.100.8', usual, 'common'],
  ])('are those of the address that the peer comes from: %s', (from, suite, label) => {
    const asked: Ikev2Request[] = []
    const known = plainRoutes('198.51.100.7')[0]?.responder.remote.address.bytes
    const options: DuoOptions['options'] = {
      responder: ({ remote }) =>
        String(remote.address.bytes) === String(known)
          ? { ...RESPONDER_TERMS, label: 'to Oslo', ikeSuites: [strong] }
          : { ...RESPONDER_TERMS, label: 'common' },
    }
    const decide = (request: Ikev2Request) => {
      asked.push(request)
      return allowAny(request)
    }
    const duo = sites({
      routes: plainRoutes(from),
      initiator: { ikeSuites: [usual, strong] },
      options,
      decide,
    })
    expect(duo.responderSide.eventsOf('established')).toMatchObject([{ suite }])
    expect(asked).toMatchObject([{ type: 'authenticate', label }])
  })
})

describe('the selectors of a site', () => {
  it('are whatever the peer proposes, where the grant names all addresses', () => {
    const local = [network('172.16.0.0/12'), network('2001:db8:1::/48')]
    const remote = [network('192.168.7.0/24'), network('2001:db8:2::/48')]
    const { initiatorSide, responderSide } = sites({ initiator: { local, remote } })
    expect(carried(initiatorSide)).toEqual([scopeText(local, remote)])
    expect(carried(responderSide)).toEqual([scopeText(remote, local)])
  })

  it("are narrowed to the connection's own, where the grant names those", () => {
    const grant = { local: [network('10.2.7.0/24')], remote: [network('10.1.0.0/16')] }
    const decide = (): Ikev2Reply => ({ type: 'allow', grant })
    const { responderSide } = sites({ decide, initiator: { local: ANY, remote: ANY } })
    expect(carried(responderSide)).toEqual([scopeText(grant.local, grant.remote)])
  })
})

describe('many Child SAs', () => {
  const TEN = [...Array(10).keys()]
  const PAIRS = TEN.flatMap(i =>
    TEN.map(j => ({ local: [network(`10.1.${i}.0/24`)], remote: [network(`10.2.${j}.0/24`)] })),
  )
  const ALL = PAIRS.map(({ local, remote }) => scopeText(local, remote)).toSorted()

  /** A policy-based device: each pair of prefixes has its own, asked for by either end in turn. */
  function policyBased(terms: Partial<PeerTerms> = {}): Duo {
    const [first, ...further] = PAIRS as [(typeof PAIRS)[0], ...typeof PAIRS]
    const many = { childSas: 256, ...terms }
    const duo = sites({ initiator: { ...many, ...first }, responder: many })
    for (const [index, { local, remote }] of further.entries()) {
      const own = index % 2 === 0
      const scope = own ? { local, remote } : { local: remote, remote: local }
      const command: Ikev2Command = { type: 'create-child', session: 1, tag: index, ...scope }
      if (own) duo.pair.a.command(command)
      else duo.pair.b.command(command)
    }
    duo.pair.advance(60_000)
    return duo
  }

  function expectWhole({ initiator, responder, initiatorSide, responderSide }: Duo): void {
    expect(carried(initiatorSide)).toEqual(ALL)
    expect(passing(initiatorSide, responderSide)).toBe(PAIRS.length)
    expect([holdings(initiator), holdings(responder)]).toEqual([
      [1, 0, 1, PAIRS.length, 0],
      [1, 0, 1, PAIRS.length, 0],
    ])
  }

  it('come of commands in a row from both ends, each with a flow and its tag', () => {
    const duo = policyBased()
    expectWhole(duo)
    const tags = [duo.initiatorSide, duo.responderSide].flatMap(side =>
      side.eventsOf('child-established').flatMap(({ tag }) => (tag === undefined ? [] : [tag])),
    )
    expect(tags.toSorted((a, b) => a - b)).toEqual([...Array(99).keys()])
    expect(duo.initiatorSide.eventsOf('child-refused')).toEqual([])
  })

  it('are rekeyed by the clocks of both ends, and never miss', () => {
    const duo = policyBased({ childRekeySeconds: 300, childLifetimeSeconds: 400 })
    duo.pair.advance(1_500_000)
    expectWhole(duo)
    const rekeyed = new Set(duo.initiatorSide.eventsOf('child-rekeyed').map(({ child }) => child))
    expect(rekeyed.size).toBe(PAIRS.length)
    for (const side of [duo.initiatorSide, duo.responderSide]) {
      expect(side.eventsOf('child-closed')).toEqual([])
      expect(side.eventsOf('child-refused')).toEqual([])
      expect(side.drops).toEqual([])
    }
  })

  it('go over to the successor of their IKE SA', () => {
    const duo = policyBased()
    duo.pair.a.command({ type: 'rekey-ike', session: 1 })
    duo.pair.advance(10_000)
    expect(duo.responderSide.eventsOf('ike-rekeyed')).toHaveLength(1)
    expectWhole(duo)
  })

  it('that wait while the IKE SA is rekeyed come under its successor, with their tags', () => {
    const terms = { childSas: 256 }
    const duo = sites({ initiator: terms, responder: terms })
    for (const [tag, scope] of PAIRS.slice(0, 20).entries()) {
      if (tag === 10) duo.pair.a.command({ type: 'rekey-ike', session: 1 })
      duo.pair.a.command({ type: 'create-child', session: 1, tag, ...scope })
    }
    duo.pair.advance(30_000)
    const tags = duo.initiatorSide.eventsOf('child-established').map(({ tag }) => tag)
    expect(tags).toEqual([undefined, ...Array(20).keys()])
    expect(duo.initiatorSide.eventsOf('ike-rekeyed')).toHaveLength(1)
    expect(passing(duo.initiatorSide, duo.responderSide)).toBe(21)
  })

  it('go one by one, at the word of either end, and leave the others', () => {
    const duo = policyBased()
    const children = [...duo.initiatorSide.flows.keys()]
    for (const child of children.slice(0, 40)) {
      duo.pair.a.command({ type: 'delete-child', session: 1, child })
      duo.pair.b.command({ type: 'rekey-child', session: 1, child: child + 50 })
    }
    duo.pair.advance(30_000)
    expect(duo.initiatorSide.flows.size).toBe(60)
    expect(duo.responderSide.flows.size).toBe(60)
    expect(passing(duo.initiatorSide, duo.responderSide)).toBe(60)
  })

  it('that cannot be are told by their tag, and the others stay', () => {
    const grant = { local: [network('10.2.0.0/16')], remote: [network('10.1.0.0/16')] }
    const duo = sites({ decide: () => ({ type: 'allow', grant }) })
    const [local, remote] = [[network('10.1.1.0/24')], [network('10.99.0.0/16')]]
    duo.pair.a.command({ type: 'create-child', session: 1, tag: 7, local, remote })
    duo.pair.advance(1000)
    expect(duo.initiatorSide.eventsOf('child-refused')).toMatchObject([{ tag: 7, byPeer: true }])
    expect(duo.responderSide.eventsOf('child-refused')).toMatchObject([{ byPeer: false }])
    expect(passing(duo.initiatorSide, duo.responderSide)).toBe(1)
  })
})

describe('a session', () => {
  it('is known by the same order at both ends, and each by another', () => {
    const { duo, back } = twins()
    duo.pair.a.command(connectCommand(duo, -1))
    duo.pair.b.command(back)
    duo.pair.advance(5000)
    const ordersOf = ({ initiatorSide, responderSide }: Duo) =>
      [initiatorSide, responderSide].map(side =>
        side
          .eventsOf('established')
          .map(({ order, responderSpi }) => `${order} ${responderSpi}`)
          .toSorted(),
      )
    const [one, other] = ordersOf(duo)
    expect(one).toEqual(other)
    expect(new Set(one).size).toBe(2)
    expect(one?.[0]).toMatch(/^[0-9a-f]{16} [0-9a-f]{16}$/)
  })

  it('goes on by other terms for what is to come, and keeps what there is', () => {
    const other = { encryption: 'AES-CBC-128', integrity: 'HMAC-SHA256-128' } as const
    const espSuites = [...RESPONDER_TERMS.espSuites, other]
    const duo = sites({ responder: { espSuites } })
    duo.pair.a.command({ type: 'revise', session: 1, terms: { espSuites: [other] } })
    duo.pair.a.command({ type: 'create-child', session: 1, tag: 7, local: ANY, remote: ANY })
    duo.pair.advance(1000)
    const made = duo.initiatorSide
      .eventsOf('child-established')
      .map(({ tag, suite }) => [tag, suite.encryption])
    expect(made).toEqual([
      [undefined, TERMS.espSuites[0]?.encryption],
      [7, 'AES-CBC-128'],
    ])
    expect(passing(duo.initiatorSide, duo.responderSide)).toBe(2)
  })
})

describe('two gateways that begin at once', () => {
  //   one                          other
  //     | -- IKE_SA_INIT -->  <-- IKE_SA_INIT -- |
  //     | ====== both sessions established ===== |
  //     | -- DELETE of the one that it began --> |
  it('have both sessions, and go on with one when the other is ended', () => {
    const { duo, back } = twins()
    duo.pair.a.command(connectCommand(duo, -1))
    duo.pair.b.command(back)
    duo.pair.advance(5000)
    expect([holdings(duo.initiator), holdings(duo.responder)]).toEqual([
      [2, 0, 2, 2, 0],
      [2, 0, 2, 2, 0],
    ])
    expect(passing(duo.initiatorSide, duo.responderSide)).toBe(2)
    duo.pair.a.command({ type: 'disconnect', session: -1, reason: 'one is enough' })
    duo.pair.advance(5000)
    expect([holdings(duo.initiator), holdings(duo.responder)]).toEqual([
      [1, 0, 1, 1, 0],
      [1, 0, 1, 1, 0],
    ])
    expect([duo.initiatorSide.flow.session, duo.responderSide.flow.session]).toEqual([1, -1])
    expect(passing(duo.initiatorSide, duo.responderSide)).toBe(1)
    expect([duo.initiatorSide.drops, duo.responderSide.drops]).toEqual([[], []])
  })

  it('end one each, when they choose by the same rule', () => {
    const { duo, back } = twins()
    duo.pair.a.command(connectCommand(duo, -1))
    duo.pair.b.command(back)
    duo.pair.advance(5000)
    // Both keep the one that the first has begun, and both say so.
    duo.pair.a.command({ type: 'disconnect', session: 1, reason: 'the other one stays' })
    duo.pair.b.command({ type: 'disconnect', session: -1, reason: 'the other one stays' })
    duo.pair.advance(5000)
    expect([duo.initiatorSide.flow.session, duo.responderSide.flow.session]).toEqual([-1, 1])
    expect(passing(duo.initiatorSide, duo.responderSide)).toBe(1)
    expect([holdings(duo.initiator), holdings(duo.responder)]).toEqual([
      [1, 0, 1, 1, 0],
      [1, 0, 1, 1, 0],
    ])
  })

  it('may give up an attempt when the other one is there already', () => {
    const { duo, back } = twins()
    duo.pair.a.command(connectCommand(duo, -1))
    duo.pair.b.command(back)
    duo.pair.b.command({ type: 'disconnect', session: -1, reason: 'the other has begun' })
    duo.pair.advance(90_000)
    expect([duo.initiatorSide.flow.session, duo.responderSide.flow.session]).toEqual([-1, 1])
    expect([duo.initiator.sessionCount, duo.initiator.halfOpenCount]).toEqual([1, 0])
  })
})

describe('a certificate that takes the place of another', () => {
  const PEER: PeerTerms['peer'] = { certificate: true, eap: false }
  let older: Credential
  let newer: Credential
  let other: Credential

  beforeAll(async () => {
    const kinds = { older: 'ecdsa-p256', newer: 'ecdsa-p384', other: 'ecdsa-p256' } as const
    const made = await createCredentials(kinds)
    older = made.older
    newer = made.newer
    other = made.other
  })

  /** A gateway that holds both keys, and signs by the one whose certificate is shown. */
  const signByCertificate = (request: Ikev2Request): Ikev2Reply | undefined =>
    request.type === 'sign'
      ? [older, newer]
          .find(({ chain: [leaf] }) => String(leaf) === String(request.certificate))
          ?.sign(request)
      : trust(request)

  function byCertificate(options: DuoOptions = {}): Duo {
    return sites({
      initiator: { own: older.own(), peer: PEER, identification: fqdn('azure.example') },
      responder: { own: other.own(), peer: PEER },
      trust: signByCertificate,
      decide: request => other.sign(request) ?? allowAny(request),
      ...options,
    })
  }

  const shown = ({ responderSide }: Duo) =>
    responderSide.requests.flatMap(request => (request.type === 'authenticate' ? [request.peerChain] : []))

  //   initiator                     responder
  //     | == session -1, older ======= |
  //     | -- IKE_AUTH with the newer -> |  the second session
  //     | -- DELETE of session -1 ----> |
  it('comes with a session of its own, before the old one goes', () => {
    const duo = byCertificate()
    const { terms, ...command } = connectCommand(duo, 2)
    duo.pair.a.command({ ...command, terms: { ...terms, own: newer.own() }, replaces: 1 })
    let least = 9
    duo.pair.run(() => {
      least = Math.min(least, passing(duo.initiatorSide, duo.responderSide))
      return duo.responderSide.eventsOf('closed').length > 0
    }, 5000)
    expect([least, passing(duo.initiatorSide, duo.responderSide)]).toEqual([1, 1])
    expect(shown(duo)).toEqual([older.chain, newer.chain])
    expect(duo.initiatorSide.flow.session).toBe(2)
  })

  it('that the peer refuses leaves the old session as it was', () => {
    const duo = byCertificate({
      decide: request => {
        const isNew = request.type === 'authenticate' && String(request.peerChain) === String(newer.chain)
        if (isNew) return { type: 'deny', reason: 'not of its authority' }
        return other.sign(request) ?? allowAny(request)
      },
    })
    const { terms, ...command } = connectCommand(duo, 2)
    duo.pair.a.command({ ...command, terms: { ...terms, own: newer.own() }, replaces: 1 })
    duo.pair.advance(5000)
    expect(duo.initiatorSide.eventsOf('refused')).toMatchObject([{ byPeer: true }])
    expect([duo.initiatorSide.flow.session, passing(duo.initiatorSide, duo.responderSide)]).toEqual([1, 1])
  })

  it('may take over from a session that the peer has begun', () => {
    const terms: PeerTerms = { ...TERMS, own: newer.own(), peer: PEER, identification: fqdn('azure.example') }
    const duo = createDuo({
      initiator: { own: other.own(), peer: PEER },
      responder: { ...RESPONDER_TERMS, own: older.own(), peer: PEER },
      initiatorOptions: { responder: () => ({ ...TERMS, own: other.own(), peer: PEER }) },
      trust: request => other.sign(request) ?? allowAny(request),
      decide: request => (request.type === 'sign' ? signByCertificate(request) : allowAny(request)),
    })
    expect(connect(duo)).toBe(true)
    const path = (duo.routes[0] as Route).responder
    const turned = { ...terms, local: TERMS.remote, remote: TERMS.local }
    duo.pair.b.command({ type: 'connect', session: -1, path, terms: turned, replaces: 1 })
    duo.pair.advance(5000)
    expect([duo.responderSide.flow.session, passing(duo.initiatorSide, duo.responderSide)]).toEqual([-1, 1])
    const chains = duo.initiatorSide.requests.flatMap(request =>
      request.type === 'authenticate' ? [request.peerChain] : [],
    )
    expect(chains).toEqual([older.chain, newer.chain])
  })
})
