import type { Instant } from '@causeway/engine'
import { catchFault, WireFault } from '@causeway/wire'
import type { RadiusLimits } from '../limits.ts'
import type { ReceivedPacket } from '../wire/packet.ts'
import type { AnswerTerms } from './access-answer.ts'
import type { RequestId } from './client-command.ts'
import type { Purpose } from './client-options.ts'
import type { DropReason, FailureReason, RadiusAnswer } from './client-output.ts'
import type { Addressee, RequestPlan, WrittenRequest } from './request-plan.ts'
import type { Slot, SlotOwner } from './slot.ts'
import type { Target, Timed } from './target.ts'

/** What an exchange needs of the client around it. */
export interface ExchangeHost {
  readonly crypto: AnswerTerms['crypto']
  readonly limits: RadiusLimits
  /** Who may be asked, best first. */
  candidates(purpose: Purpose): readonly Target[]
  jitter(milliseconds: number): number
  /** Its next deadline may have moved. */
  touched(one: Timed): void
  /** It is over; the answer is its last word. */
  finished(exchange: Exchange, answer: RadiusAnswer): void
}

/**
 * A request from its command to its answer: sent to the best server, again with growing waits, and to the next
 * one when nothing at all comes from this one, all within `totalMs` (RFC 5080 §2.2.1). An answer that comes late
 * from an earlier server counts as well.
 */
export class Exchange implements SlotOwner, Timed {
  readonly id: RequestId
  readonly answerCodes: ReadonlySet<number>
  readonly protection: RequestPlan['protection']
  readonly #host: ExchangeHost
  readonly #plan: RequestPlan
  /** The one server that knows of it: it continues a challenge. */
  readonly #pinned: Target | undefined
  readonly #totalMs: number
  readonly #end: Instant
  readonly #slots: Slot[] = []
  readonly #visited = new Set<Target>()
  #current: Target | undefined
  /** When its visit of the current server began. */
  #since: Instant = 0
  #sends = 0
  #wait = 0
  #wakeAt: Instant = 0
  #doubt: DropReason | undefined
  #isOver = false

  constructor(
    host: ExchangeHost,
    id: RequestId,
    plan: RequestPlan,
    pinned: Target | undefined,
    now: Instant,
  ) {
    this.#host = host
    this.id = id
    this.#plan = plan
    this.#pinned = pinned
    this.answerCodes = plan.answerCodes
    this.protection = plan.protection
    this.#totalMs = host.limits.totalMs
    this.#end = now + this.#totalMs
  }

  begin(now: Instant): void {
    this.#visitNext(now)
  }

