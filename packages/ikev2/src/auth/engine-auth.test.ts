import { POOR_LINK } from '@causeway/netsim'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Ikev2Request } from '../output.ts'
import type { PeerTerms } from '../peer-terms.ts'
import {
  connect,
  connectCommand,
  createDuo,
  type Duo,
  type DuoOptions,
  holdings,
  trafficPasses,
} from '../testing/duo.suite.ts'
import type { FakeGateway } from '../testing/fake-gateway.ts'
import { letIn, trust } from '../testing/terms.suite.ts'
import type { Converse } from './auth-pair.suite.ts'
import { type Credential, createCredentials } from './credentials.suite.ts'

let client: Credential
let server: Credential

beforeAll(async () => {
  const made = await createCredentials({ client: 'ecdsa-p256', server: 'rsa-2048' })
  client = made.client
  server = made.server
})

const CERTIFICATE: PeerTerms['peer'] = { certificate: true, eap: false }
const MSK = new Uint8Array(64).fill(9)

/** Both ends by certificate, in the real engines. */
function byCertificate(options: DuoOptions = {}): Duo {
  return createDuo({
    initiator: { own: client.own(), peer: CERTIFICATE, ...options.initiator },
    responder: { own: server.own(), peer: CERTIFICATE, ...options.responder },
    trust: options.trust ?? (request => client.sign(request) ?? trust(request)),
    decide: options.decide ?? (request => server.sign(request) ?? letIn(request)),
  })
}

/** Runs an EAP method of a few rounds, around the gateways. */
function withEap(duo: Duo, peerKey: Uint8Array = MSK): Duo {
  converse(duo.responderSide, output => {
    if (output.type === 'eap-start')
      return { type: 'eap-packet', session: 1, packet: Uint8Array.of(1, 1, 0, 5, 254) }
    const [, identifier = 0] = output.packet
    return identifier < 4
      ? { type: 'eap-packet', session: 1, packet: Uint8Array.of(1, identifier + 1, 0, 5, 254) }
      : { type: 'eap-success', session: 1, packet: Uint8Array.of(3, identifier, 0, 4), msk: MSK }
  })
  converse(duo.initiatorSide, output => {
    if (output.type !== 'eap-packet') return undefined
    const [code, identifier = 0] = output.packet
    return code === 3
      ? { type: 'eap-success', session: 1, msk: peerKey }
      : { type: 'eap-packet', session: 1, packet: Uint8Array.of(2, identifier, 0, 5, 254) }
  })
  return duo
}

function converse(gateway: FakeGateway, eap: Converse): void {
  const handle = gateway.handle.bind(gateway)
  gateway.handle = (output, actions) => {
    handle(output, actions)
    if (output.type !== 'eap-start' && output.type !== 'eap-packet') return
    const command = eap(output)
    if (command) actions.command(command)
  }
}

function byEap(options: DuoOptions = {}): Duo {
  return createDuo({
    initiator: { own: { type: 'eap' }, peer: CERTIFICATE },
    responder: { own: server.own(), peer: { certificate: true, eap: true } },
    trust,
    decide: request => server.sign(request) ?? letIn(request),
    ...options,
  })
}

const reasons = (gateway: FakeGateway) => gateway.eventsOf('refused').map(({ reason }) => reason)
const EMPTY = [0, 0, 0, 0, 0]

