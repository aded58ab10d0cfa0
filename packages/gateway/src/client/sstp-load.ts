import type { Datapath, DatapathEvent } from '@causeway/datapath'
import type { CallId, SstpEvent } from '@causeway/sstp'
import type { Logger } from 'pino'
import { type Clock, systemClock } from '../engine/clock.ts'
import { until } from '../engine/until.ts'
import { type SstpClientDriver, sstpClientDriver } from './sstp-client-driver.ts'
import type { SstpClientProfile } from './sstp-profile.ts'

/** What a load is made of. */
export interface SstpLoadOptions {
  readonly profile: SstpClientProfile
  readonly createDatapath: (onEvents: (events: readonly DatapathEvent[]) => void) => Datapath
  readonly log: Logger
  readonly clock?: Clock
  /** A call was established, or refused, or ended. */
  readonly onChange?: () => void
}

/** Many SSTP calls of one client in one process, without TUN device, addresses or routes: to load a gateway. */
export class SstpLoad {
  readonly #options: SstpLoadOptions
  readonly #datapath: Datapath
  readonly #client: SstpClientDriver
  readonly #open = new Set<CallId>()
  /** Calls that were established, those that ended included. */
  established = 0
  /** Calls that were refused, and why the last one was. */
  refused = 0
  refusal = ''

  /** Errors: `X509Error`, `DatapathError`. */
  constructor(options: SstpLoadOptions) {
    const { profile, log, clock = systemClock } = options
    this.#options = options
    this.#datapath = options.createDatapath(events => {
      for (const event of events) this.#client.driver.handleDatapathEvent(event)
    })
    this.#client = sstpClientDriver({
      profile,
      datapath: this.#datapath,
      clock,
      log,
      routes: [],
      onEvent: (call, event) => this.#handleEvent(call, event),
    })
  }

  /** Calls that are open. */
  get open(): number {
    return this.#open.size
  }

  /** Begins one more call. */
  async connect(): Promise<void> {
    try {
      await this.#client.connect()
    } catch (error) {
      this.#refuse((error as Error).message)
    }
  }

  /** Ends all calls that are open, and tells the server. */
  disconnectAll(): void {
    this.#client.endAll('load ends')
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    this.disconnectAll()
    await until(() => this.#client.driver.quiet, GOODBYE_MILLISECONDS)
    this.#client.driver.close()
    this.#datapath.close()
  }

  #handleEvent(call: CallId, event: SstpEvent): void {
    if (event.type === 'ipv4-opened') {
      this.established++
      this.#open.add(call)
      this.#options.onChange?.()
    } else if (event.type === 'closed') {
      if (this.#open.delete(call)) this.#options.onChange?.()
      else this.#refuse(event.reason)
    }
  }

  #refuse(reason: string): void {
    this.refused++
    this.refusal = reason
    this.#options.onChange?.()
  }
}

const GOODBYE_MILLISECONDS = 5_000
