import type { CryptoPort } from '@causeway/crypto'
import { type Instant, TimerTable } from '@causeway/engine'
import { asciiBytes, type Endpoint, sameEndpoint, WireFault } from '@causeway/wire'
import {
  PROBES,
  type RadiusLimits,
  RECONNECT_FLOOR_MS,
  RETURN_ANSWERS,
  RETURN_PROBE_MS,
  UNPROTECTED_EVENT_MS,
} from '../limits.ts'
import type { RadiusAttribute } from '../wire/attribute.ts'
import { parseRadiusPacket, type ReceivedPacket } from '../wire/packet.ts'
import { judgeAnswer } from './answer-check.ts'
import type { LaneId } from './client-command.ts'
import type { Purpose, RadiusServer } from './client-options.ts'
import type { DropReason, RadiusOutput, ServerState } from './client-output.ts'
import { Lane } from './lane.ts'
import { Probe } from './probe.ts'
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
  /** The gateway's name, for Status-Server. */
  readonly own: readonly RadiusAttribute[]
  put(output: RadiusOutput): void
  drop(target: Target, reason: DropReason, now: Instant): void
  jitter(milliseconds: number): number
  addLane(create: (id: LaneId) => Lane): Lane
  removeLane(lane: Lane): void
  /** Its next deadline may have moved. */
  touched(one: Timed): void
}

type TargetTimer =
  /** The next Status-Server or connection of a suspect or dead server is due, or one has had its time. */
  | 'probe'
  /** A server that does not know Status-Server is given another chance. */
  | 'trial'
  /** A TLS connection has been silent. */
  | 'watchdog'

/**
 * One address of a server: its state, and the lanes to it.
 *
 * ```
 *          silent to a request             silent to probes too
 *  alive ----------------------> suspect ----------------------> dead
 *    ^         any answer           |                              |
 *    +------------------------------+   answers to three probes,   |
 *    +--------------------------------- or a time has passed ------+
 * ```
 */
