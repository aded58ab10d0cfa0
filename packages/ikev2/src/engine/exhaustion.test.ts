import type { CryptoPort } from '@causeway/crypto'
import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { Writer } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import { notify } from '../exchange/notify.ts'
import { COOKIE_TOTAL, DELETED_SPIS, HALF_OPEN_MS, IKE_SAS, RESPONSE_REPEATS } from '../limits.ts'
import { ikeProposals } from '../proposal/ike-proposals.ts'
import type { IkeSuite } from '../proposal/suite.ts'
import { groupNumber } from '../proposal/transform-ids.ts'
import { ScriptedInitiator } from '../testing/scripted-initiator.suite.ts'
import {
  greet,
  type LoneResponder,
  loneResponder,
  outputsOf,
  pathFrom,
  STRANGER_CRYPTO,
  sentBy,
} from '../testing/stranger.suite.ts'
import { letIn, RESPONDER_TERMS, TERMS } from '../testing/terms.suite.ts'
import { EXCHANGE, NOTIFY, PROTOCOL, TRANSFORM } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'

const HOME = pathFrom('203.0.113.5')
const AUTH = { exchange: EXCHANGE.IKE_AUTH }
const CHILD = { exchange: EXCHANGE.CREATE_CHILD_SA }
const SUITE = TERMS.ikeSuites[0] as IkeSuite

/** A responder whose key agreements are counted. */
function counted(limits = {}): LoneResponder & { readonly agreements: () => number } {
  const real = createSeededCrypto('counted', { keyAgreement: 'toy' })
  let count = 0
  const crypto: CryptoPort = {
    ...real,
    createKeyAgreement(group) {
      count++
      return real.createKeyAgreement(group)
    },
  }
  return { ...loneResponder({ crypto, limits }), agreements: () => count }
}

/** Lets a scripted initiator in. */
function enter({ engine }: LoneResponder, peer: ScriptedInitiator, extra: readonly Payload[] = []): void {
  for (const output of peer.say(peer.authPayloads(extra), AUTH)) {
    const reply = output.type === 'request' ? letIn(output.request) : undefined
    if (output.type === 'request' && reply) engine.handleCommand({ type: 'reply', id: output.id, reply }, 0)
  }
  outputsOf(engine)
}

describe('key agreements', () => {
  it('are not made without end for public values that nobody can use, from forged addresses', () => {
    const { hear, agreements } = counted()
    for (let number = 0; number < 1000; number++) {
      const path = pathFrom(`11.${number >> 8}.${number & 0xff}.1`)
      hear(greet({ number, publicValue: new Uint8Array(32) }), path)
    }
    expect(agreements()).toBe(COOKIE_TOTAL)
  })

  it('are not made without end for a network whose attempts all fail', () => {
    const responder = counted({ cookiePerPrefix: 100, halfOpenPerPrefix: 5 })
    for (let number = 0; number < 5; number++) {
      const peer = new ScriptedInitiator(responder, HOME, number)
      peer.say([{ type: 'NONCE', data: new Uint8Array(16) }], AUTH)
    }
    expect([responder.engine.halfOpenCount, responder.agreements()]).toEqual([0, 5])
    expect(sentBy(responder.hear(greet({ number: 6 }), HOME))).toEqual([])
    expect(responder.agreements()).toBe(5)
    expect(sentBy(responder.hear(greet({ number: 7 }), pathFrom('198.51.100.1')))).toHaveLength(1)
    expect(sentBy(responder.hear(greet({ number: 8 }), HOME, HALF_OPEN_MS))).toHaveLength(1)
  })

  it('of a network whose attempts succeed are as many as it likes', () => {
    const responder = counted({ cookiePerPrefix: 100, halfOpenPerPrefix: 5 })
    for (let number = 0; number < 20; number++)
      enter(responder, new ScriptedInitiator(responder, HOME, number))
    expect(responder.engine.sessionCount).toBe(20)
  })
})

describe('half-open IKE SAs', () => {
  it('whose peers have keys, and then say nothing, do not keep others out', () => {
    const responder = counted({ halfOpenTotal: 3 })
    for (let number = 0; number < 3; number++)
      new ScriptedInitiator(responder, HOME, number).say([], { messageId: 1 })
    expect(sentBy(responder.hear(greet({ number: 9 }), pathFrom('198.51.100.1')))).toHaveLength(1)
    expect(responder.engine.halfOpenCount).toBe(3)
  })
})

