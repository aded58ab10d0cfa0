import type { Datapath, DatapathEvent } from '@causeway/datapath'
import type { ConfigurationReply, SessionEvent } from '@causeway/ikev2'
import { formatIpAddress, type IpAddress, type IpPrefix, parseIpPrefix } from '@causeway/wire'
import type { Logger } from 'pino'
import { type Clock, systemClock } from '../engine/clock.ts'
import { until } from '../engine/until.ts'
import { type InterfaceState, interfaceBatch } from '../host/address-batch.ts'
import type { SystemCommand } from '../host/system-command.ts'
import { type Ikev2ClientDriver, ikev2ClientDriver } from './ikev2-client-driver.ts'
import type { Ikev2ClientProfile } from './ikev2-profile.ts'
import { Settlement } from './settlement.ts'

/** What a client is started with. */
export interface Ikev2ClientOptions {
  readonly profile: Ikev2ClientProfile
  /** Our own address on the way to the server. */
  readonly local: IpAddress
  readonly createDatapath: (onEvents: (events: readonly DatapathEvent[]) => void) => Datapath
  /** Runs `ip`. */
  readonly run: SystemCommand
  readonly log: Logger
  readonly clock?: Clock
  /** Name of the TUN device. Default `cwclient%d`. */
  readonly tunName?: string
}

const EVERYTHING = ['0.0.0.0/0', '::/0'].map(text => parseIpPrefix(text) as IpPrefix)
const GOODBYE_MILLISECONDS = 1_000
const SESSION = 1

/** One IKEv2 session with a TUN device: a client without any daemon, for tests and for measuring. */
export class Ikev2Client {
  /** Ends with the session; the reason. */
  readonly ended: Promise<string>
  /** The inner addresses, when traffic can flow. Errors: `Error` with why the session was refused. */
  readonly connected: Promise<readonly string[]>
  readonly #options: Ikev2ClientOptions
  readonly #datapath: Datapath
  readonly #client: Ikev2ClientDriver
  readonly #tun: string
  readonly #begun = new Settlement<readonly string[]>()
  readonly #over = new Settlement<string>()
  #configuration: ConfigurationReply | undefined

  /** Errors: `X509Error`, `CryptoNodeError`, `DatapathError`. */
  constructor(options: Ikev2ClientOptions) {
    const { profile, local, log, clock = systemClock, tunName = 'cwclient%d' } = options
    this.#options = options
    this.ended = this.#over.promise
    this.connected = this.#begun.promise
    this.#datapath = options.createDatapath(events => {
      for (const event of events) this.#client.driver.handleDatapathEvent(event)
    })
    this.#client = ikev2ClientDriver({
      profile,
      datapath: this.#datapath,
      clock,
      log,
      routes: EVERYTHING,
      onConfiguration: (_session, configuration) => {
        this.#configuration = configuration
      },
      onEvent: (_session, event) => this.#handleEvent(event),
    })
    this.#tun = this.#datapath.openTun({ name: tunName, mtu: profile.tunnelMtu })
    const path = this.#client.openPath(local)
    this.#client.driver.command({ type: 'connect', session: SESSION, path, terms: this.#client.terms })
  }

  /** Says goodbye and closes everything. */
  async stop(): Promise<void> {
    const { driver } = this.#client
    driver.command({ type: 'disconnect', session: SESSION, reason: 'the client was stopped' })
    await until(() => driver.quiet, GOODBYE_MILLISECONDS)
    driver.close()
    this.#datapath.close()
  }

  #handleEvent(event: SessionEvent): void {
    if (event.type === 'child-established') {
      this.#configure().then(this.#begun.resolve, this.#begun.reject)
    } else if (event.type === 'refused' || event.type === 'closed' || event.type === 'child-refused') {
      this.#begun.reject(new Error(event.reason))
      // Whoever waits for the connection is told; nobody has to.
      this.#begun.promise.catch(() => undefined)
      this.#over.resolve(event.reason)
    } else this.#options.log.debug(event, 'session')
  }

  async #configure(): Promise<readonly string[]> {
    const { ipv4, ipv6, subnets = [] } = this.#configuration ?? {}
    const state: InterfaceState = {
      name: this.#tun,
      mtu: this.#options.profile.tunnelMtu,
      addresses: [
        ...(ipv4 ? [{ address: ipv4, prefixLength: 32 }] : []),
        ...(ipv6 ? [{ address: ipv6.address, prefixLength: 128 }] : []),
      ],
      routes: subnets.map(destination => ({ destination })),
    }
    await this.#options.run('ip', ['-batch', '-'], interfaceBatch(undefined, state))
    return [ipv4, ipv6?.address].flatMap(address => (address ? [formatIpAddress(address)] : []))
  }
}
