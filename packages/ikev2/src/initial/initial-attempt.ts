import type { CryptoPort, GroupName, KeyAgreement } from '@causeway/crypto'
import type { Instant } from '@causeway/engine'
import { sameIpAddress } from '@causeway/wire'
import type { Ikev2Command } from '../command.ts'
import { earlier } from '../engine/earlier.ts'
import { findError, findNotify, findPayload, notify } from '../exchange/notify.ts'
import { Retransmission } from '../exchange/retransmission.ts'
import { COOKIE_BYTES, INITIAL_RETRIES, REFUSED_MS } from '../limits.ts'
import type { Ikev2Output } from '../output.ts'
import { ikeProposals, readChosenIkeSuite } from '../proposal/ike-proposals.ts'
import { formatSuites } from '../proposal/proposal-text.ts'
import { groupName, groupNumber } from '../proposal/transform-ids.ts'
import { deriveIkeKeys } from '../protection/ike-keys.ts'
import type { InitialBirth } from '../sa/live-ike-sa.ts'
import type { Arrival } from '../sa/receive.ts'
import { HEADER_BYTES, writeMessage } from '../wire/header.ts'
import { notifyName } from '../wire/notify-name.ts'
import { EXCHANGE, NOTIFY } from '../wire/numbers.ts'
import type { Payload, PayloadOf } from '../wire/payload.ts'
import { readPayloads } from '../wire/payloads.ts'
import { initiatorAbilities, NONCE_BYTES, readAbilities, readInitialOffer } from './initial-payloads.ts'
import { detectNat, type NatFinding, natDetectionPayloads } from './nat-detection.ts'

export type ConnectCommand = Extract<Ikev2Command, { readonly type: 'connect' }>

/** What an attempt needs of the engine. */
export interface AttemptHost {
  readonly crypto: CryptoPort
  emit(output: Ikev2Output): void
  drop(session: number, reason: string, now: Instant): void
  /** There are keys. */
  concluded(attempt: InitialAttempt, birth: InitialBirth, now: Instant): void
  failed(attempt: InitialAttempt, reason: string, byPeer: boolean, now: Instant): void
}

/** A request as it was sent, and our half of its key agreement. */
interface Sent {
  readonly agreement: KeyAgreement
  readonly bytes: Uint8Array
}

const NO_SPI = new Uint8Array(8)

/**
 * The initiator's side of IKE_SA_INIT. Nothing in an answer proves where it comes from, so no refusal ends the
 * attempt at once (RFC 7296 §2.21.1): a valid answer counts that comes within {@link REFUSED_MS} after it.
 */
export class InitialAttempt {
  #command: ConnectCommand
  readonly ownSpi: Uint8Array
  readonly #host: AttemptHost
  readonly #vendorIds: readonly Uint8Array[]
  readonly #nonce: Uint8Array
  /** By group: an answer to an older guess of the group still counts. */
  readonly #sent = new Map<GroupName, Sent>()
  #group: GroupName
  #cookie: Uint8Array | undefined
  #retries = 0
  #retransmission: Retransmission
  #refusal: { readonly reason: string; readonly until: Instant } | undefined

  /** Sends the first request. The terms have at least one IKE suite. */
  constructor(
    host: AttemptHost,
    command: ConnectCommand,
    ownSpi: Uint8Array,
    vendorIds: readonly Uint8Array[],
    now: Instant,
  ) {
    this.#host = host
    this.#command = command
    this.ownSpi = ownSpi
    this.#vendorIds = vendorIds
    this.#nonce = host.crypto.random(NONCE_BYTES)
    this.#group = (command.terms.ikeSuites[0] as { group: GroupName }).group
    this.#retransmission = this.#send(now)
  }

  get command(): ConnectCommand {
    return this.#command
  }

  /** We have another session with the peer by now, or no more: IKE_AUTH says so. */
  reviseInitialContact(initialContact: boolean): void {
    const terms = { ...this.#command.terms, initialContact }
    this.#command = { ...this.#command, terms }
  }

  nextTimeout(): Instant | undefined {
    return earlier(this.#retransmission.at, this.#refusal?.until)
  }

  handleTimeout(now: Instant): void {
    if (this.#refusal && now >= this.#refusal.until) {
      this.#host.failed(this, this.#refusal.reason, true, now)
      return
    }
    const due = this.#retransmission.due(now)
    if (due === 'repeat') this.#emit()
    else if (due === 'give-up') this.#host.failed(this, 'the peer does not answer', false, now)
  }

  handleDatagram(arrival: Arrival, now: Instant): void {
    const refused = this.#take(arrival, now)
    if (refused) this.#host.drop(this.command.session, `answer to IKE_SA_INIT: ${refused}`, now)
  }

  /** A text: why it is dropped. */
  #take(arrival: Arrival, now: Instant): string | undefined {
    const { header, bytes, path } = arrival
    const wanted = header.response && header.exchange === EXCHANGE.IKE_SA_INIT && header.messageId === 0
    if (!wanted || header.fromInitiator) return 'not what is awaited'
    if (!sameIpAddress(path.remote.address, this.command.path.remote.address)) return 'from another address'
    const payloads = readPayloads(header.nextPayload, bytes.subarray(HEADER_BYTES))
    if ('type' in payloads) return 'malformed'
    if (!findPayload(payloads, 'SA')) return this.#reconsider(payloads, now)
    const birth = this.#agree(arrival, payloads, now)
    if (typeof birth === 'string') return birth
    this.#host.concluded(this, birth, now)
    return undefined
  }

  #reconsider(payloads: readonly Payload[], now: Instant): string | undefined {
    const cookie = findNotify(payloads, NOTIFY.COOKIE)
    if (cookie) return this.#takeCookie(cookie.data, now)
    const error = findError(payloads)
    if (!error) return 'neither keys nor an error'
    if (error.notify === NOTIFY.INVALID_KE_PAYLOAD) return this.#takeGroup(error, now)
    this.#noteRefusal(error, now)
    return undefined
  }

