import { lookup } from 'node:dns/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { Datapath, DatapathEvent } from '@causeway/datapath'
import type {
  ClientAnnouncement,
  ClientProfile,
  ProfileRemote,
  PushOptions,
  SessionEvent,
} from '@causeway/openvpn'
import {
  type Endpoint,
  formatEndpoint,
  formatIpAddress,
  type IpPrefix,
  parseIpAddress,
  parseIpPrefix,
} from '@causeway/wire'
import type { Logger } from 'pino'
import { type Clock, systemClock } from '../engine/clock.ts'
import { until } from '../engine/until.ts'
import type { ClientHost } from '../host/client-host.ts'
import type { EngineDriver } from '../openvpn/engine-driver.ts'
import { clientDriver } from './client-driver.ts'
import { DEFAULT_TUNNEL_MTU } from './client-engine.ts'
import { type ClientTransport, openTcp, openUdp } from './client-transport.ts'

/** What a client is started with. */
export interface VpnClientOptions {
  readonly profile: ClientProfile
  readonly createDatapath: (onEvents: (events: readonly DatapathEvent[]) => void) => Datapath
  readonly host: ClientHost
  readonly log: Logger
  readonly clock?: Clock
  /** What is told to the server of this client, in place of its own words. */
  readonly announcement?: ClientAnnouncement
  /** Name of the TUN device. Default `cwclient%d`, with the first number that is free. */
  readonly tunName?: string
  /** The tunnel is up, for the first time or again. `addresses`: inner, as text. */
  readonly onConnected?: (addresses: readonly string[]) => void
  readonly onDisconnected?: (reason: string) => void
}

/** A client that keeps a tunnel up. */
export interface VpnClient {
  /**
   * Ends when `stop` was called. Errors: `ERR_CLIENT_REFUSED` when the server does not want this
   * client; all else is tried again.
   */
  readonly done: Promise<void>
  /** Says goodbye and closes everything. Idempotent. */
  stop(): Promise<void>
}

/** The server will not have this client. */
export class ClientRefusedError extends Error {
  readonly code = 'ERR_CLIENT_REFUSED'

  constructor(reason: string) {
    super(reason)
    this.name = 'ClientRefusedError'
  }
}

const FIRST_PAUSE_MILLISECONDS = 1_000
const LONGEST_PAUSE_MILLISECONDS = 60_000
const GOODBYE_MILLISECONDS = 1_000

const EVERYTHING = ['0.0.0.0/0', '::/0'].map(text => parseIpPrefix(text) as IpPrefix)

/**
 * Starts a client: remotes in order, UDP and TCP, then over again with growing pauses.
 *
 * Errors: `DatapathError`, `ControlTlsError`, `X509Error` for what a profile can have wrong.
 */
export function startClient(options: VpnClientOptions): VpnClient {
  return new RunningClient(options)
}

/** How an attempt ended. */
interface Outcome {
  readonly reason: string
  readonly wasConnected: boolean
}

class RunningClient implements VpnClient {
  readonly done: Promise<void>
  readonly #options: VpnClientOptions
  readonly #datapath: Datapath
  readonly #driver: EngineDriver
  readonly #tun: string
  readonly #stopped = new AbortController()
  #session: number | undefined
  #server: Endpoint | undefined
  #connected = false
  #settle: ((outcome: Outcome) => void) | undefined
  #closing: Promise<void> | undefined

