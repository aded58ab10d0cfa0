import type { CryptoPort } from '@causeway/crypto'
import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import type { Instant } from '@causeway/engine'
import { Writer } from '@causeway/wire'
import { createIkev2, type Ikev2Engine } from '../engine/ikev2-engine.ts'
import type { Ikev2Options } from '../engine-options.ts'
import { findNotify, notify } from '../exchange/notify.ts'
import type { Ikev2Output } from '../output.ts'
import type { Path } from '../path.ts'
import type { PeerTerms } from '../peer-terms.ts'
import { ikeProposals } from '../proposal/ike-proposals.ts'
import type { IkeSuite } from '../proposal/suite.ts'
import { groupNumber } from '../proposal/transform-ids.ts'
import type { SessionEvent } from '../session-event.ts'
import { HEADER_BYTES, readIkeHeader, writeMessage } from '../wire/header.ts'
import { EXCHANGE, NOTIFY } from '../wire/numbers.ts'
import type { IkeHeader, Payload } from '../wire/payload.ts'
import { readPayloads } from '../wire/payloads.ts'
import { RESPONDER_ADDRESS } from './routes.suite.ts'
import { address, RESPONDER_TERMS, TERMS } from './terms.suite.ts'

const EMPTY = new Uint8Array()

/** A responder alone, with what it was made to say. */
export interface LoneResponder {
  readonly engine: Ikev2Engine
  /** Hands it a datagram and gives what it says. */
  hear(bytes: Uint8Array, path: Path, now?: Instant): Ikev2Output[]
}

export function loneResponder(
  options: Partial<Ikev2Options> = {},
  terms: Partial<PeerTerms> = {},
): LoneResponder {
  const crypto = createSeededCrypto('lone responder', { keyAgreement: 'toy' })
  const responder = (): PeerTerms => ({ ...RESPONDER_TERMS, ...terms })
  const engine = createIkev2({ crypto, responder, ...options })
  return {
    engine,
    hear(bytes, path, now = 0) {
      engine.handleDatagram({ path, bytes }, now)
      return outputsOf(engine)
    },
  }
}

export function outputsOf(engine: Ikev2Engine): Ikev2Output[] {
  const outputs: Ikev2Output[] = []
  for (let output = engine.poll(); output; output = engine.poll()) outputs.push(output)
  return outputs
}

/** How the responder sees whoever sends from there. */
export function pathFrom(text: string, port = 500): Path {
  return {
    port: 500,
    local: { address: address(RESPONDER_ADDRESS), port: 500 },
    remote: { address: address(text), port },
    encapsulated: false,
  }
}

/** What an IKE_SA_INIT request of a stranger holds, where it is not as it should be. */
export interface Greeting {
  readonly number?: number
  readonly suites?: readonly IkeSuite[]
  readonly group?: number
  readonly publicValue?: Uint8Array
  readonly cookie?: Uint8Array
  readonly nonce?: Uint8Array
  readonly header?: Partial<IkeHeader>
  readonly extra?: readonly Payload[]
}

/** Whose key agreements a `loneResponder` understands. */
export const STRANGER_CRYPTO: CryptoPort = createSeededCrypto('stranger', { keyAgreement: 'toy' })

/** An IKE_SA_INIT request; strangers of different numbers have different SPIs and nonces. */
export function greet(greeting: Greeting = {}): Uint8Array {
  const { number = 1, suites = TERMS.ikeSuites, cookie, extra = [] } = greeting
  const [{ group }] = suites as [IkeSuite]
  const nonce = greeting.nonce ?? new Writer(32).u32(number).bytes(new Uint8Array(28)).finish()
  const data = greeting.publicValue ?? STRANGER_CRYPTO.createKeyAgreement(group).publicValue
  const header: IkeHeader = {
    initiatorSpi: new Writer(8).u32(0x51515151).u32(number).finish(),
    responderSpi: new Uint8Array(8),
    exchange: EXCHANGE.IKE_SA_INIT,
    fromInitiator: true,
    response: false,
    messageId: 0,
    ...greeting.header,
  }
  return writeMessage(header, [
    ...(cookie ? [notify(NOTIFY.COOKIE, cookie)] : []),
    { type: 'SA', proposals: ikeProposals(suites, EMPTY) },
    { type: 'KE', group: greeting.group ?? groupNumber(group), data },
    { type: 'NONCE', data: nonce },
    ...extra,
  ])
}

/** The messages among outputs. */
export function sentBy(outputs: readonly Ikev2Output[]): Uint8Array[] {
  return outputs.flatMap(output => (output.type === 'send' ? [output.bytes] : []))
}

export function eventsIn(outputs: readonly Ikev2Output[]): SessionEvent[] {
  return outputs.flatMap(output => (output.type === 'event' ? [output.event] : []))
}

/** The payloads of an unprotected message. Errors: `Error` when there are none. */
export function payloadsOf(bytes: Uint8Array | undefined): readonly Payload[] {
  const header = bytes && readIkeHeader(bytes)
  if (!header || !('nextPayload' in header)) throw new Error('not an IKE message')
  const payloads = readPayloads(header.nextPayload, bytes.subarray(HEADER_BYTES))
  if ('type' in payloads) throw new Error(`payloads: ${payloads.type}`)
  return payloads
}

/** The first answer's notification of a type. */
export function notified(outputs: readonly Ikev2Output[], type: number): Uint8Array | undefined {
  return findNotify(payloadsOf(sentBy(outputs)[0]), type)?.data
}
