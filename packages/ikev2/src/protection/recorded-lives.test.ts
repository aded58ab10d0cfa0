import { createNodeCrypto } from '@causeway/crypto-node'
import { asciiBytes, concatBytes, WireFault } from '@causeway/wire'
import { describe, expect, test } from 'vitest'
import { readChosenEspSuite } from '../proposal/esp-proposals.ts'
import { readChosenIkeSuite, selectIkeSuite } from '../proposal/ike-proposals.ts'
import type { EspSuite, IkeSuite } from '../proposal/suite.ts'
import { RECORDED_CBC } from '../testing/recorded-cbc.suite.ts'
import { RECORDED_GCM } from '../testing/recorded-gcm.suite.ts'
import {
  type RecordedChildKeys,
  type RecordedIkeKeys,
  type RecordedLife,
  recorded,
} from '../testing/recorded-life.suite.ts'
import { type ReceivedHeader, readIkeHeader, writeMessage } from '../wire/header.ts'
import { EXCHANGE } from '../wire/numbers.ts'
import type { IkeMessage, Payload, PayloadOf } from '../wire/payload.ts'
import { readPayloads } from '../wire/payloads.ts'
import { authOctets, sharedKeyAuth } from './auth-octets.ts'
import { type ChildKeys, deriveChildKeys } from './child-keys.ts'
import { deriveIkeKeys, deriveRekeyedIkeKeys, type IkeKeys } from './ike-keys.ts'
import { MessageProtection } from './message-protection.ts'
import { Reassembly } from './reassembly.ts'

const crypto = createNodeCrypto()

const LIVES: readonly [string, RecordedLife, IkeSuite, EspSuite][] = [
  [
    'AES-CBC in fragments',
    RECORDED_CBC,
    {
      encryption: 'AES-CBC-256',
      integrity: 'HMAC-SHA256-128',
      prf: 'HMAC-SHA256',
      group: 'MODP-2048-256',
    },
    { encryption: 'AES-CBC-256', integrity: 'HMAC-SHA256-128', group: 'MODP-2048-256' },
  ],
  [
    'AES-GCM',
    RECORDED_GCM,
    { encryption: 'AES-GCM-16-256', prf: 'HMAC-SHA384', group: 'ECP-384' },
    { encryption: 'AES-GCM-16-256', group: 'ECP-384' },
  ],
]

describe.each(LIVES)('a life of strongSwan: %s', (_, life, suite, esp) => {
  const [init, initAnswer] = [plainMessage(life, 0), plainMessage(life, 1)]
  const keys = deriveIkeKeys(crypto, suite, keyInputs(life.ike.secret, init, initAnswer))
  const protectedMessages = openAll(life, suite, keys)

  test('keys of the IKE SA', () => {
    expect(keys).toEqual(expectedIkeKeys(life.ike))
    expect(selectIkeSuite([suite], payload(init, 'SA').proposals, 'initial')?.suite).toEqual(suite)
    expect(readChosenIkeSuite([suite], payload(initAnswer, 'SA').proposals, 'initial')?.suite).toEqual(suite)
  })

  test('IKE_SA_INIT is written bit for bit as it was read', () => {
    for (const [index, message] of [init, initAnswer].entries()) {
      expect(writeMessage(message.header, message.payloads)).toEqual(recorded(life.messages[index]?.bytes))
    }
  })

  test('every protected message opens', () => {
    const shown = protectedMessages.map(
      ({ header, payloads }) => `${header.exchange}/${header.messageId} ${payloads.map(({ type }) => type)}`,
    )
    expect(shown).toEqual([
      '35/1 IDi,N,IDr,AUTH,SA,TSi,TSr,N,N,N',
      '35/1 IDr,AUTH,SA,TSi,TSr',
      '36/2 N,SA,NONCE,KE,TSi,TSr',
      '36/2 SA,NONCE,KE,TSi,TSr',
      '37/3 D',
      '37/3 D',
      '36/4 SA,NONCE,KE',
      '36/4 SA,NONCE,KE',
      '37/5 D',
      '37/5 ',
    ])
  })

  test('AUTH of both ends by pre-shared key', () => {
    const [request, response] = protectedMessages as [IkeMessage, IkeMessage]
    const common = { prf: suite.prf }
    const initiator = authOctets(crypto, {
      ...common,
      message: recorded(life.messages[0]?.bytes),
      peerNonce: payload(initAnswer, 'NONCE').data,
      skP: keys.skPi,
      identification: payload(request, 'IDi').identification,
    })
    const responder = authOctets(crypto, {
      ...common,
      message: recorded(life.messages[1]?.bytes),
      peerNonce: payload(init, 'NONCE').data,
      skP: keys.skPr,
      identification: payload(response, 'IDr').identification,
    })
    const secret = asciiBytes('known answers')
    const [authI, authR] = [initiator, responder].map(octets =>
      sharedKeyAuth(crypto, suite.prf, secret, octets),
    )
    expect(authI).toEqual(recorded(life.authInitiator))
    expect(authR).toEqual(recorded(life.authResponder))
    expect(payload(request, 'AUTH').data).toEqual(authI)
    expect(payload(response, 'AUTH').data).toEqual(authR)
  })

  test('keys of the first Child SA and of its successor with PFS', () => {
    const { group: _none, ...first } = esp
    const nonces = {
      initiatorNonce: payload(init, 'NONCE').data,
      responderNonce: payload(initAnswer, 'NONCE').data,
    }
    expectChildKeys(deriveChildKeys(crypto, suite.prf, keys.skD, first, nonces), life.child)

    const [request, response] = exchanges(protectedMessages, EXCHANGE.CREATE_CHILD_SA, 0)
    const rekey = {
      secret: recorded(life.childRekey.secret),
      initiatorNonce: payload(request, 'NONCE').data,
      responderNonce: payload(response, 'NONCE').data,
    }
    expectChildKeys(deriveChildKeys(crypto, suite.prf, keys.skD, esp, rekey), life.childRekey)
    const offer = { withGroup: true, extendedSequence: false }
    const chosen = readChosenEspSuite([esp], offer, payload(response, 'SA').proposals)
    expect(chosen?.suite).toEqual({ ...esp, extendedSequence: false })
  })

  test('keys of the rekeyed IKE SA', () => {
    const [request, response] = exchanges(protectedMessages, EXCHANGE.CREATE_CHILD_SA, 1)
    const inputs = {
      secret: recorded(life.ikeRekey.secret),
      initiatorNonce: payload(request, 'NONCE').data,
      responderNonce: payload(response, 'NONCE').data,
      initiatorSpi: payload(request, 'SA').proposals[0]?.spi as Uint8Array,
      responderSpi: payload(response, 'SA').proposals[0]?.spi as Uint8Array,
    }
    const rekeyed = deriveRekeyedIkeKeys(crypto, suite, inputs, keys.skD, suite.prf)
    expect(rekeyed).toEqual(expectedIkeKeys(life.ikeRekey))
  })
})

