import type { CryptoPort } from '@causeway/crypto'
import { type Datagram, DeadlineQueue, DropLog, type Engine, type Instant, Outbox } from '@causeway/engine'
import { DEFAULT_LIMITS, JITTER, type RadiusLimits } from '../limits.ts'
import { encodeAttribute } from '../wire/attribute-values.ts'
import { planAccess } from './access-plan.ts'
import { planAccounting } from './accounting-plan.ts'
import { checkNas, checkServers, nasAttributes } from './check-options.ts'
import type { LaneId, RadiusCommand, RadiusPath, RequestId } from './client-command.ts'
import type { NasIdentity, Purpose, RadiusClientOptions, RadiusServer } from './client-options.ts'
import type { DropReason, FailureReason, RadiusOutput, ServerState } from './client-output.ts'
import { Exchange, type ExchangeHost } from './exchange.ts'
import type { Lane } from './lane.ts'
import type { RequestPlan } from './request-plan.ts'
import { Target, type TargetHost, type Timed } from './target.ts'
import { isSamePlace, targetPlaces } from './target-list.ts'

/**
 * A RADIUS client (RFC 2865, 2866, 3579; RFC 6614): asks servers in the order of their scores whether users may
 * come in, and tells them of sessions. `handleDatagram` takes what came to a UDP port, `bytes` what came on a
 * TLS connection.
 *
 * Errors: `ERR_RADIUS_OPTIONS` from here and from the commands `servers` and `settings`.
 */
export function createRadiusClient(options: RadiusClientOptions): RadiusClient {
  return new Client(options)
}

export type RadiusClient = Engine<RadiusPath, RadiusCommand, RadiusOutput>

/** Which servers come first, whatever their scores. */
const RANKS: Readonly<Record<ServerState, number>> = { alive: 0, suspect: 1, dead: 2 }

/** The servers and the requests under way. */
export class Client implements RadiusClient {
  readonly #options: RadiusClientOptions
  readonly #limits: { -readonly [Name in keyof RadiusLimits]: RadiusLimits[Name] }
  readonly #host: TargetHost & ExchangeHost
  readonly #outbox = new Outbox<RadiusOutput>()
  readonly #exchanges = new Map<RequestId, Exchange>()
  readonly #lanes = new Map<LaneId, Lane>()
  readonly #deadlines = new DeadlineQueue<Timed>()
  readonly #drops: DropLog<number>
  #nas: NasIdentity
  #targets: readonly Target[] = []
  #targetCount = 0
  #laneCount = 0

