import type { RadiusAnswer, RequestFailure } from '@causeway/radius'
import type { Logger } from 'pino'
import type { Clock } from '../engine/clock.ts'
import { until } from '../engine/until.ts'
import type { AccountingQuestion, RadiusQuestions } from './radius-service.ts'

export interface AccountingQueueOptions {
  readonly servers: Pick<RadiusQuestions, 'record'>
  readonly clock: Clock
  readonly log: Logger
}

/** Records that wait or are under way; past that the least important is lost. Some megabytes. Ours. */
const WAITING_LIMIT = 16_384
/** Records under way at a time. Ours. */
const SENDING_LIMIT = 64
/** After no server took a record, from then to the next attempt. Ours. */
const RETRY_MILLISECONDS = 10_000

interface Waiting {
  readonly question: AccountingQuestion
  /** Of the monotonic clock, when it happened. */
  readonly at: number
  isSending: boolean
}

/**
 * Accounting records until a server has taken them, however long that takes. Those of one session go one after the
 * other, and none passes that of the gateway's own beginning or end. When there are too many, the oldest interim
 * record is dropped first, then that of a beginning, and of an end only when ends alone fill the queue.
 */
export class AccountingQueue {
  readonly #options: AccountingQueueOptions
  /** In the order in which they happened. */
  readonly #waiting = new Set<Waiting>()
  /** Sessions of which a record is under way. */
  readonly #busy = new Set<string>()
  /** The last interim record of each session that waits; a later record says all that it does. */
  readonly #interims = new Map<string, Waiting>()
  #retry: NodeJS.Timeout | undefined
  #failing = false
  #lost = 0

  constructor(options: AccountingQueueOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#waiting.size
  }

  put(question: AccountingQuestion): void {
    const { status, sessionId } = question.record
    const waiting = { question, at: this.#options.clock.now(), isSending: false }
    const former = this.#interims.get(sessionId)
    if (former && !former.isSending) this.#forget(former)
    if (status === 'interim') this.#interims.set(sessionId, waiting)
    if (this.#waiting.size >= WAITING_LIMIT) this.#makeRoom()
    this.#waiting.add(waiting)
    this.#send()
  }

  /** Waits until all records are taken, but no longer than so many milliseconds. */
  async drain(milliseconds: number): Promise<void> {
    this.#tryAgain()
    await until(() => this.#waiting.size === 0, milliseconds)
  }

  /** Forgets what still waits. */
  close(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    const { size } = this.#waiting
    this.#waiting.clear()
    this.#interims.clear()
    if (size > 0) this.#options.log.warn({ records: size }, `${size} accounting records were not taken`)
  }

  #send(): void {
    while (!this.#retry && this.#busy.size < SENDING_LIMIT) {
      const next = this.#next()
      if (!next) return
      next.isSending = true
      this.#busy.add(next.question.record.sessionId)
      void this.#record(next)
    }
  }

  #next(): Waiting | undefined {
    for (const waiting of this.#waiting) {
      if (isOfGateway(waiting)) return this.#busy.size === 0 ? waiting : undefined
      if (!this.#busy.has(waiting.question.record.sessionId)) return waiting
    }
    return undefined
  }

  async #record(waiting: Waiting): Promise<void> {
    const { record, attributes } = waiting.question
    const { servers, clock } = this.#options
    const ageSeconds = (clock.now() - waiting.at) / 1_000
    const answer = await servers.record({ record: { ...record, ageSeconds }, attributes })
    this.#busy.delete(record.sessionId)
    waiting.isSending = false
    if (this.#waiting.has(waiting)) this.#handleAnswer(waiting, answer)
    this.#send()
  }

  #handleAnswer(waiting: Waiting, answer: RadiusAnswer): void {
    if (answer.type !== 'failed') {
      this.#forget(waiting)
      this.#taken()
      return
    }
    // A server that does not know the gateway's own records never answers them: sessions must not wait for that.
    if (answer.reason === 'unsendable' || isOfGateway(waiting)) this.#forget(waiting)
    if (answer.reason !== 'unsendable') this.#pause()
    this.#complain(waiting, answer)
  }

  #forget(waiting: Waiting): void {
    const { sessionId } = waiting.question.record
    this.#waiting.delete(waiting)
    if (this.#interims.get(sessionId) === waiting) this.#interims.delete(sessionId)
  }

  #pause(): void {
    this.#retry ??= setTimeout(() => this.#tryAgain(), RETRY_MILLISECONDS).unref()
  }

  #tryAgain(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#send()
  }

  #complain({ question }: Waiting, { reason, detail }: RequestFailure): void {
    if (reason !== 'unsendable' && this.#failing) return
    this.#failing = reason !== 'unsendable'
    const { status, sessionId } = question.record
    this.#options.log.warn(
      { status, sessionId, records: this.#waiting.size },
      `accounting record not taken: ${detail}`,
    )
  }

  #taken(): void {
    if (this.#failing) this.#options.log.info('accounting records are taken again')
    this.#failing = false
    if (this.#lost > 0) this.#options.log.warn({ records: this.#lost }, 'accounting records were dropped')
    this.#lost = 0
  }

  #makeRoom(): void {
    const idle = [...this.#waiting].filter(({ isSending }) => !isSending)
    const least =
      idle.find(({ question }) => question.record.status === 'interim') ??
      idle.find(({ question }) => question.record.status === 'start') ??
      idle[0]
    if (!least) return
    this.#forget(least)
    if (this.#lost++ === 0)
      this.#options.log.warn(`more than ${WAITING_LIMIT} accounting records wait: the oldest are dropped`)
  }
}

function isOfGateway({ question: { record } }: Waiting): boolean {
  return record.status === 'on' || record.status === 'off'
}