function header(bytes: Uint8Array): ReceivedHeader {
  const read = readIkeHeader(bytes)
  if (read instanceof WireFault) throw new Error(read.toString())
  return read
}

function plainMessage(life: RecordedLife, index: number): IkeMessage {
  const bytes = recorded(life.messages[index]?.bytes)
  const payloads = readPayloads(header(bytes).nextPayload, bytes.subarray(28))
  if ('type' in payloads) throw new Error(JSON.stringify(payloads))
  return { header: header(bytes), payloads }
}

/** The messages after IKE_SA_INIT, each opened by the end that it went to. */
function openAll(life: RecordedLife, suite: IkeSuite, keys: IkeKeys): IkeMessage[] {
  const ends = {
    initiator: {
      protection: new MessageProtection(crypto, suite, keys, 'responder'),
      parts: new Reassembly(),
    },
    responder: {
      protection: new MessageProtection(crypto, suite, keys, 'initiator'),
      parts: new Reassembly(),
    },
  }
  return life.messages.slice(2).flatMap(({ from, bytes }) => {
    const { protection, parts } = ends[from]
    const opened = protection.open(header(recorded(bytes)), recorded(bytes))
    const whole = opened.type === 'fragment' ? parts.add(opened.header, opened.fragment, 0) : opened
    if (whole === 'incomplete') return []
    if (whole.type !== 'message') throw new Error(JSON.stringify(whole))
    return [whole]
  })
}

/** Request and response of the exchange of this type that is the `index`th. */
function exchanges(messages: readonly IkeMessage[], type: number, index: number): [IkeMessage, IkeMessage] {
  const found = messages.filter(message => message.header.exchange === type)
  return found.slice(2 * index, 2 * index + 2) as [IkeMessage, IkeMessage]
}

function payload<Type extends Payload['type']>(message: IkeMessage, type: Type): PayloadOf<Type> {
  const found = message.payloads.find(one => one.type === type)
  if (!found) throw new Error(`no ${type}`)
  return found as PayloadOf<Type>
}

function keyInputs(secret: string, init: IkeMessage, answer: IkeMessage) {
  return {
    secret: recorded(secret),
    initiatorNonce: payload(init, 'NONCE').data,
    responderNonce: payload(answer, 'NONCE').data,
    initiatorSpi: answer.header.initiatorSpi,
    responderSpi: answer.header.responderSpi,
  }
}

function expectedIkeKeys(log: RecordedIkeKeys): IkeKeys {
  const { skD, skAi, skAr, skEi, skEr, skPi, skPr } = log
  return {
    skD: recorded(skD),
    skAi: recorded(skAi),
    skAr: recorded(skAr),
    skEi: recorded(skEi),
    skEr: recorded(skEr),
    skPi: recorded(skPi),
    skPr: recorded(skPr),
  }
}

/** The log has the salt of GCM behind its key. */
function expectChildKeys({ toResponder, toInitiator }: ChildKeys, log: RecordedChildKeys): void {
  const logged = (encryption: string, integrity: string | undefined) =>
    concatBytes([recorded(encryption), recorded(integrity)])
  const both = ({ encryption, integrity }: ChildKeys['toResponder']) => concatBytes([encryption, integrity])
  expect(both(toResponder)).toEqual(logged(log.encryptionI, log.integrityI))
  expect(both(toInitiator)).toEqual(logged(log.encryptionR, log.integrityR))
}