export class Target implements Timed {
  server: RadiusServer
  readonly number: number
  readonly remote: Endpoint
  readonly secret: Uint8Array
  readonly purposes: readonly Purpose[]
  isRemoved = false
  readonly #host: TargetHost
  readonly #timers = new TimerTable<TargetTimer>()
  readonly #lanes = new Set<Lane>()
  readonly #probe: Probe
  #state: ServerState = 'alive'
  #heardAt: Instant | undefined
  #returnAnswers = 0
  #knowsStatus = false
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
    this.#probe = new Probe(host.crypto, host.own, now => this.#probeAnswered(now))
  }

  get state(): ServerState {
    return this.#state
  }

  /** Whether a genuine answer, to anything, has come later than that: one of the same moment may be older. */
  heardSince(since: Instant): boolean {
    return this.#heardAt !== undefined && this.#heardAt > since
  }

  /** A place for a request, on a new lane if need be. `undefined`: all are taken, or it cannot be reached. */
  acquire(owner: SlotOwner, now: Instant): Slot | undefined {
    const lane = [...this.#lanes].find(({ isFull }) => !isFull) ?? this.#openLane(now)
    if (lane?.isOpen && owner !== this.#probe) lane.deadline = now + this.#idleMs
    this.#host.touched(this)
    return lane?.take(owner, this.secret, now)
  }

  /** Sends what a slot holds; on a connection that is being made, once it stands. */
  send({ lane, bytes }: Slot): void {
    if (lane.isOpen) this.#host.put({ type: 'send', lane: lane.id, bytes: bytes.slice() })
  }

  /** A request has had no answer. The server is suspect unless it has answered others. */
  unanswered(since: Instant, now: Instant): void {
    if (!this.heardSince(since)) this.#suspect('a request had no answer', now)
  }

  /** A request has given up waiting for it. Without probes that is all there is to know. */
  gaveUp(since: Instant, now: Instant): void {
    if (this.isRemoved || this.#state !== 'suspect' || this.heardSince(since) || this.#probe.isWaiting) return
    this.#die('a request was given up', now)
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
    if (this.#state === 'dead') this.#becomeAlive('connected')
    this.#timers.set('watchdog', now + this.#host.limits.watchdogMs)
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
      this.#die(reason, now)
    } else if (isFault) this.#suspect(reason, now)
    this.#loseSlots(lane, reason, now)
    this.#host.touched(this)
  }

  handleTimeout(now: Instant): void {
    for (const timer of this.#timers.takeDue(now)) this.#handleTimer(timer, now)
    for (const lane of this.#lanes) if (lane.deadline <= now) this.#handleLaneDeadline(lane, now)
    this.#host.touched(this)
  }

  nextTimeout(): Instant | undefined {
    let next = this.#timers.next() ?? Number.POSITIVE_INFINITY
    for (const { deadline } of this.#lanes) next = Math.min(next, deadline)
    return Number.isFinite(next) ? next : undefined
  }

  /** It is configured no more: its requests have to look elsewhere. */
  remove(now: Instant): void {
    this.isRemoved = true
    this.#timers.clearAll()
    this.#closeLanes('the server was removed', now)
  }

  get #idleMs(): number {
    const { connectionIdleMs, portIdleMs } = this.#host.limits
    return this.server.transport === 'tls' ? connectionIdleMs : portIdleMs
  }

  get #asksForStatus(): boolean {
    return this.server.statusServer !== false
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
    this.#heardAt = now
    if (this.#timers.deadline('watchdog') !== undefined)
      this.#timers.set('watchdog', now + this.#host.limits.watchdogMs)
    slot.lane.release(slot)
    if (slot.owner !== this.#probe && this.#state !== 'alive') this.#becomeAlive('it answers')
    slot.owner.answered(slot, packet, now)
    this.#host.touched(this)
  }

  #tellUnprotected(now: Instant): void {
    if (this.#unprotectedAt !== undefined && now < this.#unprotectedAt + UNPROTECTED_EVENT_MS) return
    this.#unprotectedAt = now
    this.#host.put({ type: 'event', event: { type: 'unprotected-answer', server: this.server.id } })
  }

  #handleTimer(timer: TargetTimer, now: Instant): void {
    switch (timer) {
      case 'probe':
        this.#handleProbeTimer(now)
        return
      case 'trial':
        if (this.#state !== 'alive') this.#becomeAlive('on trial')
        return
      case 'watchdog':
        if (this.#lanes.size === 0) return
        this.#timers.set('watchdog', now + this.#host.limits.watchdogMs)
        if (this.#state === 'alive') this.#sendProbe(now)
        return
      default:
        timer satisfies never
    }
  }

  #handleProbeTimer(now: Instant): void {
    const isOver = this.#probe.sends >= (this.#state === 'dead' ? 1 : PROBES)
    if (!isOver || this.#state === 'dead') {
      if (isOver) this.#probe.end()
      this.#sendProbe(now)
      return
    }
    this.#probe.end()
    // Of a server that is only watched, silence means something once it has shown that it knows the question.
    if (this.#state === 'suspect' || this.#knowsStatus) this.#die('it does not answer Status-Server', now)
  }

  /** Sends a probe, a new one or the same again, and sets the time by which it is answered or goes again. */
  #sendProbe(now: Instant): void {
    const { limits } = this.#host
    const isDead = this.#state === 'dead'
    if (!this.#asksForStatus) {
      if (!isDead || this.server.transport !== 'tls') return
      if (this.#lanes.size === 0) this.#openLane(now)
    } else {
      const before = this.#probe.slot
      const slot = before ?? this.acquire(this.#probe, now)
      if (slot) this.#probe.sent(slot)
      if (slot && (this.server.transport === 'udp' || !before)) this.send(slot)
    }
    const wait = isDead ? limits.probeMs : limits.retransmitMs * 2 ** Math.max(0, this.#probe.sends - 1)
    this.#timers.set('probe', now + this.#host.jitter(wait))
    this.#host.touched(this)
  }

  #probeAnswered(now: Instant): void {
    this.#knowsStatus = true
    this.#timers.clear('probe')
    if (this.#state !== 'dead') {
      if (this.#state === 'suspect') this.#becomeAlive('it answers Status-Server')
      return
    }
    this.#timers.clear('trial')
    this.#returnAnswers++
    if (this.#returnAnswers >= RETURN_ANSWERS) this.#becomeAlive('it answers Status-Server')
    else this.#timers.set('probe', now + RETURN_PROBE_MS)
  }

  #become(state: ServerState, reason: string): void {
    this.#state = state
    const { server, purposes } = this
    this.#host.put({
      type: 'event',
      event: { type: 'server-state', server: server.id, purposes, state, reason },
    })
  }

  #suspect(reason: string, now: Instant): void {
    if (this.isRemoved || this.#state !== 'alive') return
    this.#become('suspect', reason)
    if (!this.#asksForStatus) this.#timers.set('trial', now + this.#host.limits.trialMs)
    this.#sendProbe(now)
    this.#host.touched(this)
  }

  #becomeAlive(reason: string): void {
    this.#probe.end()
    this.#timers.clear('probe')
    this.#timers.clear('trial')
    this.#become('alive', reason)
  }

  #die(reason: string, now: Instant): void {
    if (this.isRemoved || this.#state === 'dead') return
    const { limits } = this.#host
    const isTls = this.server.transport === 'tls'
    this.#probe.end()
    this.#returnAnswers = 0
    this.#become('dead', reason)
    if (isTls || this.#asksForStatus) this.#timers.set('probe', now + this.#host.jitter(limits.probeMs))
    if (!this.#knowsStatus) this.#timers.set('trial', now + limits.trialMs)
    // A connection on which nothing ever told of itself may yet bring an answer.
    if (isTls && this.#knowsStatus) this.#closeLanes(reason, now)
    this.#host.touched(this)
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
    if (this.#lanes.size === 0) this.#timers.clear('watchdog')
  }
}
