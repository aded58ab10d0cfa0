import type { Datapath, DatapathEvent } from '@causeway/datapath'
import type { Path, SessionEvent, SessionId } from '@causeway/ikev2'
import type { IpAddress } from '@causeway/wire'
import type { Logger } from 'pino'
import { type Clock, systemClock } from '../engine/clock.ts'
import { until } from '../engine/until.ts'
import { type Ikev2ClientDriver, ikev2ClientDriver } from './ikev2-client-driver.ts'
import type { Ikev2ClientProfile } from './ikev2-profile.ts'

/** What a load is made of. */
export interface Ikev2LoadOptions {
  readonly profile: Ikev2ClientProfile
  /** Our own address on the way to the server. */
  readonly local: IpAddress
  readonly createDatapath: (onEvents: (events: readonly DatapathEvent[]) => void) => Datapath
  readonly log: Logger
  readonly clock?: Clock
  /** A session was established, or refused, or ended. */
  readonly onEvent?: (session: SessionId, event: SessionEvent) => void
}

/**
 * Many IKEv2 sessions of one client in one process, over one port, without TUN device, addresses or
 * routes: to load a gateway with connections.
 */
export class Ikev2Load {
  readonly #options: Ikev2LoadOptions
  readonly #datapath: Datapath
  readonly #client: Ikev2ClientDriver
  readonly #path: Path
  readonly #open = new Set<SessionId>()
  #started = 0
  /** Sessions whose Child SA was established, those that ended included. */
  established = 0
  /** Sessions that were refused, and why the last one was. */
  refused = 0
  refusal = ''

  /** Errors: `X509Error`, `CryptoNodeError`, `DatapathError`. */
  constructor(options: Ikev2LoadOptions) {
    const { profile, local, log, clock = systemClock } = options
    this.#options = options
    this.#datapath = options.createDatapath(events => {
      for (const event of events) this.#client.driver.handleDatapathEvent(event)
    })
    this.#client = ikev2ClientDriver({
      profile,
      datapath: this.#datapath,
      clock,
      log,
      routes: [],
      onConfiguration: () => undefined,
      onEvent: (session, event) => this.#handleEvent(session, event),
    })
    this.#path = this.#client.openPath(local)
  }

  /** Sessions that are open. */
  get open(): number {
    return this.#open.size
  }

  /** Begins one more session. */
  connect(): void {
    const session = ++this.#started
    const { terms, driver } = this.#client
    driver.command({ type: 'connect', session, path: this.#path, terms })
  }

  /** Ends all sessions that are open, and tells the server. */
  disconnectAll(): void {
    for (const session of [...this.#open])
      this.#client.driver.command({ type: 'disconnect', session, reason: 'load ends' })
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    this.disconnectAll()
    await until(() => this.#client.driver.quiet, GOODBYE_MILLISECONDS)
    this.#client.driver.close()
    this.#datapath.close()
  }

  #handleEvent(session: SessionId, event: SessionEvent): void {
    if (event.type === 'child-established') {
      this.established++
      this.#open.add(session)
    } else if (event.type === 'refused') {
      this.refused++
      this.refusal = event.reason
    } else if (event.type === 'closed') this.#open.delete(session)
    this.#options.onEvent?.(session, event)
  }
}

const GOODBYE_MILLISECONDS = 5_000
