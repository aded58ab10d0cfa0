import { createNodeCrypto } from '@causeway/crypto-node'
import { createRadiusClient, type RadiusAnswer, type RadiusServer } from '@causeway/radius'
import type { Endpoint } from '@causeway/wire'
import type { Logger } from 'pino'
import type { TunnelType } from '../authentication/identity.ts'
import type { SignInPace } from '../authentication/sign-in-pace.ts'
import type { GatewayIdentity, RadiusConfiguration } from '../configuration.ts'
import { PacedRelay } from '../eap/paced-relay.ts'
import type { SignInRelay } from '../eap/sign-in-relay.ts'
import type { Clock } from '../runtime/clock.ts'
import { RadiusPasswordMethod } from './radius-method.ts'
import { RadiusRelay } from './radius-relay.ts'
import {
  type AccessQuestion,
  type AccountingQuestion,
  type RadiusQuestions,
  RadiusService,
} from './radius-service.ts'
import { resolveServers } from './resolve-servers.ts'

export interface RadiusAccessOptions {
  /** Of passwords the policy asks it itself. */
  readonly pace: SignInPace
  readonly clock: Clock
  readonly log: Logger
  /** For the client's side of RadSec. */
  readonly identity: () => GatewayIdentity
  /** Told the servers' addresses, when they are or may be others. */
  readonly serversChanged: (servers: readonly RadiusServer[]) => void
}

/** How often the names of servers are looked up again. */
const LOOKUP_MILLISECONDS = 60_000

const NO_SERVER: RadiusAnswer = {
  type: 'failed',
  reason: 'no-server',
  detail: 'no RADIUS server is configured',
}

/** The gateway's way to its RADIUS servers, as configured now. Nothing is open while none is configured. */
export class RadiusAccess implements RadiusQuestions {
  readonly #options: RadiusAccessOptions
  #configuration: RadiusConfiguration | undefined
  #service: RadiusService | undefined
  #servers: readonly RadiusServer[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(options: RadiusAccessOptions) {
    this.#options = options
  }

  /** Asks these servers from now on; requests that are open go on where their server stays. */
  async configure(configuration: RadiusConfiguration | undefined): Promise<void> {
    if (!configuration) {
      this.close()
      return
    }
    const servers = await resolveServers(configuration, this.#options.log)
    this.#configuration = configuration
    this.#servers = servers
    this.#options.serversChanged(servers)
    if (this.#service) this.#service.use(servers)
    else this.#service = this.#createService(configuration)
    this.#timer ??= setInterval(() => this.#lookUpAgain(), LOOKUP_MILLISECONDS).unref()
  }

  ask(question: AccessQuestion): Promise<RadiusAnswer> {
    return this.#service?.ask(question) ?? Promise.resolve(NO_SERVER)
  }

  record(question: AccountingQuestion): Promise<RadiusAnswer> {
    return this.#service?.record(question) ?? Promise.resolve(NO_SERVER)
  }

  /** For one peer's sign-in. */
  relay(remote: Endpoint | undefined): SignInRelay {
    const { clock, pace } = this.#options
    return new PacedRelay(new RadiusRelay(this, clock, remote), pace, remote?.address)
  }

  /** Judges user names and passwords of these tunnel types. */
  passwordMethod(tunnels: ReadonlySet<TunnelType>): RadiusPasswordMethod {
    return new RadiusPasswordMethod(this, tunnels, this.#options.clock)
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#service?.close()
    this.#service = undefined
    this.#configuration = undefined
  }

  #createService({ nasIdentifier, timeoutSeconds }: RadiusConfiguration): RadiusService {
    const { clock, log } = this.#options
    const engine = createRadiusClient({
      crypto: createNodeCrypto(),
      servers: this.#servers,
      nas: { identifier: nasIdentifier },
      unixSeconds: clock.unixSeconds,
      limits: { totalMs: timeoutSeconds * 1_000 },
    })
    return new RadiusService({ engine, tls: server => this.#tlsOf(server), clock, log })
  }

  #tlsOf(server: string): { ca?: string; cert: string; key: string; servername?: string } {
    const { certificateChain, privateKey } = this.#options.identity()
    const authority = this.#configuration?.servers.find(({ host }) => host === server)?.authority
    const isName = !/^[0-9.]+$|:/.test(server)
    return {
      cert: certificateChain,
      key: privateKey,
      ...(authority !== undefined && { ca: authority }),
      ...(isName && { servername: server }),
    }
  }

  #lookUpAgain(): void {
    const configuration = this.#configuration
    if (!configuration) return
    resolveServers(configuration, this.#options.log).then(
      servers => {
        if (this.#configuration !== configuration || sameAddresses(servers, this.#servers)) return
        this.#servers = servers
        this.#options.serversChanged(servers)
        this.#service?.use(servers)
      },
      error => this.#options.log.error({ err: error }, 'the names of RADIUS servers could not be looked up'),
    )
  }
}

function sameAddresses(some: readonly RadiusServer[], others: readonly RadiusServer[]): boolean {
  return JSON.stringify(some.map(addressOf)) === JSON.stringify(others.map(addressOf))
}

function addressOf({ id, authentication }: RadiusServer): readonly unknown[] {
  return [id, authentication && [...authentication.address.bytes]]
}
