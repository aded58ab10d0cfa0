import { Writer } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import { findNotify, findPayload, notify } from '../exchange/notify.ts'
import type { ChildSaKeys, Ikev2Output } from '../output.ts'
import type { PeerTerms } from '../peer-terms.ts'
import { espProposals } from '../proposal/esp-proposals.ts'
import { ikeProposals } from '../proposal/ike-proposals.ts'
import type { EspSuite } from '../proposal/suite.ts'
import { groupNumber } from '../proposal/transform-ids.ts'
import { ScriptedInitiator } from '../testing/scripted-initiator.suite.ts'
import {
  eventsIn,
  type LoneResponder,
  loneResponder,
  outputsOf,
  pathFrom,
  STRANGER_CRYPTO,
  sentBy,
} from '../testing/stranger.suite.ts'
import { letIn, network, TERMS } from '../testing/terms.suite.ts'
import { EXCHANGE, NOTIFY, PROTOCOL } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'

const HOME = pathFrom('203.0.113.5')
const CREATE = { exchange: EXCHANGE.CREATE_CHILD_SA }
/** By which the initiator by hand receives at first, and after a rekeying. */
const OLD_SPI = 0x1000
const NEW_SPI = 0x2000

interface Session extends LoneResponder {
  /** When the peer says what it says. */
  readonly clock: { now: number }
  readonly peer: ScriptedInitiator
  /** The first Child SA, as the responder has it. */
  readonly sa: ChildSaKeys
}

function session(terms: Partial<PeerTerms> = {}): Session {
  const responder = loneResponder({}, terms)
  const { engine } = responder
  const clock = { now: 0 }
  const hear: LoneResponder['hear'] = (bytes, path) => responder.hear(bytes, path, clock.now)
  const peer = new ScriptedInitiator({ engine, hear }, HOME)
  for (const output of peer.say(peer.authPayloads(), { exchange: EXCHANGE.IKE_AUTH })) {
    const reply = output.type === 'request' ? letIn(output.request) : undefined
    if (output.type === 'request' && reply) engine.handleCommand({ type: 'reply', id: output.id, reply }, 0)
  }
  const [sa] = outputsOf(engine).flatMap(output => (output.type === 'install-sa' ? [output.sa] : []))
  return { ...responder, clock, peer, sa: sa as ChildSaKeys }
}

function spiBytes(spi: number): Uint8Array {
  return new Writer(4).u32(spi).finish()
}

function rekeySa(spi: Uint8Array = spiBytes(OLD_SPI), protocol: number = PROTOCOL.ESP): Payload {
  return { type: 'N', protocol, spi, notify: NOTIFY.REKEY_SA, data: new Uint8Array() }
}

interface Offer {
  readonly suites?: readonly EspSuite[]
  readonly spi?: number
  readonly local?: string
  readonly remote?: string
}

/** SA, Ni, KE if the first suite has a group, TSi, TSr. */
function childOffer({ suites = TERMS.espSuites, spi = NEW_SPI, local, remote }: Offer = {}): Payload[] {
  const group = suites[0]?.group
  const selectors = (text: string | undefined, usual: typeof TERMS.local) => (text ? [network(text)] : usual)
  return [
    {
      type: 'SA',
      proposals: espProposals(suites, { spi, withGroup: group !== undefined, extendedSequence: true }),
    },
    { type: 'NONCE', data: STRANGER_CRYPTO.random(32) },
    ...(group ? [keyExchange(group)] : []),
    { type: 'TSi', selectors: selectors(local, TERMS.local) },
    { type: 'TSr', selectors: selectors(remote, TERMS.remote) },
  ]
}

function keyExchange(group: NonNullable<EspSuite['group']>): Payload {
  const { publicValue } = STRANGER_CRYPTO.createKeyAgreement(group)
  return { type: 'KE', group: groupNumber(group), data: publicValue }
}

function ikeOffer(): Payload[] {
  return [
    { type: 'SA', proposals: ikeProposals(TERMS.ikeSuites, STRANGER_CRYPTO.random(8)) },
    { type: 'NONCE', data: STRANGER_CRYPTO.random(32) },
    keyExchange('X25519'),
  ]
}

function deletion(...spis: number[]): Payload {
  return { type: 'D', protocol: PROTOCOL.ESP, spis: spis.map(spiBytes) }
}

/** The notifications of the answer, or `SA` when there is one. */
function answerOf({ peer }: Session, outputs: readonly Ikev2Output[]): readonly (number | 'SA')[] {
  const payloads = peer.read(outputs)
  if (findPayload(payloads, 'SA')) return ['SA']
  return payloads.flatMap(payload => (payload.type === 'N' ? [payload.notify] : []))
}