describe('in the engine', () => {
  it('certificates let both in, and traffic passes', () => {
    const duo = byCertificate()
    expect(connect(duo)).toBe(true)
    expect(trafficPasses(duo)).toBe(true)
    expect(duo.responderSide.eventsOf('established')).toMatchObject([{ method: 'certificate' }])
    const judged = duo.responderSide.requests.find(request => request.type === 'authenticate')
    expect(judged).toMatchObject({ peerChain: client.chain })
  })

  it('a chain of many kilobytes comes in fragments, at the smallest packets', () => {
    const padding = Array.from({ length: 12 }, () => server.chain[0] as Uint8Array)
    const own = { ...server.own(), chain: [...server.chain, ...padding] } as PeerTerms['own']
    const duo = byCertificate({ responder: { own, fragmentBytes: 576 }, initiator: { fragmentBytes: 576 } })
    expect(connect(duo)).toBe(true)
    const judged = duo.initiatorSide.requests.find(request => request.type === 'authenticate')
    expect(judged).toMatchObject({ peerChain: { length: 14 } })
  })

  it('EAP lets a peer in, and traffic passes', () => {
    const duo = withEap(byEap())
    expect(connect(duo)).toBe(true)
    expect(trafficPasses(duo)).toBe(true)
    expect(duo.responderSide.eventsOf('established')).toMatchObject([{ method: 'eap' }])
  })

  it.each([1, 2, 3])('EAP goes over a poor link (seed %i)', seed => {
    const duo = withEap(byEap({ seed, link: POOR_LINK }))
    expect(connect(duo, 50_000)).toBe(true)
    expect(trafficPasses(duo)).toBe(true)
  })

  it('a key that differs after EAP ends it at both ends, and leaves nothing', () => {
    const duo = withEap(byEap(), new Uint8Array(64))
    duo.pair.a.command(connectCommand(duo))
    duo.pair.run(() => reasons(duo.initiatorSide).length > 0, 30_000)
    expect(reasons(duo.responderSide)).toEqual(['AUTH after EAP: the shared secret differs'])
    expect(reasons(duo.initiatorSide)).toEqual(['the server says AUTHENTICATION_FAILED'])
    expect([holdings(duo.initiator), holdings(duo.responder)]).toEqual([EMPTY, EMPTY])
  })

  it('a peer that gives up amid EAP says so, and nothing is left', () => {
    const duo = withEap(byEap({ trust: () => ({ type: 'deny', reason: 'another name' }) }))
    duo.pair.a.command(connectCommand(duo))
    duo.pair.run(() => reasons(duo.responderSide).length > 0, 5_000)
    expect(reasons(duo.responderSide)).toEqual(['the peer ends the IKE SA with AUTHENTICATION_FAILED'])
    expect(duo.responderSide.eventsOf('refused')).toMatchObject([{ byPeer: true }])
    expect(holdings(duo.responder)).toEqual(EMPTY)
  })

  it('a server that is not trusted is told, and nothing is left', () => {
    const distrust = (request: Ikev2Request) =>
      client.sign(request) ?? ({ type: 'deny', reason: 'another name' } as const)
    const duo = byCertificate({ trust: distrust })
    duo.pair.a.command(connectCommand(duo))
    duo.pair.run(() => reasons(duo.initiatorSide).length > 0, 30_000)
    expect(reasons(duo.initiatorSide)).toEqual(['another name'])
    expect(duo.responderSide.eventsOf('closed')).toMatchObject([{ byPeer: true }])
    expect([holdings(duo.initiator), holdings(duo.responder)]).toEqual([EMPTY, EMPTY])
  })

  it('a decision that never comes ends it', () => {
    const duo = byCertificate({ decide: () => undefined })
    duo.pair.a.command(connectCommand(duo))
    duo.pair.run(() => reasons(duo.responderSide).length > 0, 120_000)
    expect(reasons(duo.responderSide)).toEqual(['nobody has decided on the peer in time'])
    duo.pair.run(() => reasons(duo.initiatorSide).length > 0, 120_000)
    expect([holdings(duo.initiator), holdings(duo.responder)]).toEqual([EMPTY, EMPTY])
  })

  it('further Child SAs come and go', () => {
    const duo = createDuo({ decide: request => letIn(request) })
    connect(duo)
    duo.pair.a.command({ type: 'create-child', session: 1, local: duo.terms.local, remote: duo.terms.remote })
    duo.pair.run(() => duo.responderSide.flows.size === 2 && duo.initiatorSide.flows.size === 2, 5_000)
    const ids = [...duo.responderSide.flows.keys()]
    expect(ids).toHaveLength(2)
    duo.pair.b.command({ type: 'delete-child', session: 1, child: ids[0] as number })
    duo.pair.run(() => duo.responderSide.flows.size === 1, 5_000)
    expect([...duo.responderSide.flows.keys()]).toEqual([ids[1]])
  })
})
