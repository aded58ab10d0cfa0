import type { Datapath, DatapathEvent } from '@causeway/datapath'
import type { CallId, SstpEngine, SstpEvent } from '@causeway/sstp'
import { formatIpAddress, type IpAddress, type IpPrefix, parseIpPrefix } from '@causeway/wire'
import type { Logger } from 'pino'
import { type Clock, systemClock } from '../engine/clock.ts'
import { until } from '../engine/until.ts'
import { type InterfaceState, interfaceBatch } from '../host/address-batch.ts'
import type { SystemCommand } from '../host/system-command.ts'
import { Settlement } from './settlement.ts'
import { type SstpClientDriver, sstpClientDriver } from './sstp-client-driver.ts'
import type { SstpClientProfile } from './sstp-profile.ts'

/** What a client is started with. */
export interface SstpClientOptions {
  readonly profile: SstpClientProfile
  readonly createDatapath: (onEvents: (events: readonly DatapathEvent[]) => void) => Datapath
  /** Runs `ip`. */
  readonly run: SystemCommand
  readonly log: Logger
  readonly clock?: Clock
  /** Name of the TUN device. Default `cwclient%d`. */
  readonly tunName?: string
  /** Networks behind the gateway: PPP tells none. */
  readonly destinations?: readonly IpPrefix[]
  /** Changes what the engine says, for tests of servers. */
  readonly alterEngine?: (engine: SstpEngine) => SstpEngine
}

const EVERYTHING = ['0.0.0.0/0'].map(text => parseIpPrefix(text) as IpPrefix)
const HOST_BITS = 32
const GOODBYE_MILLISECONDS = 1_000

/** One SSTP call with a TUN device: a client without any daemon, for tests and for measuring. */
export class SstpClient {
  /** Ends with the call; the reason. */
  readonly ended: Promise<string>
  /** The inner addresses, when traffic can flow. Errors: `Error` with why the call was refused. */
  readonly connected: Promise<readonly string[]>
  readonly #options: SstpClientOptions
  readonly #datapath: Datapath
  readonly #client: SstpClientDriver
  readonly #tun: string
  readonly #begun = new Settlement<readonly string[]>()
  readonly #over = new Settlement<string>()

  /** Errors: `X509Error`, `DatapathError`. */
  constructor(options: SstpClientOptions) {
    const { profile, log, clock = systemClock, tunName = 'cwclient%d' } = options
    this.#options = options
    this.ended = this.#over.promise
    this.connected = this.#begun.promise
    this.#datapath = options.createDatapath(events => {
      for (const event of events) this.#client.driver.handleDatapathEvent(event)
    })
    this.#client = sstpClientDriver({
      profile,
      datapath: this.#datapath,
      clock,
      log,
      routes: EVERYTHING,
      onEvent: (call, event) => this.#handleEvent(call, event),
      ...(options.alterEngine && { alterEngine: options.alterEngine }),
    })
    this.#tun = this.#datapath.openTun({ name: tunName, mtu: profile.tunnelMtu })
    this.#client.connect().catch((error: Error) => this.#end(error.message))
  }

  /** Says goodbye and closes everything. */
  async stop(): Promise<void> {
    this.#client.endAll('the client was stopped')
    await until(() => this.#client.driver.quiet, GOODBYE_MILLISECONDS)
    this.#client.driver.close()
    this.#datapath.close()
  }

  #handleEvent(call: CallId, event: SstpEvent): void {
    if (event.type === 'ipv4-opened') {
      this.#configure(event.local).then(this.#begun.resolve, this.#begun.reject)
    } else if (event.type === 'closed') this.#end(event.reason)
    else this.#options.log.debug({ call, ...event }, 'call')
  }

  #end(reason: string): void {
    this.#begun.reject(new Error(reason))
    // Whoever waits for the connection is told; nobody has to.
    this.#begun.promise.catch(() => undefined)
    this.#over.resolve(reason)
  }

  async #configure(address: IpAddress): Promise<readonly string[]> {
    const { profile, destinations = [] } = this.#options
    const state: InterfaceState = {
      name: this.#tun,
      mtu: profile.tunnelMtu,
      addresses: [{ address, prefixLength: HOST_BITS }],
      routes: destinations.map(destination => ({ destination })),
    }
    await this.#options.run('ip', ['-batch', '-'], interfaceBatch(undefined, state))
    return [formatIpAddress(address)]
  }
}