function flowOutputs(outputs: readonly Ikev2Output[]): string[] {
  return outputs.flatMap(({ type }) => (/-(sa|flow)$/.test(type) ? [type] : type === 'send' ? ['send'] : []))
}

const command = ({ engine }: Session, given: Parameters<Session['engine']['handleCommand']>[0]) => {
  engine.handleCommand(given, 0)
  return outputsOf(engine)
}

describe('the peer rekeys a Child SA', () => {
  it('the new one receives before the answer is out, and is sent by when the old one is deleted', () => {
    const { peer } = session()
    expect(flowOutputs(peer.say([rekeySa(), ...childOffer()], CREATE))).toEqual(['install-sa', 'send'])
    const outputs = peer.say([deletion(OLD_SPI)])
    expect(flowOutputs(outputs)).toEqual(['select-sa', 'remove-sa', 'send'])
  })

  it('never carries more than before, whatever the peer asks for now', () => {
    const { peer, sa } = session()
    const outputs = peer.say([rekeySa(), ...childOffer({ local: '0.0.0.0/0', remote: '0.0.0.0/0' })], CREATE)
    const [installed] = outputs.flatMap(output => (output.type === 'install-sa' ? [output.sa] : []))
    expect([installed?.local, installed?.remote]).toEqual([sa.local, sa.remote])
    expect(findPayload(peer.read(outputs), 'TSr')?.selectors).toEqual(sa.local)
  })

  const both: EspSuite[] = [
    { encryption: 'AES-GCM-16-256', group: 'X25519' },
    { encryption: 'AES-GCM-16-256' },
  ]
  it.each([
    ['with a group where ours has one', [both[0]], [both[0]], 'SA'],
    ['without one where ours has none', [both[1]], [both[1]], 'SA'],
    ['without one where ours can do without', both, [both[1]], 'SA'],
    ['without one where ours cannot', [both[0]], [both[1]], NOTIFY.NO_PROPOSAL_CHOSEN],
    [
      'with another group',
      [both[0]],
      [{ encryption: 'AES-GCM-16-256', group: 'ECP-256' }, both[0]],
      NOTIFY.INVALID_KE_PAYLOAD,
    ],
  ])('%s', (_, ours, theirs, expected) => {
    const one = session({ espSuites: ours as EspSuite[] })
    const outputs = one.peer.say([rekeySa(), ...childOffer({ suites: theirs as EspSuite[] })], CREATE)
    expect(answerOf(one, outputs)).toEqual([expected])
  })

  it.each([
    ['of an unknown SPI', rekeySa(spiBytes(0x9999))],
    ['of AH (CVE-2023-38710)', rekeySa(spiBytes(OLD_SPI), PROTOCOL.AH)],
    ['of our SPI, not its own', undefined],
  ])('%s: CHILD_SA_NOT_FOUND, with what it named', (_, named) => {
    const one = session()
    const rekey = named ?? rekeySa(spiBytes(one.sa.receiveSpi))
    const outputs = one.peer.say([rekey, ...childOffer()], CREATE)
    const found = findNotify(one.peer.read(outputs), NOTIFY.CHILD_SA_NOT_FOUND)
    expect(found).toMatchObject({
      protocol: rekey.type === 'N' && rekey.protocol,
      spi: rekey.type === 'N' && rekey.spi,
    })
    expect(one.engine.espSpiCount).toBe(1)
  })

  it('that has a successor already: TEMPORARY_FAILURE', () => {
    const one = session()
    one.peer.say([rekeySa(), ...childOffer()], CREATE)
    expect(answerOf(one, one.peer.say([rekeySa(), ...childOffer({ spi: 0x3000 })], CREATE))).toEqual([
      NOTIFY.TEMPORARY_FAILURE,
    ])
  })

  it('goes back to the old one when it deletes the new one', () => {
    const one = session()
    one.peer.say([rekeySa(), ...childOffer()], CREATE)
    expect(flowOutputs(one.peer.say([deletion(NEW_SPI)]))).toEqual(['remove-sa', 'send'])
    expect(answerOf(one, one.peer.say([rekeySa(), ...childOffer({ spi: 0x3000 })], CREATE))).toEqual(['SA'])
  })

  it('is deleted by us when the peer forgets to', () => {
    const { peer, engine } = session()
    peer.say([rekeySa(), ...childOffer()], CREATE)
    engine.handleTimeout(engine.nextTimeout() as number)
    const outputs = outputsOf(engine)
    expect(flowOutputs(outputs)).toEqual(['select-sa', 'send'])
    expect(findPayload(peer.read(outputs), 'D')?.spis).toHaveLength(1)
  })
})