describe('a recorded request', () => {
  it('has its response sent to whoever a bounded number of times', () => {
    const responder = counted()
    let recorded = new Uint8Array()
    const tapped: LoneResponder = {
      ...responder,
      hear(bytes, path) {
        recorded = bytes.slice()
        return responder.hear(bytes, path)
      },
    }
    const peer = new ScriptedInitiator(tapped, HOME)
    enter(responder, peer)
    peer.say([])
    const victim = pathFrom('198.51.100.66')
    const sent = Array.from({ length: 100 }, () => sentBy(responder.hear(recorded, victim))).flat()
    expect(sent).toHaveLength(RESPONSE_REPEATS)
    expect(sentBy(peer.say([]))).toHaveLength(1)
  })
})

describe('an authenticated peer', () => {
  it('cannot have IKE SAs made without end by rekeying', () => {
    const responder = counted()
    const peer = new ScriptedInitiator(responder, HOME)
    enter(responder, peer)
    // While our own rekeying is out, each of the peer's is answered by an IKE SA that may yet win.
    responder.engine.handleCommand({ type: 'rekey-ike', session: 1 }, 0)
    outputsOf(responder.engine)
    for (let number = 1; number <= 3 * IKE_SAS; number++) peer.say(rekeying(number), CHILD)
    expect(responder.engine.ikeSaCount).toBe(IKE_SAS)
    expect(responder.engine.sessionCount).toBe(1)
  })

  it('cannot have SPIs remembered without end, of Child SAs that it says it has deleted', () => {
    const responder = counted()
    const peer = new ScriptedInitiator(responder, HOME)
    enter(responder, peer)
    const { local, remote } = RESPONDER_TERMS
    responder.engine.handleCommand({ type: 'create-child', session: 1, local, remote }, 0)
    outputsOf(responder.engine)
    for (let from = 0; from < 2 * DELETED_SPIS; from += 100)
      peer.say([
        { type: 'D', protocol: PROTOCOL.ESP, spis: Array.from({ length: 100 }, (_, i) => u32(from + i + 1)) },
      ])
    // The last of them was not remembered any more, so what is agreed on counts.
    const mark = { ...CHILD, messageId: 0, response: true }
    const outputs = peer.say(agreeing(2 * DELETED_SPIS), mark)
    expect(outputs.some(({ type }) => type === 'install-sa')).toBe(true)
  })

  //   peer                                 responder
  //     | -- UPDATE_SA_ADDRESSES, forged ----> |  moves to the victim
  //     |             victim <-- COOKIE2 ----- |
  //     | -- rekeying, from home ------------> |
  //     | <-- successor ---------------------- |
  //     |             victim <-- COOKIE2 ----- |  asked again, until it gives up
  it('cannot leave its traffic with a victim by rekeying before that has failed to answer', () => {
    const { engine, hear } = loneResponder({}, { mobike: true })
    let path = HOME
    const peer = new ScriptedInitiator({ engine, hear: bytes => hear(bytes, path) }, HOME)
    enter({ engine, hear }, peer, [notify(NOTIFY.MOBIKE_SUPPORTED)])
    path = pathFrom('198.51.100.66')
    peer.say([notify(NOTIFY.UPDATE_SA_ADDRESSES)])
    path = HOME
    expect(sentBy(peer.say(rekeying(1), CHILD))).not.toEqual([])
    for (let at = engine.nextTimeout(); at !== undefined; at = engine.nextTimeout()) {
      engine.handleTimeout(at)
      outputsOf(engine)
    }
    expect(engine.sessionCount).toBe(0)
  })
})

/** CREATE_CHILD_SA for a successor of the IKE SA. */
function rekeying(number: number): Payload[] {
  const { publicValue } = STRANGER_CRYPTO.createKeyAgreement(SUITE.group)
  return [
    { type: 'SA', proposals: ikeProposals([SUITE], new Writer(8).u32(7).u32(number).finish()) },
    { type: 'NONCE', data: STRANGER_CRYPTO.random(32) },
    { type: 'KE', group: groupNumber(SUITE.group), data: publicValue },
  ]
}

/** What a peer answers that takes the Child SA. */
function agreeing(spi: number): Payload[] {
  const transforms = [
    { type: TRANSFORM.ENCRYPTION, id: 20, keyBits: 256 },
    { type: TRANSFORM.ESN, id: 1 },
  ]
  return [
    { type: 'SA', proposals: [{ number: 1, protocol: PROTOCOL.ESP, spi: u32(spi), transforms }] },
    { type: 'NONCE', data: new Uint8Array(32) },
    { type: 'TSi', selectors: RESPONDER_TERMS.local },
    { type: 'TSr', selectors: RESPONDER_TERMS.remote },
  ]
}

function u32(value: number): Uint8Array {
  return new Writer(4).u32(value).finish()
}
