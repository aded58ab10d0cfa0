import type { CryptoPort, GroupName, KeyAgreement } from '@causeway/crypto'
import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { concatBytes, Reader, Writer } from '@causeway/wire'
import type { Credential } from '../auth/credentials.suite.ts'
import { readSignature } from '../auth/signature.ts'
import { findError, findNotify, findPayload } from '../exchange/notify.ts'
import type { Identification } from '../identification.ts'
import { natDetectionPayloads } from '../initial/nat-detection.ts'
import type { Path } from '../path.ts'
import { selectIkeSuite } from '../proposal/ike-proposals.ts'
import type { IkeSuite } from '../proposal/suite.ts'
import { groupName, groupNumber, sameTransform } from '../proposal/transform-ids.ts'
import { authOctets, sharedKeyAuth } from '../protection/auth-octets.ts'
import { deriveIkeKeys, deriveRekeyedIkeKeys, type IkeKeys } from '../protection/ike-keys.ts'
import { MessageProtection } from '../protection/message-protection.ts'
import { Reassembly } from '../protection/reassembly.ts'
import { IKE_SUITES } from '../testing/policies.suite.ts'
import { pathFrom, payloadsOf } from '../testing/stranger.suite.ts'
import { readIkeHeader, writeMessage } from '../wire/header.ts'
import { AUTH_METHOD, EXCHANGE, NOTIFY, PROTOCOL } from '../wire/numbers.ts'
import type { IkeHeader, IkeMessage, Payload, PayloadOf, Proposal, Transform } from '../wire/payload.ts'
import { MSK, type NativeGateway } from './gateway.suite.ts'

/** By what an initiator's first message is known. */
export interface FirstMessage {
  /** Its proposals for IKE, in its order. */
  readonly ike: readonly (readonly Transform[])[]
  /** Of its KE payload. */
  readonly group: GroupName
  /** In its place at first: a guess of a group that we have not. */
  readonly guess?: PayloadOf<'KE'>
  readonly nonceBytes: number
  /** What stands behind SA, KE and Ni. `nat`: both notifications of NAT detection. */
  readonly rest: (nat: readonly Payload[]) => readonly Payload[]
}

/** What one datagram or more have brought about. */
export type Received = IkeMessage['payloads']

const RSA_SHA1 = { family: 'RSA-PKCS1', hash: 'SHA1' } as const
const NONE = new Uint8Array()

/**
 * A native client by hand: says what a test wants in authentic messages, and checks of what comes back only what any
 * client would: that it can be opened, and that what was chosen had been offered.
 */
export class NativeClient {
  readonly gateway: NativeGateway
  readonly path: Path
  /** Requests of the gateway, which {@link respond} answers. */
  readonly requests: IkeMessage[] = []
  /** How many IKE_SA_INIT requests it took. */
  initialRequests = 0
  readonly #crypto: CryptoPort
  readonly #look: FirstMessage
  #state: Keyed | undefined
  #nextId = 1

  /** Does IKE_SA_INIT. Errors: `Error` with the notification's number when the gateway refuses. */
  constructor(gateway: NativeGateway, look: FirstMessage, from = '203.0.113.5') {
    this.gateway = gateway
    this.path = pathFrom(from)
    this.#look = look
    this.#crypto = createSeededCrypto(`native client ${from}`)
    const spi = this.#crypto.random(8)
    const nonce = this.#crypto.random(look.nonceBytes)
    this.#state = this.#initiate(spi, nonce, look.group)
  }

  get suite(): IkeSuite {
    return this.#keyed.suite
  }

