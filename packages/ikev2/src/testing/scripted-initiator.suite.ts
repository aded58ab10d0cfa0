import type { CryptoPort } from '@causeway/crypto'
import { asciiBytes } from '@causeway/wire'
import { findPayload } from '../exchange/notify.ts'
import type { Ikev2Output } from '../output.ts'
import type { Path } from '../path.ts'
import { espProposals } from '../proposal/esp-proposals.ts'
import type { IkeSuite } from '../proposal/suite.ts'
import { authOctets, sharedKeyAuth } from '../protection/auth-octets.ts'
import { deriveIkeKeys, type IkeKeys } from '../protection/ike-keys.ts'
import { MessageProtection } from '../protection/message-protection.ts'
import { createSealing, type Sealing } from '../protection/sealing.ts'
import { HEADER_BYTES, readIkeHeader, writeHeader } from '../wire/header.ts'
import { AUTH_METHOD, EXCHANGE, PAYLOAD } from '../wire/numbers.ts'
import type { IkeHeader, Payload } from '../wire/payload.ts'
import { greet, type LoneResponder, payloadsOf, STRANGER_CRYPTO, sentBy } from './stranger.suite.ts'
import { TERMS } from './terms.suite.ts'

const SUITE = TERMS.ikeSuites[0] as IkeSuite

/** What a message is, where it is not the next request of its exchange. */
export interface Mark {
  readonly exchange?: number
  readonly messageId?: number
  readonly response?: boolean
}

/**
 * An initiator by hand: it has keys with a {@link LoneResponder} and says whatever a test wants, in messages that are
 * authentic.
 */
export class ScriptedInitiator {
  readonly spis: { readonly initiatorSpi: Uint8Array; readonly responderSpi: Uint8Array }
  readonly #responder: LoneResponder
  readonly #crypto: CryptoPort = STRANGER_CRYPTO
  readonly #path: Path
  readonly #keys: IkeKeys
  readonly #protection: MessageProtection
  readonly #sealing: Sealing
  readonly #first: Uint8Array
  readonly #responderNonce: Uint8Array
  #nextId = 1

  /** Does IKE_SA_INIT. */
  constructor(responder: LoneResponder, path: Path, number = 1) {
    const crypto = this.#crypto
    this.#responder = responder
    this.#path = path
    const agreement = crypto.createKeyAgreement(SUITE.group)
    this.#first = greet({ number, publicValue: agreement.publicValue })
    const [answer] = sentBy(responder.hear(this.#first, path))
    const payloads = payloadsOf(answer)
    const nonces = [findPayload(payloadsOf(this.#first), 'NONCE'), findPayload(payloads, 'NONCE')]
    const [initiatorNonce, responderNonce] = nonces.map(nonce => nonce?.data) as [Uint8Array, Uint8Array]
    const secret = agreement.agree(findPayload(payloads, 'KE')?.data as Uint8Array) as Uint8Array
    this.spis = {
      initiatorSpi: (answer as Uint8Array).slice(0, 8),
      responderSpi: (answer as Uint8Array).slice(8, 16),
    }
    this.#responderNonce = responderNonce
    this.#keys = deriveIkeKeys(crypto, SUITE, { secret, initiatorNonce, responderNonce, ...this.spis })
    this.#protection = new MessageProtection(crypto, SUITE, this.#keys, 'initiator')
    // Another IV space than that of `#protection`: the same keys, but never mind here.
    const { skEi: encryption, skAi: integrity } = this.#keys
    this.#sealing = createSealing(crypto, SUITE, { encryption, integrity })
  }

  /** IKE_AUTH by the pre-shared key of {@link TERMS}, with one Child SA. */
  authPayloads(extra: readonly Payload[] = []): Payload[] {
    const { identification, local, remote, espSuites } = TERMS
    const inputs = {
      prf: SUITE.prf,
      message: this.#first,
      peerNonce: this.#responderNonce,
      skP: this.#keys.skPi,
      identification,
    }
    const octets = authOctets(this.#crypto, inputs)
    const data = sharedKeyAuth(this.#crypto, SUITE.prf, asciiBytes('a secret of both'), octets)
    return [
      { type: 'IDi', identification },
      { type: 'AUTH', method: AUTH_METHOD.SHARED_KEY, data },
      {
        type: 'SA',
        proposals: espProposals(espSuites, { spi: 0x1000, withGroup: false, extendedSequence: true }),
      },
      { type: 'TSi', selectors: local },
      { type: 'TSr', selectors: remote },
      ...extra,
    ]
  }

  /** Says this in an authentic message, and gives what the responder does. */
  say(payloads: readonly Payload[], mark: Mark = {}): Ikev2Output[] {
    const header = this.#header(mark)
    const [bytes] = this.#protection.seal(header, payloads) as [Uint8Array]
    return this.#responder.hear(bytes, this.#path)
  }

  /** The same with bytes inside that are no payloads. `first`: the number that they begin with. */
  sayRaw(first: number, inside: Uint8Array, mark: Mark = {}): Ikev2Output[] {
    const length = this.#sealing.sealedBytes(inside.length) + this.#sealing.overheadBytes + 4
    const prefix = writeHeader(this.#header(mark), PAYLOAD.SK, length).u8(first).u8(0).u16(length).finish()
    const bytes = Uint8Array.of(...prefix, ...this.#sealing.seal(prefix, inside))
    return this.#responder.hear(bytes, this.#path)
  }

  /** What is inside the first message among outputs. Errors: `Error` when it cannot be opened. */
  read(outputs: readonly Ikev2Output[]): readonly Payload[] {
    const [bytes] = sentBy(outputs)
    const header = bytes && readIkeHeader(bytes)
    if (!bytes || !header || !('nextPayload' in header)) throw new Error('nothing was sent')
    const opened = this.#protection.open(header, bytes)
    if (opened.type !== 'message') throw new Error(`${opened.type} after ${HEADER_BYTES} bytes`)
    return opened.payloads
  }

  #header({ exchange = EXCHANGE.INFORMATIONAL, messageId, response = false }: Mark): IkeHeader {
    const id = messageId ?? this.#nextId++
    return { ...this.spis, exchange, messageId: id, response, fromInitiator: true }
  }
}

/** An unknown critical payload (RFC 7296 §2.5), alone. */
export const UNKNOWN_CRITICAL = { first: 200, inside: Uint8Array.of(0, 0x80, 0, 4) } as const

/** Bytes that are no chain of payloads. */
export const MALFORMED = { first: PAYLOAD.N, inside: Uint8Array.of(0, 0, 0, 3) } as const