describe('requests that cross ours (RFC 7296 §2.25)', () => {
  const busy = [NOTIFY.TEMPORARY_FAILURE]

  it('a rekeying of the Child SA that we delete is put off', () => {
    const one = session()
    command(one, { type: 'delete-child', session: 1, child: 1 })
    expect(answerOf(one, one.peer.say([rekeySa(), ...childOffer()], CREATE))).toEqual(busy)
  })

  it('a deletion of the Child SA that we delete is answered without a Delete payload', () => {
    const one = session()
    command(one, { type: 'delete-child', session: 1, child: 1 })
    const outputs = one.peer.say([deletion(OLD_SPI)])
    expect(one.peer.read(outputs)).toEqual([])
    expect(flowOutputs(outputs)).toEqual(['send'])
    const after = one.peer.say([], { response: true, messageId: 0 })
    expect(flowOutputs(after)).toEqual(['remove-sa', 'close-flow'])
  })

  it('a deletion of the Child SA that we rekey is answered as usual', () => {
    const one = session()
    command(one, { type: 'rekey-child', session: 1, child: 1 })
    const outputs = one.peer.say([deletion(OLD_SPI)])
    expect(findPayload(one.peer.read(outputs), 'D')?.spis).toEqual([spiBytes(one.sa.receiveSpi)])
    const late = one.peer.say([notify(NOTIFY.TEMPORARY_FAILURE)], { ...CREATE, response: true, messageId: 0 })
    expect([flowOutputs(late), one.engine.espSpiCount]).toEqual([[], 0])
  })

  it('a deletion of what we do not have is answered without a Delete payload', () => {
    const one = session()
    expect(one.peer.read(one.peer.say([deletion(0x7777, 0x8888)]))).toEqual([])
  })

  it.each(['rekey-child', 'delete-child'] as const)(
    'a rekeying of the IKE SA during our %s is put off',
    type => {
      const one = session()
      command(one, { type, session: 1, child: 1 })
      expect(answerOf(one, one.peer.say(ikeOffer(), CREATE))).toEqual(busy)
    },
  )

  it('a Child SA is neither made nor rekeyed while we rekey the IKE SA, but deleted', () => {
    const one = session()
    command(one, { type: 'rekey-ike', session: 1 })
    expect(answerOf(one, one.peer.say([rekeySa(), ...childOffer()], CREATE))).toEqual(busy)
    expect(answerOf(one, one.peer.say(childOffer(), CREATE))).toEqual(busy)
    const outputs = one.peer.say([deletion(OLD_SPI)])
    expect(findPayload(one.peer.read(outputs), 'D')?.spis).toEqual([spiBytes(one.sa.receiveSpi)])
  })

  it.each([
    ['a rekeying', ikeOffer],
    ['a Child SA', childOffer],
  ])('%s under an IKE SA that we delete is put off', (_, offer) => {
    const one = session()
    command(one, { type: 'disconnect', session: 1, reason: 'enough' })
    expect(answerOf(one, one.peer.say(offer(), CREATE))).toEqual(busy)
  })

  it('DELETE of the IKE SA while we rekey it ends it, and our rekeying is forgotten', () => {
    const one = session()
    command(one, { type: 'rekey-ike', session: 1 })
    const outputs = one.peer.say([{ type: 'D', protocol: PROTOCOL.IKE, spis: [] }])
    expect(sentBy(outputs)).toHaveLength(1)
    expect(eventsIn(outputs).map(({ type }) => type)).toEqual(['child-closed', 'closed'])
    expect([one.engine.ikeSaCount, one.engine.espSpiCount]).toEqual([0, 0])
  })

  it('a Child SA that the peer deletes before its answer has come is not installed', () => {
    const one = session()
    const [request] = [one.peer.read(command(one, { type: 'rekey-child', session: 1, child: 1 }))]
    one.peer.say([deletion(NEW_SPI)])
    const proposals = findPayload(request, 'SA')?.proposals.map(one => ({ ...one, spi: spiBytes(NEW_SPI) }))
    const answer: Payload[] = [
      { type: 'SA', proposals: proposals?.slice(0, 1).map(chosen) ?? [] },
      ...childOffer().filter(({ type }) => type === 'NONCE'),
      { type: 'TSi', selectors: TERMS.remote },
      { type: 'TSr', selectors: TERMS.local },
    ]
    const outputs = one.peer.say(answer, { ...CREATE, response: true, messageId: 0 })
    expect(flowOutputs(outputs)).toEqual(['send'])
    expect(findPayload(one.peer.read(outputs), 'D')?.spis).toEqual([spiBytes(one.sa.receiveSpi)])
  })
})

