import { createNodeCrypto } from '@causeway/crypto-node'
import { type AccessAccept, createRadiusClient, type RadiusAnswer, type RadiusServer } from '@causeway/radius'
import { formatIpAddress } from '@causeway/wire'
import type { Logger } from 'pino'
import type { PeerPlace, TunnelType } from '../authentication/identity.ts'
import type { SignInPace } from '../authentication/sign-in-pace.ts'
import type { GatewayIdentity, RadiusConfiguration } from '../configuration.ts'
import { PacedRelay } from '../eap/paced-relay.ts'
import type { SignInRelay } from '../eap/sign-in-relay.ts'
import type { Clock } from '../engine/clock.ts'
import type { GatewayObserver } from '../observation/index.ts'
import { Challenges } from './challenges.ts'
import { RadiusPasswordMethod } from './radius-method.ts'
import { RadiusRelay } from './radius-relay.ts'
import {
  type AccessQuestion,
  type AccountingQuestion,
  type RadiusQuestions,
  RadiusService,
} from './radius-service.ts'
import { unservedOf } from './radius-terms.ts'
import { resolveServers } from './resolve-servers.ts'

export interface RadiusAccessOptions {
  /** Of passwords the policy asks it itself. */
  readonly pace: SignInPace
  readonly clock: Clock
  readonly log: Logger
  /** For the client's side of RadSec. */
  readonly identity: () => GatewayIdentity
  /** Told how requests end, and what of answers was dropped. Absent: nobody counts. */
  readonly observer?: Pick<GatewayObserver, 'radiusAnswered' | 'dropped'>
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
  /** Users answer when they like: configurations may change meanwhile. */
  readonly #challenges: Challenges
  /** What servers have asked for in vain, and the log knows. */
  readonly #remarked = new Set<string>()
  #configuration: RadiusConfiguration | undefined
  #service: RadiusService | undefined
  #servers: readonly RadiusServer[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(options: RadiusAccessOptions) {
    this.#options = options
    this.#challenges = new Challenges(options.clock.now)
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
    this.#remarked.clear()
    this.#service ??= this.#createService(configuration)
    this.#service.set(configuration.nasIdentifier, configuration.timeoutSeconds * 1_000)
    this.#service.use(servers)
    this.#timer ??= setInterval(() => this.#lookUpAgain(), LOOKUP_MILLISECONDS).unref()
  }

  async ask(question: AccessQuestion): Promise<RadiusAnswer> {
    const answer = (await this.#service?.ask(question)) ?? NO_SERVER
    this.#options.observer?.radiusAnswered('access', answer)
    if (answer.type === 'accept') this.#remark(answer)
    return answer
  }

  async record(question: AccountingQuestion): Promise<RadiusAnswer> {
    const answer = (await this.#service?.record(question)) ?? NO_SERVER
    this.#options.observer?.radiusAnswered('accounting', answer)
    return answer
  }

  /** For one peer's sign-in. */
  relay(place: PeerPlace): SignInRelay {
    const { clock, pace } = this.#options
    return new PacedRelay(new RadiusRelay(this, clock, place), pace, place.remote?.address)
  }

  /** Judges user names and passwords of these tunnel types. */
  passwordMethod(tunnels: ReadonlySet<TunnelType>): RadiusPasswordMethod {
    return new RadiusPasswordMethod({
      radius: this,
      tunnels,
      clock: this.#options.clock,
      challenges: this.#challenges,
      protocol: () => this.#configuration?.passwordProtocol ?? 'pap',
    })
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#service?.close()
    this.#service = undefined
    this.#configuration = undefined
    this.#challenges.clear()
  }

  /** Once, of each server: an accept has it each time. */
  #remark(accept: AccessAccept): void {
    for (const words of unservedOf(accept)) {
      const line = `RADIUS server ${accept.server} sends ${words}`
      if (this.#remarked.has(line)) continue
      this.#remarked.add(line)
      this.#options.log.warn({ server: accept.server }, line)
    }
  }

  #createService({ nasIdentifier }: RadiusConfiguration): RadiusService {
    const { clock, log } = this.#options
    const engine = createRadiusClient({
      crypto: createNodeCrypto(),
      servers: [],
      nas: { identifier: nasIdentifier },
      unixSeconds: clock.unixSeconds,
    })
    return new RadiusService({
      engine,
      tls: server => this.#tlsOf(server),
      dropped: (reason, count) => this.#options.observer?.dropped('RADIUS', reason, count),
      clock,
      log,
    })
  }

  #tlsOf(server: string): { ca?: string; cert: string; key: string; servername?: string } {
    const identity = this.#options.identity()
    const { certificateChain, privateKey } = identity.radius ?? identity
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

function addressOf({ id, authentication, local }: RadiusServer): readonly unknown[] {
  return [id, authentication && formatIpAddress(authentication.address), local && formatIpAddress(local)]
}
