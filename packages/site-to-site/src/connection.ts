import { type Engine, type Instant, Outbox } from '@causeway/engine'
import { sameIpAddress } from '@causeway/wire'
import type { ConnectionCommand, ConnectionReply, RequestId, SessionId } from './connection-command.ts'
import type { ConnectionOutput, ConnectionRequest, Reason } from './connection-output.ts'
import { type ConnectionPlan, planChange, type TunnelPlan } from './connection-plan.ts'
import { DialPace } from './dial-pace.ts'
import { IncomingJudge } from './incoming.ts'
import { type ConnectionLimits, DEFAULT_LIMITS } from './limits.ts'
import { type Credential, OwnCertificate } from './own-certificate.ts'
import { PeerAddress } from './peer-address.ts'
import { StatusReport } from './status-report.ts'
import type { Surroundings } from './surroundings.ts'
import { Tunnel, type TunnelView } from './tunnel.ts'

/** The life of one connection. Packets are IKE's: it has none of its own. */
export type ConnectionEngine = Omit<Engine<never, ConnectionCommand, ConnectionOutput>, 'handleDatagram'>

export interface ConnectionOptions {
  /** 0 ≤ value < 1; spreads waits, keeps no secret. */
  readonly random: () => number
  /** The wall clock, which may jump. Used for the certificate's end and for what is shown, and for no wait. */
  readonly unixSeconds: () => number
  /** A session id that no other connection has had; for dials. */
  readonly nextSession: () => SessionId
  readonly limits?: Partial<ConnectionLimits>
}

/** Creates the engine of a connection; it does nothing until it is configured. */
export function createConnection(options: ConnectionOptions): ConnectionEngine {
  return new Connection(options)
}

const PSK: Credential = { type: 'usable', material: undefined }
const UNCONFIGURED: Reason = { code: 'not-configured', message: 'the connection is not configured' }
const RESET: Reason = { code: 'reset', message: 'the connection was reset' }
const CHANGED: Reason = { code: 'configuration-changed', message: 'the place of an end has changed' }

class Connection implements ConnectionEngine {
  readonly #outbox = new Outbox<ConnectionOutput>()
  readonly #certificate: OwnCertificate
  readonly #address: PeerAddress
  readonly #incoming: IncomingJudge
  readonly #report: StatusReport
  readonly #around: Surroundings
  readonly #tunnels = new Map<string, Tunnel>()
  /** Versions of our certificate that the outside holds for us. */
  readonly #versions = new Set<string>()
  #plan: ConnectionPlan | undefined
  #terms = 0
  #requests = 0

