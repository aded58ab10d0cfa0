import { createNodeCrypto } from '@causeway/crypto-node'
import type { Datapath } from '@causeway/datapath'
import { eapTlsKeys } from '@causeway/ppp'
import { type CallId, createSstpEngine, type SstpEngine, type SstpEvent } from '@causeway/sstp'
import type { IpPrefix } from '@causeway/wire'
import type { Logger } from 'pino'
import { EapPeerConversation } from '../eap/eap-peer-conversation.ts'
import type { Clock } from '../engine/clock.ts'
import { SstpDriver, type SstpRole } from '../sstp/sstp-driver.ts'
import { type SstpAccess, type SstpClientProfile, sstpAccess } from './sstp-profile.ts'
import { openSstp } from './sstp-transport.ts'

/** What a client driver is made of. */
export interface SstpClientDriverOptions {
  readonly profile: SstpClientProfile
  readonly datapath: Datapath
  readonly clock: Clock
  readonly log: Logger
  /** What goes into the tunnel of every flow. Several flows cannot share it: then none. */
  readonly routes: readonly IpPrefix[]
  readonly onEvent: (call: CallId, event: SstpEvent) => void
  /** Changes what the engine says, for tests of servers. */
  readonly alterEngine?: (engine: SstpEngine) => SstpEngine
}

/** A driver in the client's role. */
export interface SstpClientDriver {
  readonly driver: SstpDriver
  /** Opens one more connection, and with it a call. Errors: as `openSstp`. */
  connect(): Promise<CallId>
  /** Ends all calls; the server is told. */
  endAll(reason: string): void
}

const HELLO_MILLISECONDS = 60_000
const NEGOTIATION_MILLISECONDS = 60_000

/** Joins an engine to a datapath for a profile. It carries any number of calls. Errors: `X509Error`, `ERR_TLS_SETTINGS`. */
export function sstpClientDriver(options: SstpClientDriverOptions): SstpClientDriver {
  const { profile, datapath, clock, log, alterEngine = engine => engine } = options
  const access = sstpAccess(profile, clock.unixSeconds)
  const settings = {
    authentication: ['eap'],
    tunnelMtu: profile.tunnelMtu,
    helloMilliseconds: HELLO_MILLISECONDS,
    negotiationMilliseconds: NEGOTIATION_MILLISECONDS,
    ipv4: true,
    ipv6: false,
    name: '',
  } as const
  const engine = createSstpEngine({ role: 'client', crypto: createNodeCrypto(), settings: () => settings })
  const driver: SstpDriver = new SstpDriver(
    { engine: alterEngine(engine), datapath, clock, log },
    joined => new SstpClientRole(options, access, joined),
  )
  const connect = async (): Promise<CallId> => {
    const { connection, certificate } = await openSstp(access, datapath, gone =>
      driver.removeConnection(gone),
    )
    driver.addConnection(connection, certificate)
    return connection.stream
  }
  const endAll = (reason: string): void => {
    for (const call of driver.calls()) driver.command({ type: 'disconnect', call, reason })
  }
  return { driver, connect, endAll }
}

class SstpClientRole implements SstpRole {
  readonly #options: SstpClientDriverOptions
  readonly #access: SstpAccess
  readonly #driver: SstpDriver
  readonly #crypto = createNodeCrypto()
  readonly #conversations = new Map<CallId, EapPeerConversation>()

  constructor(options: SstpClientDriverOptions, access: SstpAccess, driver: SstpDriver) {
    this.#options = options
    this.#access = access
    this.#driver = driver
  }

  eapStart(call: CallId): void {
    const { judge, eapTls, identity } = this.#access
    const conversation = new EapPeerConversation({
      crypto: this.#crypto,
      identity,
      methods: ['tls'],
      tlsContext: eapTls,
      judge,
      send: packet => this.#driver.command({ type: 'eap-packet', call, packet }),
      succeeded: ({ msk }) =>
        this.#driver.command({ type: 'eap-success', call, keys: eapTlsKeys(msk, 'client') }),
      failed: reason => this.#driver.command({ type: 'eap-failure', call, reason }),
    })
    this.#conversations.set(call, conversation)
  }

  eapPacket(call: CallId, packet: Uint8Array): void {
    this.#conversations.get(call)?.handlePacket(packet)
  }

  eapClose(call: CallId): void {
    this.#conversations.get(call)?.close()
    this.#conversations.delete(call)
  }

  answer(id: number): void {
    this.#driver.reply(id, { type: 'deny', reason: 'no password is configured' })
  }

  flowOpened(_call: CallId, flow: Parameters<SstpRole['flowOpened']>[1]): void {
    const { routes, datapath } = this.#options
    if (routes.length > 0) datapath.changeRoutes(routes.map(prefix => ({ type: 'add', prefix, flow })))
  }

  flowClosed(): void {}

  handleEvent(call: CallId, event: SstpEvent): void {
    this.#options.onEvent(call, event)
  }
}