  #takeCookie(cookie: Uint8Array, now: Instant): string | undefined {
    if (cookie.length === 0 || cookie.length > COOKIE_BYTES) return 'a cookie of a wrong length'
    this.#cookie = cookie
    return this.#retry(now)
  }

  #takeGroup({ data }: PayloadOf<'N'>, now: Instant): string | undefined {
    const wanted = data.length === 2 ? groupName(((data[0] as number) << 8) | (data[1] as number)) : undefined
    const offered = this.command.terms.ikeSuites.some(({ group }) => group === wanted)
    if (!wanted || !offered) return 'a group that was not offered'
    if (wanted === this.#group) return 'the group is that already'
    this.#group = wanted
    return this.#retry(now)
  }

  #retry(now: Instant): string | undefined {
    if (this.#retries >= INITIAL_RETRIES) return 'too many retries'
    this.#retries++
    this.#retransmission = this.#send(now)
    return undefined
  }

  #noteRefusal({ notify: error }: PayloadOf<'N'>, now: Instant): void {
    const offer =
      error === NOTIFY.NO_PROPOSAL_CHOSEN ? `: we offer ${formatSuites(this.command.terms.ikeSuites)}` : ''
    this.#refusal ??= {
      reason: `the peer refuses IKE_SA_INIT with ${notifyName(error)}${offer}`,
      until: now + REFUSED_MS,
    }
  }

  /** The keys that the answer leads to; a text: it leads to none. */
  #agree(
    { header, bytes, path }: Arrival,
    payloads: readonly Payload[],
    now: Instant,
  ): InitialBirth | string {
    const { terms } = this.command
    const offer = readInitialOffer(payloads)
    if (typeof offer === 'string') return offer
    const suite = readChosenIkeSuite(terms.ikeSuites, offer.proposals, 'initial')?.suite
    if (!suite) return 'the choice is none of what was offered'
    const sent = this.#sent.get(suite.group)
    if (!sent || offer.group !== groupNumber(suite.group)) return 'keys of another group'
    const secret = sent.agreement.agree(offer.publicValue)
    if (!secret) return 'a public value that is refused'
    const { crypto } = this.#host
    const spis = { initiatorSpi: this.ownSpi, responderSpi: header.responderSpi }
    const nonces = { initiatorNonce: this.#nonce, responderNonce: offer.nonce }
    const nat = detectNat(crypto, spis, path, payloads)
    return {
      ...spis,
      role: 'initiator',
      terms,
      suite,
      keys: deriveIkeKeys(crypto, suite, { secret, ...nonces, ...spis }),
      peer: readAbilities(payloads),
      nat: nat ?? { local: false, remote: false },
      path: this.#furtherPath(nat),
      initial: { initiator: sent.bytes, responder: bytes.slice(), ...nonces },
      now,
    }
  }

  /** RFC 7296 §2.23, RFC 4555 §3.3: port 4500 with a NAT, and for those who may meet one later. */
  #furtherPath(nat: NatFinding | undefined) {
    const { path, encapsulatedPath, terms } = this.command
    if (!nat || !encapsulatedPath) return path
    const wanted = nat.local || nat.remote || terms.mobike || terms.forceEncapsulation
    return wanted ? encapsulatedPath : path
  }

  #send(now: Instant): Retransmission {
    const { terms, path } = this.command
    const { crypto } = this.#host
    const agreement = this.#sent.get(this.#group)?.agreement ?? crypto.createKeyAgreement(this.#group)
    const spis = { initiatorSpi: this.ownSpi, responderSpi: NO_SPI }
    const header = {
      ...spis,
      exchange: EXCHANGE.IKE_SA_INIT,
      fromInitiator: true,
      response: false,
      messageId: 0,
    }
    const bytes = writeMessage(header, [
      // RFC 7296 §2.6: the cookie comes first.
      ...(this.#cookie ? [notify(NOTIFY.COOKIE, this.#cookie)] : []),
      { type: 'SA', proposals: ikeProposals(terms.ikeSuites, new Uint8Array()) },
      { type: 'KE', group: groupNumber(this.#group), data: agreement.publicValue },
      { type: 'NONCE', data: this.#nonce },
      ...natDetectionPayloads(crypto, spis, path, terms.forceEncapsulation),
      ...initiatorAbilities(),
      ...this.#vendorIds.map(data => ({ type: 'V', data }) as const),
    ])
    this.#sent.set(this.#group, { agreement, bytes })
    this.#emit()
    return new Retransmission(crypto, now)
  }

  #emit(): void {
    const bytes = this.#sent.get(this.#group)?.bytes
    if (bytes) this.#host.emit({ type: 'send', path: this.command.path, bytes: bytes.slice() })
  }
}