  constructor({ random, unixSeconds, nextSession, limits }: ConnectionOptions) {
    const put = (output: ConnectionOutput): void => this.#outbox.put(output)
    const log: Surroundings['log'] = (level, code, message, change) =>
      put({ type: 'log', level, code, message, ...(change && { change }) })
    const request = (asked: ConnectionRequest, deadlineMs: number): RequestId => {
      put({ type: 'request', id: ++this.#requests, deadlineMs, request: asked })
      return this.#requests
    }
    const all = { ...DEFAULT_LIMITS, ...limits }
    const pace = new DialPace(all.dialsPerMinute)
    this.#around = { limits: all, pace, random, unixSeconds, nextSession, put, log, request }
    this.#certificate = new OwnCertificate(this.#around)
    this.#address = new PeerAddress(this.#around)
    this.#incoming = new IncomingJudge(this.#around)
    this.#report = new StatusReport(this.#around)
  }

  handleCommand(command: ConnectionCommand, now: Instant): void {
    this.#take(command, now)
    this.#attend(now)
  }

  handleTimeout(now: Instant): void {
    const next = this.nextTimeout()
    if (next === undefined || next > now) return
    for (const timer of this.#certificate.timers.takeDue(now)) this.#certificate.handleTimeout(timer, now)
    for (const timer of this.#address.timers.takeDue(now)) {
      this.#address.handleTimeout(timer, now)
      this.#wake()
    }
    for (const tunnel of this.#tunnels.values())
      for (const timer of tunnel.timers.takeDue(now)) tunnel.handleTimeout(timer, now)
    this.#attend(now)
  }

  poll(): ConnectionOutput | undefined {
    return this.#outbox.take()
  }

  nextTimeout(): Instant | undefined {
    const parts = [this.#certificate, this.#address, ...this.#tunnels.values()]
    const deadlines = parts.flatMap(({ timers }) => timers.next() ?? [])
    return deadlines.length > 0 ? Math.min(...deadlines) : undefined
  }

  #take(command: ConnectionCommand, now: Instant): void {
    switch (command.type) {
      case 'configure':
        if (command.plan) this.#configure(command.plan, now)
        else this.#unconfigure(now)
        return
      case 'reply':
        this.#reply(command.id, command.reply, now)
        return
      case 'incoming':
        this.#answer(command.session, command.tunnel)
        return
      case 'session':
        for (const tunnel of this.#meant(command)) tunnel.handleNews(command.session, command.event, now)
        return
      case 'child':
        for (const tunnel of this.#tunnels.values())
          tunnel.handleChild(command.session, command.child, command.isUp)
        return
      case 'reset':
        this.#reset(now)
        return
      case 'material-changed':
        this.#certificate.hint(now)
        return
      default:
        command satisfies never
    }
  }

  #attend(now: Instant): void {
    for (const tunnel of this.#tunnels.values()) tunnel.attend(now)
    this.#report.tell(this.#plan?.name, [...this.#tunnels.values()])
    this.#release()
  }

  #configure(plan: ConnectionPlan, now: Instant): void {
    const before = this.#plan
    const change = before && planChange(before, plan)
    this.#plan = plan
    if (!change || change.renewsIke) this.#terms++
    this.#certificate.configure(plan.own.type === 'certificate' ? plan.own.certificateId : undefined, now)
    this.#address.configure(plan.remote)
    this.#fit(plan.tunnels, now)
    for (const tunnel of this.#tunnels.values()) {
      if (change?.relocates) tunnel.restart(CHANGED, now)
      else if (change?.renewsIke) tunnel.changeTerms(now)
      else if (change?.renewsChildren) tunnel.renewChildren()
    }
    // What a dial waited for may be there by the change itself.
    this.#wake()
  }

  /** Makes the tunnels of the plan, and ends those that it no longer has. */
  #fit(plans: readonly TunnelPlan[], now: Instant): void {
    const kept = new Map<string, Tunnel>()
    for (const { tunnel: name, local } of plans) {
      const before = this.#tunnels.get(name)
      const isKept = before && sameIpAddress(local, before.local)
      const tunnel = isKept ? before : new Tunnel(name, local, this.#around, this.#view())
      if (before && !isKept) tunnel.restart(CHANGED, now)
      kept.set(name, tunnel)
    }
    for (const [name, tunnel] of this.#tunnels) if (kept.get(name) !== tunnel) tunnel.stop(CHANGED, now)
    this.#tunnels.clear()
    for (const [name, tunnel] of kept) this.#tunnels.set(name, tunnel)
  }

  #unconfigure(now: Instant): void {
    for (const tunnel of this.#tunnels.values()) tunnel.stop(UNCONFIGURED, now)
    this.#tunnels.clear()
    this.#plan = undefined
    this.#certificate.configure(undefined, now)
    this.#address.configure(undefined)
  }

  #reset(now: Instant): void {
    this.#address.forget()
    this.#certificate.hint(now)
    for (const tunnel of this.#tunnels.values()) tunnel.restart(RESET, now)
  }

  #reply(id: RequestId, reply: ConnectionReply, now: Instant): void {
    const isWanted =
      this.#certificate.handleReply(id, reply, now) || this.#address.handleReply(id, reply, now)
    if (!isWanted) return
    const { version } = this.#certificate
    if (version !== undefined) this.#versions.add(version)
    this.#wake()
  }

  #wake(): void {
    for (const tunnel of this.#tunnels.values()) tunnel.wake()
  }

  #answer(session: SessionId, name: string): void {
    const answer = this.#incoming.judge({
      mode: this.#plan?.mode,
      tunnel: this.#tunnels.get(name),
      terms: this.#terms,
      credential: this.#credential(),
    })
    this.#around.put({ type: 'answer', session, answer })
  }

  /** The tunnels that news of a session may be for. What was established for none of them ends. */
  #meant({ session, event }: Extract<ConnectionCommand, { type: 'session' }>): readonly Tunnel[] {
    if (event.type !== 'established') return [...this.#tunnels.values()]
    const tunnel = this.#tunnels.get(event.tunnel)
    if (tunnel) return [tunnel]
    const reason: Reason = { code: 'unknown-tunnel', message: 'the connection has no such tunnel' }
    this.#around.put({ type: 'disconnect', session, reason })
    return []
  }

  #view(): TunnelView {
    return {
      mode: () => this.#plan?.mode ?? 'ResponderOnly',
      terms: () => this.#terms,
      credential: () => this.#credential(),
      place: now => this.#address.place(now),
    }
  }

  #credential(): Credential {
    return this.#plan?.own.type === 'certificate' ? this.#certificate.credential() : PSK
  }

  /** Lets go of the versions that neither new sessions nor those that are there use. */
  #release(): void {
    if (this.#versions.size === 0) return
    const used = new Set([...this.#tunnels.values()].flatMap(tunnel => tunnel.versions()))
    for (const version of this.#versions) {
      if (version === this.#certificate.version || used.has(version)) continue
      this.#versions.delete(version)
      this.#around.put({ type: 'release-material', version })
    }
  }
}
