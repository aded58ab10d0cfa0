import type { CryptoPort } from '@causeway/crypto'
import { concatBytes } from '@causeway/wire'
import { MESSAGE_BYTES } from '../limits.ts'
import type { IkeSuite } from '../proposal/suite.ts'
import { HEADER_BYTES, type ReceivedHeader, writeHeader } from '../wire/header.ts'
import { PAYLOAD } from '../wire/numbers.ts'
import type { IkeHeader, IkeMessage, Payload, PayloadFault } from '../wire/payload.ts'
import { readPayloads, type WrittenPayloads, writePayloads } from '../wire/payloads.ts'
import type { IkeKeys } from './ike-keys.ts'
import { createSealing, type Sealing } from './sealing.ts'

/** How large a datagram may be before its message is sent in fragments (RFC 7383 §2.5.1). */
export interface Fragmentation {
  /** The whole IP datagram. */
  readonly datagramBytes: number
  readonly family: 4 | 6
  /** Over port 4500: the non-ESP marker takes 4 bytes more. */
  readonly encapsulated: boolean
}

/** What a datagram turned out to be. */
export type Opened =
  | OpenedWhole
  /** Authentic; to be put together by `Reassembly`. */
  | { readonly type: 'fragment'; readonly header: IkeHeader; readonly fragment: Fragment }

/** What a whole protected message turned out to be. */
export type OpenedWhole =
  | ({ readonly type: 'message' } & IkeMessage)
  /** Authentic, but its payloads cannot be read: the peer is told (RFC 7296 §2.21). */
  | { readonly type: 'faulty'; readonly header: IkeHeader; readonly fault: PayloadFault }
  /** Not authentic, or no protected message: dropped without an answer. `reason` for the count. */
  | { readonly type: 'rejected'; readonly reason: string }

/** One authentic SKF payload (RFC 7383 §2.5), opened. */
export interface Fragment {
  /** 1 to `total`. */
  readonly number: number
  readonly total: number
  /** Number of the first payload inside; it counts in fragment 1 only. */
  readonly first: number
  readonly plaintext: Uint8Array
}

/** Seals and opens the messages of one IKE SA; `role` is ours in it. Never two for the same keys. */
export class MessageProtection {
  readonly #outbound: Sealing
  readonly #inbound: Sealing
  readonly #role: 'initiator' | 'responder'

  constructor(crypto: CryptoPort, suite: IkeSuite, keys: IkeKeys, role: 'initiator' | 'responder') {
    const initiator = { encryption: keys.skEi, integrity: keys.skAi }
    const responder = { encryption: keys.skEr, integrity: keys.skAr }
    const [own, peer] = role === 'initiator' ? [initiator, responder] : [responder, initiator]
    this.#role = role
    this.#outbound = createSealing(crypto, suite, own)
    this.#inbound = createSealing(crypto, suite, peer)
  }

