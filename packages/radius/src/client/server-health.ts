import { type Instant, TimerTable } from '@causeway/engine'
import { PROBES, type RadiusLimits, RETURN_ANSWERS, RETURN_PROBE_MS } from '../limits.ts'
import type { ServerState } from './client-output.ts'
import type { Probe } from './probe.ts'

/** What health needs of the target whose it is. */
export interface HealthHost {
  readonly limits: RadiusLimits
  readonly probe: Probe
  /** RadSec: a connection by itself tells that the server is there. */
  readonly isStream: boolean
  /** Whether Status-Server may be asked. */
  asksForStatus(): boolean
  hasLanes(): boolean
  jitter(milliseconds: number): number
  /** The state is another one. */
  changed(state: ServerState, reason: string): void
  /** Sends the probe, a new one or the same again, as far as there is a way. */
  sendProbe(now: Instant): void
  /** Makes a connection, if there is none. */
  connect(now: Instant): void
  closeLanes(reason: string, now: Instant): void
}

type HealthTimer =
  /** The next Status-Server or connection of a suspect or dead server is due, or one has had its time. */
  | 'probe'
  /** A server that does not know Status-Server is given another chance. */
  | 'trial'
  /** A TLS connection has been silent. */
  | 'watchdog'

/**
 * Whether a server answers, as far as can be told.
 *
 * ```
 *          silent to a request             silent to probes too
 *  alive ----------------------> suspect ----------------------> dead
 *    ^         any answer           |                              |
 *    +------------------------------+   answers to three probes,   |
 *    +--------------------------------- or a time has passed ------+
 * ```
 */
export class ServerHealth {
  readonly #host: HealthHost
  readonly #timers = new TimerTable<HealthTimer>()
  #state: ServerState = 'alive'
  #heardAt: Instant | undefined
  #returnAnswers = 0
  #knowsStatus = false
  #isStopped = false

  constructor(host: HealthHost) {
    this.#host = host
  }

  get state(): ServerState {
    return this.#state
  }

  /** Whether a genuine answer, to anything, has come later than that: one of the same moment may be older. */
  heardSince(since: Instant): boolean {
    return this.#heardAt !== undefined && this.#heardAt > since
  }

  /** A genuine answer came, to a request or to the probe. */
  heard(isProbe: boolean, now: Instant): void {
    this.#heardAt = now
    if (this.#timers.deadline('watchdog') !== undefined) this.#watch(now)
    if (isProbe) this.#probeAnswered()
    else if (this.#state !== 'alive') this.#revive('it answers')
  }

  connected(now: Instant): void {
    if (this.#state === 'dead') this.#revive('connected')
    this.#watch(now)
  }

  /** There is no connection to watch. */
  rest(): void {
    this.#timers.clear('watchdog')
  }

  suspect(reason: string, now: Instant): void {
    if (this.#isStopped || this.#state !== 'alive') return
    this.#become('suspect', reason)
    this.#ask(now)
  }

  /** A request gives up waiting. Without a probe under way that is all there is to know. */
  gaveUp(since: Instant, now: Instant): void {
    if (this.#state !== 'suspect' || this.heardSince(since) || this.#host.probe.isWaiting) return
    this.die('a request was given up', now)
  }

  die(reason: string, now: Instant): void {
    if (this.#isStopped || this.#state === 'dead') return
    const { limits, probe, isStream } = this.#host
    probe.end()
    this.#returnAnswers = 0
    this.#become('dead', reason)
    if (isStream || this.#host.asksForStatus())
      this.#timers.set('probe', now + this.#host.jitter(limits.probeMs))
    if (!this.#knowsStatus) this.#timers.set('trial', now + limits.trialMs)
    // A connection on which nothing ever told of itself may yet bring an answer.
    if (isStream && this.#knowsStatus) this.#host.closeLanes(reason, now)
  }

  stop(): void {
    this.#isStopped = true
    this.#timers.clearAll()
  }

  nextTimeout(): Instant | undefined {
    return this.#timers.next()
  }

  handleTimeout(now: Instant): void {
    for (const timer of this.#timers.takeDue(now)) this.#handleTimer(timer, now)
  }

  #handleTimer(timer: HealthTimer, now: Instant): void {
    switch (timer) {
      case 'probe':
        this.#handleProbeTimer(now)
        return
      case 'trial':
        if (this.#state !== 'alive') this.#revive('on trial')
        return
      case 'watchdog':
        if (!this.#host.hasLanes()) return
        this.#watch(now)
        if (this.#state === 'alive') this.#ask(now)
        return
      default:
        timer satisfies never
    }
  }

  #handleProbeTimer(now: Instant): void {
    const { probe } = this.#host
    const isDead = this.#state === 'dead'
    const isOver = probe.sends >= (isDead ? 1 : PROBES)
    if (isOver) probe.end()
    if (isDead || !isOver) this.#ask(now)
    // Of a server that is only watched, silence means something once it has shown that it knows the question.
    else if (this.#state === 'suspect' || this.#knowsStatus) this.die('it does not answer Status-Server', now)
  }

  /** Asks whether the server is there, and sets the time by which it is answered or asked again. */
  #ask(now: Instant): void {
    const { limits, isStream, probe } = this.#host
    const isDead = this.#state === 'dead'
    if (this.#host.asksForStatus()) this.#host.sendProbe(now)
    else if (isDead && isStream) this.#host.connect(now)
    else {
      if (this.#state !== 'alive') this.#timers.set('trial', now + limits.trialMs)
      return
    }
    const wait = isDead ? limits.probeMs : limits.retransmitMs * 2 ** Math.max(0, probe.sends - 1)
    this.#timers.set('probe', now + this.#host.jitter(wait))
  }

  #probeAnswered(): void {
    this.#knowsStatus = true
    this.#timers.clear('probe')
    if (this.#state === 'alive') return
    if (this.#state === 'suspect' || ++this.#returnAnswers >= RETURN_ANSWERS) {
      this.#revive('it answers Status-Server')
      return
    }
    this.#timers.clear('trial')
    this.#timers.set('probe', (this.#heardAt ?? 0) + RETURN_PROBE_MS)
  }

  #watch(now: Instant): void {
    this.#timers.set('watchdog', now + this.#host.limits.watchdogMs)
  }

  #revive(reason: string): void {
    this.#host.probe.end()
    this.#timers.clear('probe')
    this.#timers.clear('trial')
    this.#become('alive', reason)
  }

  #become(state: ServerState, reason: string): void {
    this.#state = state
    this.#host.changed(state, reason)
  }
}
