import { DeadlineQueue } from '@causeway/engine'
import type { TerminateCause } from '@causeway/radius'
import type { AccountingConfiguration } from '../configuration.ts'
import { newSessionId, type Session } from '../session/session.ts'
import type { SessionWitness } from '../session/session-table.ts'
import { AccountingQueue, type AccountingQueueOptions } from './accounting-queue.ts'
import {
  gatewayRecord,
  outerAddress,
  type RecordNews,
  type ReportedSession,
  recordOf,
} from './accounting-record.ts'

/** So often it is looked whose interim record is due. */
const ROUND_MILLISECONDS = 1_000
/** What still waits when the gateway or its accounting ends has so long to be taken. Ours. */
const FAREWELL_MILLISECONDS = 3_000

interface Reported extends ReportedSession {
  /** Of the monotonic clock. */
  readonly since: number
  /** How often the server wants to hear of it. `undefined`: as the configuration says. */
  askedSeconds: number | undefined
  /** How often it does. 0: never. */
  interimSeconds: number
}

/**
 * Reports sessions to RADIUS (RFC 2866): that the gateway begins, each session's start, interim records and stop,
 * and that the gateway ends. Does nothing until it is switched on.
 */
export class Accounting implements SessionWitness {
  readonly #options: AccountingQueueOptions
  readonly #queue: AccountingQueue
  readonly #reported = new Map<string, Reported>()
  /** Where each session was when it began. It may move, and servers would take it for another. */
  readonly #stations = new Map<string, string>()
  readonly #interims = new DeadlineQueue<Reported>()
  #settings: AccountingConfiguration | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: AccountingQueueOptions) {
    this.#options = options
    this.#queue = new AccountingQueue(options)
  }

  /** Reports by these settings from now on, the sessions that are here included. */
  use(settings: AccountingConfiguration, present: readonly Session[]): void {
    if (!this.#settings) this.#queue.put(gatewayRecord('on', newSessionId()))
    this.#settings = settings
    for (const session of present) if (!this.#reported.has(session.id)) this.began(session)
    for (const reported of this.#reported.values()) this.#schedule(reported, settings)
    this.#timer ??= setInterval(() => this.#round(), ROUND_MILLISECONDS).unref()
  }

  /** The server takes all sessions for ended. Waits a moment until it has heard of it. */
  async stop(): Promise<void> {
    if (!this.#settings) return
    this.#settings = undefined
    clearInterval(this.#timer)
    this.#timer = undefined
    for (const reported of this.#reported.values()) this.#interims.schedule(reported, undefined)
    this.#reported.clear()
    this.#queue.put(gatewayRecord('off', newSessionId()))
    await this.#queue.drain(FAREWELL_MILLISECONDS)
    this.#queue.close()
  }

  /** Calling-Station-Id of a session. */
  stationOf(session: Session): string {
    return this.#stations.get(session.id) ?? outerAddress(session)
  }

  began(session: Session): void {
    const station = this.stationOf(session)
    this.#stations.set(session.id, station)
    if (!this.#settings || !(session.terms.accounting || this.#settings.everySession)) return
    const reported: Reported = {
      session,
      station,
      since: this.#options.clock.now(),
      askedSeconds: session.terms.accounting?.interimSeconds,
      interimSeconds: 0,
    }
    this.#reported.set(session.id, reported)
    this.#put(reported, { status: 'start', sessionSeconds: 0 })
    this.#schedule(reported, this.#settings)
  }

  /** A session's interim records come so often from now on. */
  reportEvery({ id }: Session, seconds: number): void {
    const reported = this.#reported.get(id)
    if (!reported || !this.#settings) return
    reported.askedSeconds = seconds
    this.#schedule(reported, this.#settings)
  }

  ended(session: Session, terminateCause: TerminateCause): void {
    const reported = this.#reported.get(session.id)
    this.#stations.delete(session.id)
    if (!reported) return
    this.#reported.delete(session.id)
    this.#interims.schedule(reported, undefined)
    this.#put(reported, { status: 'stop', sessionSeconds: this.#secondsOf(reported), terminateCause })
  }

  #round(): void {
    const now = this.#options.clock.now()
    for (let due = this.#interims.takeDue(now); due; due = this.#interims.takeDue(now)) {
      this.#put(due, { status: 'interim', sessionSeconds: this.#secondsOf(due) })
      this.#interims.schedule(due, now + due.interimSeconds * 1_000)
    }
  }

  /** The server's word counts before the configuration's. An interval that stays goes on as it runs. */
  #schedule(reported: Reported, settings: AccountingConfiguration): void {
    const interimSeconds = reported.askedSeconds ?? settings.interimSeconds
    if (interimSeconds === reported.interimSeconds) return
    reported.interimSeconds = interimSeconds
    const at = this.#options.clock.now() + interimSeconds * 1_000
    this.#interims.schedule(reported, interimSeconds > 0 ? at : undefined)
  }

  #secondsOf({ since }: Reported): number {
    return (this.#options.clock.now() - since) / 1_000
  }

  #put(reported: Reported, news: RecordNews): void {
    this.#queue.put(recordOf(reported, news))
  }
}