/** The first transform of each type. */
function chosen<One extends { readonly transforms: readonly { readonly type: number }[] }>(
  proposal: One,
): One {
  const { transforms } = proposal
  return {
    ...proposal,
    transforms: transforms.filter((one, i) => transforms.findIndex(({ type }) => type === one.type) === i),
  }
}

describe('the peer refuses our rekeying', () => {
  const answer = (one: Session, payloads: readonly Payload[]) => {
    command(one, { type: 'rekey-child', session: 1, child: 1 })
    return one.peer.say(payloads, { ...CREATE, response: true, messageId: 0 })
  }

  it('with its status (Windows): it is told, and the Child SA goes on', () => {
    const one = session()
    const outputs = answer(one, [notify(NOTIFY.MICROSOFT_STATUS, new Writer(4).u32(13_863).finish())])
    expect(eventsIn(outputs)).toMatchObject([
      { type: 'notified', notify: 12_345, detail: 'error 13863' },
      { type: 'child-refused', byPeer: true },
    ])
    expect([one.engine.espSpiCount, one.engine.nextTimeout()]).toEqual([1, undefined])
    expect(answerOf(one, one.peer.say([rekeySa(), ...childOffer()], CREATE))).toEqual(['SA'])
  })

  it('for a while: it is asked again later, and after some minutes the IKE SA ends', () => {
    const one = session()
    let outputs = answer(one, [notify(NOTIFY.TEMPORARY_FAILURE)])
    const waits: number[] = []
    for (let messageId = 1; one.engine.sessionCount > 0; messageId++) {
      const at = one.engine.nextTimeout() as number
      waits.push(at - one.clock.now)
      one.clock.now = at
      one.engine.handleTimeout(at)
      outputsOf(one.engine)
      outputs = one.peer.say([notify(NOTIFY.TEMPORARY_FAILURE)], { ...CREATE, response: true, messageId })
    }
    expect(waits).toHaveLength(10)
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(5000)
    expect(Math.max(...waits)).toBeLessThanOrEqual(90_000)
    expect(eventsIn(outputs).at(-1)).toMatchObject({ type: 'closed', byPeer: false })
  })

  it('because it does not have it any more: it goes, and another is made', () => {
    const one = session()
    const outputs = answer(one, [notify(NOTIFY.CHILD_SA_NOT_FOUND)])
    expect(flowOutputs(outputs)).toEqual(['remove-sa', 'close-flow', 'send'])
    const request = one.peer.read(outputs)
    expect([findNotify(request, NOTIFY.REKEY_SA), findPayload(request, 'SA')?.proposals.length]).toEqual([
      undefined,
      1,
    ])
  })
})

describe('limits of a Child SA', () => {
  it('the soft one rekeys it, once', () => {
    const one = session()
    const soft = { type: 'soft-limit', child: 1, receiveSpi: one.sa.receiveSpi } as const
    expect(findNotify(one.peer.read(command(one, soft)), NOTIFY.REKEY_SA)?.spi).toEqual(
      spiBytes(one.sa.receiveSpi),
    )
    expect(command(one, soft)).toEqual([])
  })

  it('the hard one ends it', () => {
    const one = session()
    const outputs = command(one, { type: 'hard-limit', child: 1, receiveSpi: one.sa.receiveSpi })
    expect(findPayload(one.peer.read(outputs), 'D')?.spis).toEqual([spiBytes(one.sa.receiveSpi)])
    expect(flowOutputs(one.peer.say([], { response: true, messageId: 0 }))).toEqual([
      'remove-sa',
      'close-flow',
    ])
  })

  it('its time is over, and nobody has rekeyed it', () => {
    const one = session({ childLifetimeSeconds: 100 })
    expect(one.engine.nextTimeout()).toBe(100_000)
    one.engine.handleTimeout(100_000)
    expect(findPayload(one.peer.read(outputsOf(one.engine)), 'D')?.protocol).toBe(PROTOCOL.ESP)
  })
})

it('an IKE SA of another group is asked for the one that we would take', () => {
  const one = session()
  const [sa, nonce] = ikeOffer() as [Payload, Payload]
  const outputs = one.peer.say([sa, nonce, keyExchange('ECP-256')], CREATE)
  expect(findNotify(one.peer.read(outputs), NOTIFY.INVALID_KE_PAYLOAD)?.data).toEqual(Uint8Array.of(0, 31))
})