  /**
   * The datagrams of a message: one, or with `fragmentation` as many as keep each within its size. Keep them
   * for retransmission: sealing again gives others. Flag I is set from the role, whatever `header` says.
   */
  seal(header: IkeHeader, payloads: readonly Payload[], fragmentation?: Fragmentation): Uint8Array[] {
    const own = { ...header, fromInitiator: this.#role === 'initiator' }
    const inner = writePayloads(payloads)
    if (!fragmentation || this.#fits(inner.bytes.length, fragmentation)) return [this.#sealWhole(own, inner)]
    return this.#sealFragments(own, inner, fragmentation)
  }

  /** Checks and opens a datagram whose header was read from it. Nothing inside is parsed before the ICV holds. */
  open(header: ReceivedHeader, bytes: Uint8Array): Opened {
    const { nextPayload } = header
    const prefix = PREFIX_BYTES[nextPayload]
    if (header.fromInitiator === (this.#role === 'initiator')) return rejected('a message of our own role')
    if (prefix === undefined) return rejected('no SK payload')
    if (bytes.length < prefix || bytes.length > MESSAGE_BYTES) return rejected('SK payload too short')
    const body = bytes.subarray(HEADER_BYTES)
    if (u16(body, 2) !== body.length) return rejected('SK payload length')
    const opened = this.#inbound.open(bytes.subarray(0, prefix), bytes.subarray(prefix))
    if (opened === undefined) return rejected('integrity check failed')
    if (opened === 'padding') return faulty(header, { type: 'invalid-syntax', detail: 'invalid padding' })
    const first = body[0] as number
    if (nextPayload === PAYLOAD.SK) return openedMessage(header, first, opened)
    return openedFragment(header, { number: u16(body, 4), total: u16(body, 6), first, plaintext: opened })
  }

  #fits(innerBytes: number, fragmentation: Fragmentation): boolean {
    const message = SK_PREFIX + this.#outbound.sealedBytes(innerBytes) + this.#outbound.overheadBytes
    return message <= messageBytes(fragmentation)
  }

  #sealWhole(header: IkeHeader, { first, bytes }: WrittenPayloads): Uint8Array {
    const length = this.#outbound.sealedBytes(bytes.length) + this.#outbound.overheadBytes
    const prefix = writeHeader(header, PAYLOAD.SK, length + 4)
      .u8(first)
      .u8(0)
      .u16(length + 4)
      .finish()
    return concatBytes([prefix, this.#outbound.seal(prefix, bytes)])
  }

  #sealFragments(header: IkeHeader, inner: WrittenPayloads, fragmentation: Fragmentation): Uint8Array[] {
    const size = this.#plaintextBytes(fragmentation)
    const total = Math.ceil(inner.bytes.length / size)
    const datagrams: Uint8Array[] = []
    for (let number = 1; number <= total; number++) {
      const first = number === 1 ? inner.first : PAYLOAD.NONE
      const plaintext = inner.bytes.subarray((number - 1) * size, number * size)
      datagrams.push(this.#sealFragment(header, { number, total, first, plaintext }))
    }
    return datagrams
  }

  /** Plaintext of a full fragment: as much as leaves the message within its size after padding. */
  #plaintextBytes(fragmentation: Fragmentation): number {
    const room = messageBytes(fragmentation) - SKF_PREFIX - this.#outbound.overheadBytes
    let size = room
    while (size > 0 && this.#outbound.sealedBytes(size) > room) size--
    return Math.max(size, LEAST_FRAGMENT)
  }

  #sealFragment(header: IkeHeader, { number, total, first, plaintext }: Fragment): Uint8Array {
    const length = this.#outbound.sealedBytes(plaintext.length) + this.#outbound.overheadBytes
    const prefix = writeHeader(header, PAYLOAD.SKF, length + 8)
      .u8(first)
      .u8(0)
      .u16(length + 8)
      .u16(number)
      .u16(total)
      .finish()
    return concatBytes([prefix, this.#outbound.seal(prefix, plaintext)])
  }
}

/** A message from the inside of SK, or from fragments put together. */
export function openedMessage(header: IkeHeader, first: number, plaintext: Uint8Array): OpenedWhole {
  const payloads = readPayloads(first, plaintext)
  return 'type' in payloads ? faulty(header, payloads) : { type: 'message', header, payloads }
}

/** Header, generic header of SK: associated data of GCM (RFC 5282 §5.1). */
const SK_PREFIX: number = HEADER_BYTES + 4
/** With Fragment Number and Total Fragments (RFC 7383 §2.5). */
const SKF_PREFIX: number = HEADER_BYTES + 8
const PREFIX_BYTES: Readonly<Record<number, number>> = {
  [PAYLOAD.SK]: SK_PREFIX,
  [PAYLOAD.SKF]: SKF_PREFIX,
}
/** However small the datagrams are asked to be, a fragment carries so much. Ours. */
const LEAST_FRAGMENT = 64

function messageBytes({ datagramBytes, family, encapsulated }: Fragmentation): number {
  return datagramBytes - (family === 4 ? 20 : 40) - 8 - (encapsulated ? 4 : 0)
}

/** RFC 7383 §2.6: numbers start at 1 and end at the total. */
function openedFragment(header: IkeHeader, fragment: Fragment): Opened {
  const { number, total } = fragment
  if (number === 0 || number > total) return rejected('fragment number')
  return { type: 'fragment', header, fragment }
}

function faulty(header: IkeHeader, fault: PayloadFault): OpenedWhole {
  return { type: 'faulty', header, fault }
}

function rejected(reason: string): OpenedWhole {
  return { type: 'rejected', reason }
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}