  /** Ends it without a word. */
  cancel(): void {
    this.#isOver = true
    for (const slot of this.#slots.splice(0)) slot.lane.release(slot)
    this.#plan.discard()
  }

  nextTimeout(): Instant | undefined {
    return this.#isOver ? undefined : Math.min(this.#wakeAt, this.#end)
  }

  handleTimeout(now: Instant): void {
    const target = this.#current
    if (this.#isOver || now < Math.min(this.#wakeAt, this.#end)) return
    target?.unanswered(this.#since, now)
    if (now >= this.#end) {
      this.#fail('no-answer', this.#silence())
      target?.gaveUp(this.#since, now)
    } else if (!target || target.isRemoved) this.#visitNext(now)
    else if (this.#isWorthLeaving(target)) this.#leave(target, now)
    else if (!this.#transmit(target, now)) this.#visitNext(now)
  }

  version(now: Instant): number {
    return this.#plan.version(now)
  }

  write(addressee: Addressee, identifier: number, now: Instant): WrittenRequest {
    return this.#plan.write(addressee, identifier, now)
  }

  answered({ lane, authenticator }: Slot, packet: ReceivedPacket): void {
    const { server, secret } = lane.target
    const terms = { crypto: this.#host.crypto, server: server.id, secret, authenticator }
    const answer = readAnswer(this.#plan, terms, packet)
    if (answer instanceof WireFault) this.#fail('malformed-answer', `${server.id} answered with ${answer}`)
    else this.#finish(answer)
  }

  laneLost(slot: Slot, _reason: string, now: Instant): void {
    const at = this.#slots.indexOf(slot)
    if (at >= 0) this.#slots.splice(at, 1)
    const target = this.#current
    if (this.#isOver || !target || this.#slots.some(({ lane }) => lane.target === target)) return
    const isAnyLeft = this.#candidates.some(other => !this.#visited.has(other))
    if (isAnyLeft || this.#candidates.length === 0) this.#visitNext(now)
    else this.#pause(now)
  }

  doubted(reason: DropReason): void {
    this.#doubt = reason
  }

  get #candidates(): readonly Target[] {
    if (this.#pinned) return this.#pinned.isRemoved ? [] : [this.#pinned]
    return this.#host.candidates(this.#plan.purpose)
  }

  /**
   * A server that answers others, or its probe, may be asking the user for a second factor: another one would ask
   * again. Records ask nobody.
   */
  #isWorthLeaving(target: Target): boolean {
    const patience = target.server.sendsBeforeFailOver ?? DEFAULT_SENDS
    const isAtWork = this.#plan.purpose === 'authentication' && target.heardSince(this.#since)
    if (this.#sends < patience || isAtWork) return false
    return this.#candidates.some(other => other !== target)
  }

  /** What it leaves may fall with it, and have sent it on already. */
  #leave(target: Target, now: Instant): void {
    target.gaveUp(this.#since, now)
    if (this.#current === target) this.#visitNext(now)
  }

  /** Goes to the best server that was not asked in this round; when all were, another round begins. */
  #visitNext(now: Instant): void {
    const before = this.#current
    const candidates = this.#candidates
    if (candidates.length === 0) {
      this.#fail('no-server', 'no server is configured for this, or the one that asked is gone')
      return
    }
    if (candidates.every(target => this.#visited.has(target))) {
      this.#visited.clear()
      if (before && candidates.length > 1) this.#visited.add(before)
    }
    for (const target of candidates) {
      if (this.#visited.has(target)) continue
      this.#visited.add(target)
      this.#current = target
      this.#since = now
      this.#sends = 0
      if (this.#transmit(target, now)) return
    }
    this.#pause(now)
  }

  /** Nobody can be reached. The next round begins later: a refused port would else be asked without a pause. */
  #pause(now: Instant): void {
    this.#current = undefined
    this.#visited.clear()
    this.#wake(now + this.#host.jitter(this.#host.limits.retransmitMs))
  }

  /**
   * Sends to a server, the same packet again as long as it may be; on a stream nothing is sent twice (RFC 6613
   * §2.6.1). `false` when it cannot be reached.
   */
  #transmit(target: Target, now: Instant): boolean {
    const isStream = target.server.transport === 'tls'
    const version = this.#plan.version(now)
    const known = this.#slots.find(
      slot => slot.lane.target === target && (isStream || slot.version === version),
    )
    const slot = known ?? target.acquire(this, now)
    if (!slot) return false
    if (!known) this.#slots.push(slot)
    if (!known || !isStream) target.send(slot)
    const { retransmitMs, longestRetransmitMs } = this.#host.limits
    this.#wait = this.#sends === 0 ? retransmitMs : Math.min(2 * this.#wait, longestRetransmitMs)
    this.#sends++
    this.#wake(now + this.#host.jitter(this.#wait))
    return true
  }

  #wake(at: Instant): void {
    this.#wakeAt = at
    this.#host.touched(this)
  }

  #silence(): string {
    const doubts = this.#doubt && `; an answer was not believed (${this.#doubt})`
    return `no answer within ${this.#totalMs / 1000} s${doubts ?? ''}`
  }

  #fail(reason: FailureReason, detail: string): void {
    this.#finish({ type: 'failed', reason, detail })
  }

  #finish(answer: RadiusAnswer): void {
    this.cancel()
    this.#host.finished(this, answer)
  }
}

const DEFAULT_SENDS = 2

function readAnswer(plan: RequestPlan, terms: AnswerTerms, packet: ReceivedPacket): RadiusAnswer | WireFault {
  return catchFault(() => plan.read(terms, packet))
}
