import type { Instant } from '@causeway/engine'
import type { IkeMessage, Payload } from '../wire/payload.ts'
import type { ExchangeHost } from './exchange-host.ts'
import { Retransmission } from './retransmission.ts'
import type { Task } from './task.ts'

interface Outstanding {
  readonly messageId: number
  readonly exchange: number
  readonly datagrams: readonly Uint8Array[]
  readonly retransmission: Retransmission
  readonly since: Instant
}

/** Message ids end here; the IKE SA with them (RFC 7296 §2.2). */
const LAST_MESSAGE_ID = 0xffffffff

/** The requests that we send: one at a time (a window of one), in the order in which their tasks came. */
export class RequestLane {
  readonly #host: ExchangeHost
  #nextId: number
  #open: boolean
  #running: Task | undefined
  #waiting: Task[] = []
  #outstanding: Outstanding | undefined

  /** `open`: whether we may ask now, or only when `open()` is called (a responder before IKE_AUTH is done). */
  constructor(host: ExchangeHost, firstId: number, open: boolean) {
    this.#host = host
    this.#nextId = firstId
    this.#open = open
  }

  get running(): Task | undefined {
    return this.#running
  }

  get waiting(): readonly Task[] {
    return this.#waiting
  }

  /** A request is under way. */
  get outstanding(): boolean {
    return this.#outstanding !== undefined
  }

  /** Since when a response is waited for. */
  get waitingSince(): Instant | undefined {
    return this.#outstanding?.since
  }

  nextTimeout(): Instant | undefined {
    return this.#outstanding?.retransmission.at
  }

  open(now: Instant): void {
    this.#open = true
    this.#advance(now)
  }

  begin(task: Task, now: Instant): void {
    if (this.#waiting.length >= this.#host.taskLimit) {
      task.abandon(now)
      this.#host.drop(`${task.name}: too many tasks wait`, now)
      return
    }
    this.#waiting.push(task)
    this.#advance(now)
  }

  proceed(now: Instant): void {
    if (this.#running && !this.#outstanding) this.#ask(this.#running, now)
    this.#advance(now)
  }

  /** Whether a response with this mark is what we wait for. */
  awaits(messageId: number, exchange: number): boolean {
    const outstanding = this.#outstanding
    return outstanding?.messageId === messageId && outstanding.exchange === exchange
  }

  /** The authentic response to the outstanding request. */
  handleResponse(message: IkeMessage, now: Instant): void {
    const task = this.#running
    if (!task || !this.#outstanding) return
    this.#outstanding = undefined
    this.#nextId++
    const next = task.response(message, now)
    if (this.#running !== task) return
    switch (next) {
      case 'done':
        this.#running = undefined
        break
      case 'again':
        this.#ask(task, now)
        break
      case 'wait':
        break
      default:
        next satisfies never
    }
    this.#advance(now)
  }

  /** The response is there, but nothing can be made of it: its task and those that wait are abandoned. */
  spoil(now: Instant): void {
    const tasks = this.#take()
    this.#nextId++
    for (const task of tasks) task.abandon(now)
  }

  /**
   * Whatever is asked or waits is of no use any more: its tasks are abandoned. A request that is out keeps the
   * window until its response comes; that is then passed over, but for that of a rekeying of the IKE SA: what the
   * peer has made has to be deleted too.
   */
  discard(now: Instant): void {
    const outstanding = this.#outstanding
    const running = this.#running
    const tasks = this.#take()
    this.#outstanding = outstanding
    const stays = outstanding && running?.changes === 'ike-sa'
    if (outstanding) this.#running = stays ? running : passedOver(outstanding.exchange)
    for (const task of tasks) if (!stays || task !== running) task.abandon(now)
  }

  handleTimeout(now: Instant): void {
    const outstanding = this.#outstanding
    if (!outstanding) return
    const due = outstanding.retransmission.due(now)
    switch (due) {
      case 'no':
        return
      case 'repeat':
        this.#host.send(outstanding.datagrams)
        return
      case 'give-up':
        this.#host.silent(now)
        return
      default:
        due satisfies never
    }
  }

  /** Sends the outstanding request again at once: the path has changed. */
  resend(): void {
    if (this.#outstanding) this.#host.send(this.#outstanding.datagrams)
  }

  /** Takes out the tasks that wait. */
  takeWaiting(): Task[] {
    const waiting = this.#waiting
    this.#waiting = []
    return waiting
  }

  /** The IKE SA goes: nothing is asked any more. */
  abandon(now: Instant): void {
    const tasks = this.#take()
    this.#open = false
    for (const task of tasks) task.abandon(now)
  }

  #take(): Task[] {
    const tasks = this.#running ? [this.#running, ...this.#waiting] : this.#waiting
    this.#running = undefined
    this.#waiting = []
    this.#outstanding = undefined
    return tasks
  }

  #advance(now: Instant): void {
    while (this.#open && !this.#running) {
      const task = this.#waiting.shift()
      if (!task) break
      this.#running = task
      this.#ask(task, now)
    }
    this.#host.reschedule()
  }

  #ask(task: Task, now: Instant): void {
    const payloads = task.request(now)
    if (this.#running !== task || payloads === 'later') return
    if (!payloads) this.#running = undefined
    else this.#send(task, payloads, now)
  }

  #send({ exchange }: Task, payloads: readonly Payload[], now: Instant): void {
    const messageId = this.#nextId
    if (messageId >= LAST_MESSAGE_ID) {
      this.#host.end('message ids are used up', false, now)
      return
    }
    const datagrams = this.#host.seal({ exchange, response: false, messageId }, payloads)
    const retransmission = new Retransmission(this.#host.crypto, now)
    this.#outstanding = { messageId, exchange, datagrams, retransmission, since: now }
    this.#host.send(datagrams)
  }
}

/** Waits for a response that nobody wants. */
function passedOver(exchange: number): Task {
  return {
    name: 'passed over',
    exchange,
    request: () => undefined,
    response: () => 'done',
    abandon: () => {},
  }
}
