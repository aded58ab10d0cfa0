import type { CryptoPort } from '@causeway/crypto'
import type { Instant } from '@causeway/engine'
import { asciiBytes, type Endpoint, sameEndpoint, WireFault } from '@causeway/wire'
import { type RadiusLimits, RECONNECT_FLOOR_MS, UNPROTECTED_EVENT_MS } from '../limits.ts'
import type { RadiusAttribute } from '../wire/attribute.ts'
import { parseRadiusPacket, type ReceivedPacket } from '../wire/packet.ts'
import { judgeAnswer } from './answer-check.ts'
import type { LaneId } from './client-command.ts'
import type { Purpose, RadiusServer } from './client-options.ts'
import type { DropReason, RadiusOutput, ServerState } from './client-output.ts'
import { Lane } from './lane.ts'
import { Probe } from './probe.ts'
import { type HealthHost, ServerHealth } from './server-health.ts'
import type { Slot, SlotOwner } from './slot.ts'

/** From the specification (RFC 6614 §2.3). */
const RADSEC_SECRET = asciiBytes('radsec')

/** What has deadlines. */
export interface Timed {
  handleTimeout(now: Instant): void
  nextTimeout(): Instant | undefined
}

/** What a target needs of the client around it. */
export interface TargetHost {
  readonly crypto: Pick<CryptoPort, 'random' | 'hash' | 'hmac' | 'equal'>
  readonly limits: RadiusLimits
  /** What the gateway calls itself at a server. */
  own(server: RadiusServer): readonly RadiusAttribute[]
  put(output: RadiusOutput): void
  drop(target: Target, reason: DropReason, now: Instant): void
  jitter(milliseconds: number): number
  addLane(create: (id: LaneId) => Lane): Lane
  removeLane(lane: Lane): void
  /** Its next deadline may have moved. */
  touched(one: Timed): void
}

/** One address of a server: how it fares, and the lanes to it. */
export class Target implements Timed {
  server: RadiusServer
  readonly number: number
  readonly remote: Endpoint
  readonly secret: Uint8Array
  readonly purposes: readonly Purpose[]
  isRemoved = false
  readonly #host: TargetHost
  readonly #lanes = new Set<Lane>()
  readonly #probe: Probe
  readonly #health: ServerHealth
  #notBefore: Instant = 0
  #unprotectedAt: Instant | undefined

  constructor(
    host: TargetHost,
    number: number,
    server: RadiusServer,
    remote: Endpoint,
    purposes: readonly Purpose[],
  ) {
    this.#host = host
    this.number = number
    this.server = server
    this.remote = remote
    this.purposes = purposes
    this.secret = server.transport === 'tls' ? RADSEC_SECRET : (server.secret ?? new Uint8Array(0))
    this.#probe = new Probe(host.crypto)
    this.#health = new ServerHealth(this.#healthHost())
  }

  get state(): ServerState {
    return this.#health.state
  }

  /** Whether a genuine answer, to anything, has come later than that. */
  heardSince(since: Instant): boolean {
    return this.#health.heardSince(since)
  }