  constructor(options: RadiusClientOptions) {
    this.#options = options
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits }
    checkNas(options.nas)
    this.#nas = options.nas
    this.#drops = new DropLog<number>(({ session, reason, count }) => {
      const server = this.#targets.find(({ number }) => number === session)?.server.id
      const event = { type: 'dropped', server, reason: reason as DropReason, count } as const
      this.#outbox.put({ type: 'event', event })
    })
    this.#host = this.#createHost()
    this.#configure(options.servers, 0)
  }

  /** What is kept, for tests. */
  get sizes(): { readonly requests: number; readonly lanes: number; readonly deadlines: number } {
    const deadlines = this.#deadlines.entryCount
    return { requests: this.#exchanges.size, lanes: this.#lanes.size, deadlines }
  }

  handleDatagram({ path, bytes }: Datagram<RadiusPath>, now: Instant): void {
    const lane = this.#lanes.get(path.lane)
    if (lane) lane.target.handleDatagram(lane, path.remote, bytes, now)
    else this.#drops.add(undefined, 'unknown-lane' satisfies DropReason, now)
  }

  handleCommand(command: RadiusCommand, now: Instant): void {
    switch (command.type) {
      case 'access': {
        const plan = planAccess(this.#options.crypto, command)
        this.#ask(command.id, plan, command.continuation?.server, now)
        return
      }
      case 'accounting': {
        const time = { now, unixSeconds: this.#options.unixSeconds() }
        const plan = planAccounting(this.#options.crypto, command, time)
        this.#ask(command.id, plan, undefined, now)
        return
      }
      case 'cancel':
        this.#cancel(command.id)
        return
      case 'connected':
        this.#onLane(command.lane, lane => lane.target.handleConnected(lane, now))
        return
      case 'bytes':
        this.#onLane(command.lane, lane => lane.target.handleBytes(lane, command.bytes, now))
        return
      case 'closed':
        this.#onLane(command.lane, lane => lane.target.handleClosed(lane, command.reason, now))
        return
      case 'servers':
        this.#configure(command.servers, now)
        return
      case 'settings':
        checkNas(command.nas)
        this.#nas = command.nas
        this.#limits.totalMs = command.totalMs
        return
      default:
        command satisfies never
    }
  }

  handleTimeout(now: Instant): void {
    this.#drops.handleTimeout(now)
    const due: Timed[] = []
    for (let one = this.#deadlines.takeDue(now); one; one = this.#deadlines.takeDue(now)) due.push(one)
    for (const one of due) {
      one.handleTimeout(now)
      this.#host.touched(one)
    }
  }

  poll(): RadiusOutput | undefined {
    return this.#outbox.take()
  }

  nextTimeout(): Instant | undefined {
    const [own, drops] = [this.#deadlines.next(), this.#drops.nextTimeout()]
    return own === undefined || drops === undefined ? (own ?? drops) : Math.min(own, drops)
  }

  #ask(id: RequestId, plan: RequestPlan | string, server: string | undefined, now: Instant): void {
    if (this.#exchanges.has(id)) return
    if (typeof plan === 'string') {
      this.#refuse(id, 'unsendable', plan)
      return
    }
    const pinned = server === undefined ? undefined : this.#find(server, plan.purpose)
    const isFull = this.#exchanges.size >= this.#limits.requests
    if (isFull || (server !== undefined && !pinned)) {
      plan.discard()
      if (isFull) this.#refuse(id, 'overloaded', `${this.#limits.requests} requests are open`)
      else this.#refuse(id, 'no-server', `${server} is gone`)
    } else this.#begin(new Exchange(this.#host, id, plan, pinned, now), now)
  }

  #begin(exchange: Exchange, now: Instant): void {
    this.#exchanges.set(exchange.id, exchange)
    exchange.begin(now)
  }

  #refuse(id: RequestId, reason: FailureReason, detail: string): void {
    this.#outbox.put({ type: 'answer', id, answer: { type: 'failed', reason, detail } })
  }

  #cancel(id: RequestId): void {
    const exchange = this.#exchanges.get(id)
    if (!exchange) return
    exchange.cancel()
    this.#forget(exchange)
  }

  #forget(exchange: Exchange): void {
    this.#exchanges.delete(exchange.id)
    this.#deadlines.schedule(exchange, undefined)
  }

  #onLane(id: LaneId, act: (lane: Lane) => void): void {
    const lane = this.#lanes.get(id)
    if (lane) act(lane)
  }

  #find(server: string, purpose: Purpose): Target | undefined {
    return this.#targets.find(target => target.server.id === server && target.purposes.includes(purpose))
  }

  #candidates(purpose: Purpose): readonly Target[] {
    return this.#targets
      .filter(({ purposes }) => purposes.includes(purpose))
      .sort((a, b) => RANKS[a.state] - RANKS[b.state] || b.server.score - a.server.score)
  }

  /** What has not changed goes on, with its lanes and requests; what is gone lets go of them. */
  #configure(servers: readonly RadiusServer[], now: Instant): void {
    checkServers(servers)
    const before = this.#targets
    this.#targets = servers.flatMap(given => {
      const server = given.secret ? { ...given, secret: given.secret.slice() } : given
      return targetPlaces(server).map(place => {
        const known = before.find(target => isSamePlace(this.#options.crypto, target, place))
        if (!known) return new Target(this.#host, ++this.#targetCount, server, place.remote, place.purposes)
        known.server = server
        return known
      })
    })
    for (const target of before) if (!this.#targets.includes(target)) this.#remove(target, now)
  }

  #remove(target: Target, now: Instant): void {
    target.remove(now)
    this.#deadlines.schedule(target, undefined)
  }

  #createHost(): TargetHost & ExchangeHost {
    const { crypto } = this.#options
    return {
      crypto,
      limits: this.#limits,
      own: server => nasAttributes(this.#nas, server).flatMap(encodeAttribute),
      put: output => this.#outbox.put(output),
      drop: (target, reason, now) => this.#drops.add(target.number, reason, now),
      jitter: milliseconds => Math.round(milliseconds * (1 + JITTER * randomShare(crypto))),
      addLane: create => {
        const lane = create(++this.#laneCount)
        this.#lanes.set(lane.id, lane)
        return lane
      },
      removeLane: lane => this.#lanes.delete(lane.id),
      touched: one => this.#deadlines.schedule(one, one.nextTimeout()),
      candidates: purpose => this.#candidates(purpose),
      finished: (exchange, answer) => {
        this.#forget(exchange)
        this.#outbox.put({ type: 'answer', id: exchange.id, answer })
      },
    }
  }
}

/** A number from -1 to 1. */
function randomShare(crypto: Pick<CryptoPort, 'random'>): number {
  const [high = 0, low = 0] = crypto.random(2)
  return ((high << 8) | low) / 32_767.5 - 1
}
