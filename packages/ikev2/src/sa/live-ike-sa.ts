import type { CryptoPort } from '@causeway/crypto'
import { type Instant, TimerTable } from '@causeway/engine'
import type { Authentication } from '../auth/authentication.ts'
import { childLimit } from '../child/child-limit.ts'
import type { Children } from '../child/children.ts'
import { earlier } from '../engine/earlier.ts'
import type { ExchangeHost, MessageMark } from '../exchange/exchange-host.ts'
import { ExchangeKeeper, type ExchangeStart } from '../exchange/exchange-keeper.ts'
import type { SessionId } from '../ids.ts'
import { WAITING_TASKS } from '../limits.ts'
import type { Path } from '../path.ts'
import type { PeerTerms } from '../peer-terms.ts'
import type { IkeSuite } from '../proposal/suite.ts'
import type { IkeKeys } from '../protection/ike-keys.ts'
import { type Fragmentation, MessageProtection } from '../protection/message-protection.ts'
import { Reassembly } from '../protection/reassembly.ts'
import type { Payload } from '../wire/payload.ts'
import type { IkeSa, IkeSaState, InitialMessages, NatSituation, PeerAbilities } from './ike-sa.ts'
import type { IkeSaTimer } from './ike-sa-timer.ts'
import type { Surroundings } from './surroundings.ts'

/** What IKE_SA_INIT leads to. */
export interface InitialBirth {
  readonly role: 'initiator' | 'responder'
  readonly initiatorSpi: Uint8Array
  readonly responderSpi: Uint8Array
  readonly terms: PeerTerms
  readonly suite: IkeSuite
  readonly keys: IkeKeys
  readonly peer: PeerAbilities
  readonly nat: NatSituation
  readonly path: Path
  readonly initial: InitialMessages | undefined
  readonly now: Instant
}

/** Where an IKE SA comes in, whether IKE_SA_INIT or CREATE_CHILD_SA has led to it. */
export interface IkeSaPlace {
  readonly session: SessionId
  readonly sessionRole: 'initiator' | 'responder'
  readonly children: Children
  readonly state: IkeSaState
  readonly start: ExchangeStart
}

/** An IKE SA with what only the engine sees of it. */
export class LiveIkeSa implements IkeSa, ExchangeHost {
  readonly session: SessionId
  readonly role: 'initiator' | 'responder'
  readonly sessionRole: 'initiator' | 'responder'
  readonly initiatorSpi: Uint8Array
  readonly responderSpi: Uint8Array
  readonly suite: IkeSuite
  readonly keys: IkeKeys
  readonly surroundings: Surroundings
  readonly peer: PeerAbilities
  readonly nat: NatSituation
  readonly exchanges: ExchangeKeeper
  readonly timers: TimerTable<IkeSaTimer> = new TimerTable<IkeSaTimer>()
  readonly protection: MessageProtection
  /** Fragments of the peer's requests, and of its responses. */
  readonly requestFragments: Reassembly = new Reassembly()
  readonly responseFragments: Reassembly = new Reassembly()
  /** It has gone another way since, if `path` is not this one. */
  readonly birthPath: Path
  terms: PeerTerms
  children: Children
  state: IkeSaState
  path: Path
  initial: InitialMessages | undefined
  authentication: Authentication | undefined = undefined
  heardAt: Instant
  claim: ((now: Instant) => void) | undefined = undefined
  /** How often in a row the peer has put off our rekeying (TEMPORARY_FAILURE). */
  rekeyRefusals = 0
  /** Whether anything authentic has come yet. */
  heard = false
  /** Packets that the Child SAs had received when it was last asked. */
  packetsReceived = 0
  /** How the peer last saw our address (NAT_DETECTION_DESTINATION_IP), behind a NAT with MOBIKE. */
  natMapping: Uint8Array | undefined = undefined
  /** How often the response of IKE_SA_INIT was sent again. */
  initialRepeats = 0

  constructor(surroundings: Surroundings, birth: InitialBirth, place: IkeSaPlace) {
    this.surroundings = surroundings
    this.session = place.session
    this.role = birth.role
    this.sessionRole = place.sessionRole
    this.initiatorSpi = birth.initiatorSpi
    this.responderSpi = birth.responderSpi
    this.terms = birth.terms
    this.suite = birth.suite
    this.keys = birth.keys
    this.peer = birth.peer
    this.nat = birth.nat
    this.children = place.children
    this.state = place.state
    this.path = birth.path
    this.birthPath = birth.path
    this.initial = birth.initial
    this.heardAt = birth.now
    this.protection = new MessageProtection(surroundings.crypto, birth.suite, birth.keys, birth.role)
    this.exchanges = new ExchangeKeeper(this, place.start)
  }

  get taskLimit(): number {
    return Math.max(WAITING_TASKS, childLimit(this.terms))
  }

  get crypto(): CryptoPort {
    return this.surroundings.crypto
  }

  /** The SPI by which the peer names this IKE SA to us. */
  get ownSpi(): Uint8Array {
    return this.role === 'initiator' ? this.initiatorSpi : this.responderSpi
  }

  get peerSpi(): Uint8Array {
    return this.role === 'initiator' ? this.responderSpi : this.initiatorSpi
  }

  nextTimeout(): Instant | undefined {
    if (this.state === 'gone') return undefined
    this.#place('retransmission', this.exchanges.requests.nextTimeout())
    this.#place(
      'fragments',
      earlier(this.requestFragments.nextTimeout(), this.responseFragments.nextTimeout()),
    )
    this.#place('children', this.children.nextTimeout())
    return this.timers.next()
  }

  seal({ exchange, response, messageId }: MessageMark, payloads: readonly Payload[]): Uint8Array[] {
    const { initiatorSpi, responderSpi } = this
    const fromInitiator = this.role === 'initiator'
    const header = { initiatorSpi, responderSpi, exchange, response, messageId, fromInitiator }
    return this.protection.seal(header, payloads, this.#fragmentation())
  }

  send(datagrams: readonly Uint8Array[], path: Path = this.path): void {
    // What is sent belongs to the receiver; these are kept, to be sent again.
    for (const bytes of datagrams) this.surroundings.emit({ type: 'send', path, bytes: bytes.slice() })
  }

  drop(reason: string, now: Instant): void {
    this.surroundings.drop(this.session, reason, now)
  }

  silent(now: Instant): void {
    this.end(this.heard ? 'the peer no longer answers' : 'the peer does not answer', false, now)
  }

  end(reason: string, byPeer: boolean, now: Instant): void {
    this.surroundings.end(this, reason, byPeer, now)
  }

  reschedule(): void {
    this.surroundings.reschedule(this)
  }

  /** RFC 7383 §2.5: what is not IKE_SA_INIT may be fragmented once both can. */
  #fragmentation(): Fragmentation | undefined {
    if (!this.peer.fragmentation) return undefined
    const { remote, encapsulated } = this.path
    return { datagramBytes: this.terms.fragmentBytes, family: remote.address.family, encapsulated }
  }

  #place(timer: IkeSaTimer, at: Instant | undefined): void {
    if (at === undefined) this.timers.clear(timer)
    else this.timers.set(timer, at)
  }
}