  constructor(options: VpnClientOptions) {
    const { profile, log, clock = systemClock, tunName = 'cwclient%d' } = options
    this.#options = options
    const datapath = options.createDatapath(events => {
      for (const event of events) this.#driver.handleDatapathEvent(event)
    })
    this.#datapath = datapath
    try {
      this.#driver = clientDriver({
        profile,
        datapath,
        clock,
        log,
        ...(options.announcement ? { announcement: options.announcement } : {}),
        routes: EVERYTHING,
        configure: (session, pushed) => this.#configure(session, pushed),
        onEvent: (session, event) => this.#handleEvent(session, event),
      })
      this.#tun = datapath.openTun({ name: tunName, mtu: profile.tunMtu ?? DEFAULT_TUNNEL_MTU })
    } catch (error) {
      datapath.close()
      throw error
    }
    this.done = this.#run().finally(() => this.#close())
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#leave('the client was stopped')
    await this.done.catch(() => undefined)
  }

  async #run(): Promise<void> {
    let wait = FIRST_PAUSE_MILLISECONDS
    while (!this.#stopped.signal.aborted) {
      const outcome = await this.#tryRemotes()
      if (this.#stopped.signal.aborted) return
      if (outcome.wasConnected) wait = FIRST_PAUSE_MILLISECONDS
      await pause(wait, undefined, { signal: this.#stopped.signal }).catch(() => undefined)
      wait = Math.min(2 * wait, LONGEST_PAUSE_MILLISECONDS)
    }
  }

  /** Tries each remote once, until one had a session. */
  async #tryRemotes(): Promise<Outcome> {
    let outcome: Outcome = { reason: 'the profile has no remote', wasConnected: false }
    for (const remote of this.#options.profile.remotes) {
      for (const endpoint of await resolve(remote)) {
        outcome = await this.#attempt(remote, endpoint)
        if (this.#stopped.signal.aborted || outcome.wasConnected) return outcome
        if (isFinal(outcome.reason)) throw new ClientRefusedError(outcome.reason)
      }
    }
    return outcome
  }

  /** One connection, until it ends. */
  async #attempt({ transport, host }: ProfileRemote, endpoint: Endpoint): Promise<Outcome> {
    const { log, onDisconnected } = this.#options
    const name = `${host} (${transport} ${formatEndpoint(endpoint)})`
    log.info({ server: formatEndpoint(endpoint), transport }, `connecting to ${name}`)
    let way: ClientTransport
    try {
      way =
        transport === 'udp'
          ? openUdp(this.#datapath, this.#driver, endpoint)
          : await openTcp(this.#datapath, this.#driver, endpoint)
    } catch (error) {
      log.warn({ err: error }, `cannot reach ${name}`)
      return { reason: (error as Error).message, wasConnected: false }
    }
    this.#server = endpoint
    const outcome = await new Promise<Outcome>(settle => {
      this.#settle = settle
      if (this.#stopped.signal.aborted) settle({ reason: 'stopped', wasConnected: false })
      else this.#driver.command({ type: 'connect', path: way.path })
    })
    log.info({ reason: outcome.reason }, `connection ended: ${outcome.reason}`)
    if (outcome.wasConnected) onDisconnected?.(outcome.reason)
    await until(() => this.#driver.quiet, GOODBYE_MILLISECONDS)
    way.close()
    if (outcome.wasConnected && isFinal(outcome.reason)) throw new ClientRefusedError(outcome.reason)
    return outcome
  }

  async #configure(session: number, pushed: PushOptions): Promise<void> {
    const server = this.#server
    if (!server) return
    this.#session = session
    const { host, profile, log, onConnected } = this.#options
    await host.configure(this.#tun, pushed, server.address, profile.tunMtu ?? DEFAULT_TUNNEL_MTU)
    this.#connected = true
    const given = [pushed.ipv4, pushed.ipv6].filter(address => address !== undefined)
    const addresses = given.map(({ address }) => formatIpAddress(address))
    log.info({ inner: addresses, server: formatEndpoint(server) }, 'connected')
    onConnected?.(addresses)
  }

  #handleEvent(session: number, event: SessionEvent): void {
    if (event.type === 'closed' || event.type === 'refused') {
      const wasConnected = this.#connected
      this.#connected = false
      this.#session = undefined
      this.#settle?.({ reason: event.reason, wasConnected })
    } else this.#options.log.debug({ session, ...event }, 'session')
  }

  #leave(reason: string): void {
    if (this.#session === undefined) this.#settle?.({ reason, wasConnected: false })
    else this.#driver.command({ type: 'disconnect', session: this.#session, manner: 'halt', reason })
  }

  #close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#driver.close()
      this.#datapath.close()
      await this.#options.host.restore()
    })()
    return this.#closing
  }
}

/** What the server says when it does not want this client back. */
function isFinal(reason: string): boolean {
  return reason.startsWith('authentication failed') || reason.startsWith('the server ended the session')
}

async function resolve({ host, port, family }: ProfileRemote): Promise<Endpoint[]> {
  const literal = parseIpAddress(host)
  if (literal) return [{ address: literal, port }]
  const found = await lookup(host, { all: true, family: family ?? 0 }).catch(() => [])
  return found.flatMap(({ address }) => {
    const parsed = parseIpAddress(address)
    return parsed ? [{ address: parsed, port }] : []
  })
}