  /** A place for a request, on a new lane if need be. `undefined`: all are taken, or it cannot be reached. */
  acquire(owner: SlotOwner, now: Instant): Slot | undefined {
    const lane = [...this.#lanes].find(({ isFull }) => !isFull) ?? this.#openLane(now)
    if (lane?.isOpen && owner !== this.#probe) lane.deadline = now + this.#idleMs
    this.#host.touched(this)
    return lane?.take(owner, { secret: this.secret, own: this.#host.own(this.server) }, now)
  }

  /** Sends what a slot holds; on a connection that is being made, once it stands. */
  send({ lane, bytes }: Slot): void {
    if (lane.isOpen) this.#host.put({ type: 'send', lane: lane.id, bytes: bytes.slice() })
  }

  /** A request has had no answer. The server is suspect unless it has answered others. */
  unanswered(since: Instant, now: Instant): void {
    if (!this.heardSince(since)) this.#health.suspect('a request had no answer', now)
    this.#host.touched(this)
  }

  /** A request has given up waiting for it. */
  gaveUp(since: Instant, now: Instant): void {
    this.#health.gaveUp(since, now)
    this.#host.touched(this)
  }

  handleDatagram(lane: Lane, remote: Endpoint, bytes: Uint8Array, now: Instant): void {
    if (sameEndpoint(remote, this.remote)) this.#handlePacket(lane, bytes, now)
    else this.#host.drop(this, 'wrong-source', now)
  }

  handleBytes(lane: Lane, bytes: Uint8Array, now: Instant): void {
    const packets = lane.isOpen ? lane.frames.add(bytes) : []
    if (!packets) {
      this.#host.drop(this, 'malformed', now)
      this.#hangUp(lane, 'what it sent was no RADIUS', now)
      return
    }
    for (const packet of packets) this.#handlePacket(lane, packet, now)
  }

  handleConnected(lane: Lane, now: Instant): void {
    if (lane.isOpen) return
    lane.isOpen = true
    lane.deadline = now + this.#idleMs
    this.#health.connected(now)
    for (const slot of lane.slots) this.send(slot)
    this.#host.touched(this)
  }

  /** The outside lost the lane. One that nobody used may go; else the server is at fault, as far as can be told. */
  handleClosed(lane: Lane, reason: string, now: Instant): void {
    // Servers close what rests, and may do so as the watchdog asks.
    const isFault = !lane.isOpen || lane.slots.some(({ owner }) => owner !== this.#probe)
    this.#host.removeLane(lane)
    this.#lanes.delete(lane)
    if (this.server.transport === 'tls' && isFault) {
      this.#notBefore = now + RECONNECT_FLOOR_MS
      this.#health.die(reason, now)
    } else if (isFault) this.#health.suspect(reason, now)
    this.#loseSlots(lane, reason, now)
    this.#host.touched(this)
  }

  handleTimeout(now: Instant): void {
    this.#health.handleTimeout(now)
    for (const lane of this.#lanes) if (lane.deadline <= now) this.#handleLaneDeadline(lane, now)
    this.#host.touched(this)
  }

  nextTimeout(): Instant | undefined {
    let next = this.#health.nextTimeout() ?? Number.POSITIVE_INFINITY
    for (const { deadline } of this.#lanes) next = Math.min(next, deadline)
    return Number.isFinite(next) ? next : undefined
  }

  /** It is configured no more: its requests have to look elsewhere. */
  remove(now: Instant): void {
    this.isRemoved = true
    this.#health.stop()
    this.#closeLanes('the server was removed', now)
  }

  get #idleMs(): number {
    const { connectionIdleMs, portIdleMs } = this.#host.limits
    return this.server.transport === 'tls' ? connectionIdleMs : portIdleMs
  }

  #healthHost(): HealthHost {
    const { limits } = this.#host
    return {
      limits,
      probe: this.#probe,
      isStream: this.server.transport === 'tls',
      asksForStatus: () => this.server.statusServer !== false,
      hasLanes: () => this.#lanes.size > 0,
      jitter: milliseconds => this.#host.jitter(milliseconds),
      changed: (state, reason) => this.#tellState(state, reason),
      sendProbe: now => this.#sendProbe(now),
      connect: now => {
        if (this.#lanes.size === 0) this.#openLane(now)
      },
      closeLanes: (reason, now) => this.#closeLanes(reason, now),
    }
  }

  #sendProbe(now: Instant): void {
    const before = this.#probe.slot
    const slot = before ?? this.acquire(this.#probe, now)
    if (!slot) return
    this.#probe.sent(slot)
    // On a stream nothing is sent twice.
    if (this.server.transport === 'udp' || !before) this.send(slot)
  }

  #openLane(now: Instant): Lane | undefined {
    const { limits, crypto } = this.#host
    const isTls = this.server.transport === 'tls'
    const most = isTls ? limits.connectionsPerServer : limits.portsPerServer
    if (this.isRemoved || this.#lanes.size >= most || now < this.#notBefore) return undefined
    const deadline = now + (isTls ? limits.connectMs : limits.portIdleMs)
    const lane = this.#host.addLane(id => new Lane(crypto, id, this, deadline))
    this.#lanes.add(lane)
    const type = isTls ? 'connect' : 'open-port'
    this.#host.put({ type, lane: lane.id, server: this.server.id, remote: this.remote })
    return lane
  }

  #handlePacket(lane: Lane, bytes: Uint8Array, now: Instant): void {
    const packet = parseRadiusPacket(bytes)
    if (packet instanceof WireFault) {
      this.#host.drop(this, 'malformed', now)
      return
    }
    const slot = lane.slot(packet.identifier)
    if (slot) this.#handleAnswer(slot, packet, now)
    else this.#host.drop(this, 'unknown-identifier', now)
  }

  #handleAnswer(slot: Slot, packet: ReceivedPacket, now: Instant): void {
    const requireMessageAuthenticator = this.server.requireMessageAuthenticator !== false
    const rules = { secret: this.secret, requireMessageAuthenticator }
    const verdict = judgeAnswer(this.#host.crypto, rules, slot, packet)
    if (verdict !== 'protected' && verdict !== 'unprotected') {
      slot.owner.doubted(verdict)
      this.#host.drop(this, verdict, now)
      return
    }
    if (verdict === 'unprotected') this.#tellUnprotected(now)
    this.#heard(slot, packet, now)
  }

  #heard(slot: Slot, packet: ReceivedPacket, now: Instant): void {
    slot.lane.release(slot)
    this.#health.heard(slot.owner === this.#probe, now)
    slot.owner.answered(slot, packet, now)
    this.#host.touched(this)
  }

  #tellState(state: ServerState, reason: string): void {
    const { server, purposes } = this
    const event = { type: 'server-state', server: server.id, purposes, state, reason } as const
    this.#host.put({ type: 'event', event })
  }

  #tellUnprotected(now: Instant): void {
    if (this.#unprotectedAt !== undefined && now < this.#unprotectedAt + UNPROTECTED_EVENT_MS) return
    this.#unprotectedAt = now
    this.#host.put({ type: 'event', event: { type: 'unprotected-answer', server: this.server.id } })
  }

  #handleLaneDeadline(lane: Lane, now: Instant): void {
    if (!lane.isOpen) this.#hangUp(lane, 'no connection in time', now)
    else if (lane.isIdle) this.#closeLane(lane, 'idle', now)
    else lane.deadline = now + this.#idleMs
  }

  /** We end it, and it is the server's fault. */
  #hangUp(lane: Lane, reason: string, now: Instant): void {
    this.#host.put({ type: 'close-lane', lane: lane.id })
    lane.isOpen = false
    this.handleClosed(lane, reason, now)
  }

  #closeLanes(reason: string, now: Instant): void {
    for (const lane of [...this.#lanes]) this.#closeLane(lane, reason, now)
  }

  #closeLane(lane: Lane, reason: string, now: Instant): void {
    this.#host.put({ type: 'close-lane', lane: lane.id })
    this.#host.removeLane(lane)
    this.#lanes.delete(lane)
    this.#loseSlots(lane, reason, now)
  }

  #loseSlots(lane: Lane, reason: string, now: Instant): void {
    for (const slot of lane.slots) {
      lane.release(slot)
      slot.owner.laneLost(slot, reason, now)
    }
    if (this.#lanes.size === 0) this.#health.rest()
  }
}