  /** Of the IKE_SA_INIT response. */
  get greeting(): Received {
    return payloadsOf(this.#keyed.response)
  }

  /** Says this in an authentic request and gives the response. `datagramBytes`: in fragments of that size. */
  say(exchange: number, payloads: readonly Payload[], datagramBytes?: number): Received {
    const datagrams = this.seal(exchange, payloads, datagramBytes)
    return this.receive(datagrams.flatMap(bytes => this.gateway.hear(bytes, this.path)))
  }

  /** The datagrams of the next request. */
  seal(exchange: number, payloads: readonly Payload[], datagramBytes?: number): Uint8Array[] {
    const header = this.#header({ exchange, messageId: this.#nextId++, response: false })
    const size = datagramBytes && ({ datagramBytes, family: 4, encapsulated: false } as const)
    return this.#keyed.protection.seal(header, payloads, size || undefined)
  }

  /** Answers the oldest request of the gateway. */
  respond(payloads: readonly Payload[]): Received {
    const request = this.requests.shift()
    if (!request) throw new Error('the gateway has asked for nothing')
    const { exchange, messageId } = request.header
    const header = this.#header({ exchange, messageId, response: true })
    const [bytes] = this.#keyed.protection.seal(header, payloads) as [Uint8Array]
    return this.receive(this.gateway.hear(bytes, this.path))
  }

  /** Opens what the gateway sent: its response, if there is one; requests go to `requests`. */
  receive(datagrams: readonly Uint8Array[]): Received {
    let response: Received = []
    for (const bytes of datagrams) {
      const message = this.#open(bytes)
      if (message?.header.response) response = message.payloads
      else if (message) this.requests.push(message)
    }
    return response
  }

  /** AUTH by the certificate's RSA key and SHA-1 (RFC 7296 §3.8, method 1). */
  sign(identification: Identification, { signer }: Credential): PayloadOf<'AUTH'> {
    const data = signer.sign(RSA_SHA1, this.#octets('initiator', identification))
    return { type: 'AUTH', method: AUTH_METHOD.RSA_SIGNATURE, data }
  }

  /** AUTH by what EAP has left. */
  proveKey(identification: Identification): PayloadOf<'AUTH'> {
    const octets = this.#octets('initiator', identification)
    const data = sharedKeyAuth(this.#crypto, this.suite.prf, MSK, octets)
    return { type: 'AUTH', method: AUTH_METHOD.SHARED_KEY, data }
  }

  /** Whether IDr, CERT and AUTH of a response belong together: the gateway has signed this exchange. */
  trusts(payloads: Received): boolean {
    const idr = findPayload(payloads, 'IDr')
    const leaf = findPayload(payloads, 'CERT')
    const auth = findPayload(payloads, 'AUTH')
    const read = auth && readSignature(auth)
    if (!idr || !leaf || !read || typeof read === 'string') return false
    const octets = this.#octets('responder', idr.identification)
    return this.#crypto.verifySignature(read.scheme, leaf.data, octets, read.signature)
  }

  /** A nonce and, if a group is named, a KE payload for CREATE_CHILD_SA. */
  fresh(group?: GroupName): { readonly nonce: PayloadOf<'NONCE'>; readonly ke: PayloadOf<'KE'>[] } {
    const data = group && this.#crypto.createKeyAgreement(group).publicValue
    return {
      nonce: { type: 'NONCE', data: this.#crypto.random(this.#look.nonceBytes) },
      ke: group && data ? [{ type: 'KE', group: groupNumber(group), data }] : [],
    }
  }

  /** Rekeys the IKE SA with the same proposals, and deletes the old one, as the initiator has to (RFC 7296 §2.8). */
  rekeyIke(group: GroupName): void {
    const { suite: old, keys: oldKeys } = this.#keyed
    const agreement = this.#crypto.createKeyAgreement(group)
    const initiatorSpi = this.#crypto.random(8)
    const { nonce } = this.fresh()
    const answer = this.say(EXCHANGE.CREATE_CHILD_SA, [
      { type: 'SA', proposals: proposals(PROTOCOL.IKE, this.#look.ike, initiatorSpi) },
      nonce,
      publicValueOf(agreement),
    ])
    const { suite, spi: responderSpi } = chosenSuite(this.#look.ike, answer)
    const inputs = { ...agreed(agreement, nonce.data, answer), initiatorSpi, responderSpi }
    const keys = deriveRekeyedIkeKeys(this.#crypto, suite, inputs, oldKeys.skD, old.prf)
    this.say(EXCHANGE.INFORMATIONAL, [{ type: 'D', protocol: PROTOCOL.IKE, spis: [] }])
    this.#state = { ...this.#keyed, ...inputs, ...this.#means(suite, keys) }
    this.#nextId = 0
  }

  get #keyed(): Keyed {
    if (!this.#state) throw new Error('IKE_SA_INIT has not ended')
    return this.#state
  }

  /** With another group when the gateway wants one that was proposed (RFC 7296 §1.2). */
  #initiate(spi: Uint8Array, nonce: Uint8Array, group: GroupName): Keyed {
    this.initialRequests++
    const agreement = this.#crypto.createKeyAgreement(group)
    const request = this.#firstRequest(spi, nonce, agreement)
    const [response] = this.gateway.hear(request, this.path)
    if (!response) throw new Error('IKE_SA_INIT has no answer')
    const payloads = payloadsOf(response)
    const wanted = findNotify(payloads, NOTIFY.INVALID_KE_PAYLOAD)
    const next = wanted && groupName(new Reader(wanted.data).u16('group'))
    const isNew = next !== group || this.#look.guess !== undefined
    if (next && isNew && this.initialRequests < 3) return this.#initiate(spi, nonce, next)
    const error = findError(payloads)
    if (error) throw new Error(`IKE_SA_INIT: notification ${error.notify}`)
    return this.#derive(request, response, agreement, nonce)
  }

  #firstRequest(initiatorSpi: Uint8Array, nonce: Uint8Array, agreement: KeyAgreement): Uint8Array {
    const { guess } = this.#look
    const spis = { initiatorSpi, responderSpi: new Uint8Array(8) }
    const seen = { ...this.path, local: this.path.remote, remote: this.path.local }
    const header = { ...spis, exchange: EXCHANGE.IKE_SA_INIT, ...FROM_US, messageId: 0 }
    return writeMessage(header, [
      { type: 'SA', proposals: proposals(1, this.#look.ike, NONE) },
      this.initialRequests === 1 && guess ? guess : publicValueOf(agreement),
      { type: 'NONCE', data: nonce },
      ...this.#look.rest(natDetectionPayloads(this.#crypto, spis, seen, false)),
    ])
  }

  #derive(request: Uint8Array, response: Uint8Array, agreement: KeyAgreement, nonce: Uint8Array): Keyed {
    const payloads = payloadsOf(response)
    const { suite } = chosenSuite(this.#look.ike, payloads)
    const spis = { initiatorSpi: response.slice(0, 8), responderSpi: response.slice(8, 16) }
    const inputs = { ...agreed(agreement, nonce, payloads), ...spis }
    const keys = deriveIkeKeys(this.#crypto, suite, inputs)
    return { request, response, ...inputs, ...this.#means(suite, keys) }
  }

  #means(suite: IkeSuite, keys: IkeKeys): Pick<Keyed, 'suite' | 'keys' | 'protection' | 'fragments'> {
    const protection = new MessageProtection(this.#crypto, suite, keys, 'initiator')
    return { suite, keys, protection, fragments: { response: new Reassembly(), request: new Reassembly() } }
  }

  #open(bytes: Uint8Array): IkeMessage | undefined {
    const { protection, fragments } = this.#keyed
    const header = readIkeHeader(bytes)
    if (!('nextPayload' in header)) throw new Error(header.toString())
    const opened = protection.open(header, bytes)
    const into = header.response ? fragments.response : fragments.request
    const whole = opened.type === 'fragment' ? into.add(opened.header, opened.fragment, 0) : opened
    if (whole === 'incomplete') return undefined
    if (whole.type !== 'message') throw new Error(`the gateway's message is ${whole.type}`)
    return whole
  }

  #octets(end: 'initiator' | 'responder', identification: Identification): readonly Uint8Array[] {
    const { suite, keys, request, response, initiatorNonce, responderNonce } = this.#keyed
    const inputs =
      end === 'initiator'
        ? { message: request, peerNonce: responderNonce, skP: keys.skPi }
        : { message: response, peerNonce: initiatorNonce, skP: keys.skPr }
    return authOctets(this.#crypto, { ...inputs, prf: suite.prf, identification })
  }

  #header(mark: Pick<IkeHeader, 'exchange' | 'messageId' | 'response'>): IkeHeader {
    const { initiatorSpi, responderSpi } = this.#keyed
    return { initiatorSpi, responderSpi, fromInitiator: true, ...mark }
  }
}

/** What is there after IKE_SA_INIT. */
interface Keyed {
  readonly suite: IkeSuite
  readonly request: Uint8Array
  readonly response: Uint8Array
  readonly initiatorNonce: Uint8Array
  readonly responderNonce: Uint8Array
  readonly initiatorSpi: Uint8Array
  readonly responderSpi: Uint8Array
  readonly keys: IkeKeys
  readonly protection: MessageProtection
  readonly fragments: { readonly response: Reassembly; readonly request: Reassembly }
}

const FROM_US = { fromInitiator: true, response: false } as const

/** Proposals numbered from 1. */
export function proposals(
  protocol: number,
  lists: readonly (readonly Transform[])[],
  spi: Uint8Array,
): Proposal[] {
  return lists.map((transforms, index) => ({ number: index + 1, protocol, spi, transforms }))
}

/** An EAP response (RFC 3748 §4.1). */
export function eapResponse(identifier: number, type: number, data: Uint8Array): Payload {
  const head = new Writer(5)
    .u8(2)
    .u8(identifier)
    .u16(data.length + 5)
    .u8(type)
    .finish()
  return { type: 'EAP', packet: concatBytes([head, data]) }
}

/** An ESP SPI in bytes. */
export function spiBytes(spi: number): Uint8Array {
  return new Writer(4).u32(spi).finish()
}

/** Errors: `Error` when an answer is not one of the proposals, with one transform of each type. */
export function assertOffered(offered: readonly (readonly Transform[])[], payloads: Received): Proposal {
  const answers = findPayload(payloads, 'SA')?.proposals ?? []
  const [answer] = answers
  const list = answer && offered[answer.number - 1]
  const isOne = answer?.transforms.every(one => list?.some(other => sameTransform(one, other)))
  const types = new Set(answer?.transforms.map(({ type }) => type))
  if (answers.length !== 1 || !answer || !isOne || types.size !== answer.transforms.length)
    throw new Error('the gateway has chosen what was not offered')
  return answer
}

function chosenSuite(
  offered: readonly (readonly Transform[])[],
  payloads: Received,
): { readonly suite: IkeSuite; readonly spi: Uint8Array } {
  const answer = assertOffered(offered, payloads)
  const suite = IKE_SUITES.find(one => selectIkeSuite([one], [{ ...answer, spi: NONE }], 'initial'))
  if (!suite) throw new Error('the gateway has chosen what no policy of its holds')
  return { suite, spi: answer.spi }
}

function agreed(agreement: KeyAgreement, initiatorNonce: Uint8Array, payloads: Received) {
  const secret = agreement.agree(findPayload(payloads, 'KE')?.data ?? NONE)
  const responderNonce = findPayload(payloads, 'NONCE')?.data
  if (!secret || !responderNonce) throw new Error('no KE or Nr that is any good')
  return { secret, initiatorNonce, responderNonce }
}

function publicValueOf({ group, publicValue }: KeyAgreement): PayloadOf<'KE'> {
  return { type: 'KE', group: groupNumber(group), data: publicValue }
}
