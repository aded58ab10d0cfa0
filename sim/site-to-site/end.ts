import type { Instant } from '@causeway/engine'
import {
  type ConnectionCommand,
  type ConnectionEngine,
  type ConnectionOutput,
  type ConnectionPlan,
  type ConnectionReply,
  type ConnectionStatus,
  createConnection,
  DEFAULT_LIMITS,
  type IncomingAnswer,
  type Reason,
} from '@causeway/site-to-site'
import { formatIpAddress, parseIpAddress } from '@causeway/wire'
import { Calls } from './calls.ts'
import { half } from './ike.ts'
import { Vault } from './vault.ts'
import type { World } from './world.ts'

type OutputOf<Type extends ConnectionOutput['type']> = Extract<ConnectionOutput, { type: Type }>

/** What may end a session that is established; never its certificate, its vault or the clock. */
const GOOD_ENDS: readonly Reason['code'][] = [
  'configuration-changed',
  'superseded',
  'no-child-sa',
  'reset',
  'peer-not-proven',
  'given-up',
  'too-many-sessions',
  'not-configured',
]

/** One end: its engine, its vault, its clock and its name server. Requires of the engine what always holds. */
export class End {
  readonly name: string
  readonly vault = new Vault()
  readonly calls: Calls
  /** Where it is now, as text. */
  address = ''
  /** Its vault and its name server sometimes answer when nobody waits any more. */
  isLate = false
  /** What its clock is wrong by. */
  clockSeconds = 0
  /** What the peer's name resolves to; `undefined`: nothing. */
  resolves: string | undefined
  plan: ConnectionPlan | undefined
  status: ConnectionStatus | undefined
  /** How often a tunnel has gone down. */
  downs = 0
  readonly carries = new Map<string, number | undefined>()
  readonly #world: World
  readonly #answers = new Map<number, IncomingAnswer>()
  readonly #held = new Set<string>()
  #engine: ConnectionEngine
  #age = 0
  #sessions = 0
  #logs: string[] = []
  /** What has ended sessions since the engine last spoke. */
  #causes: string[] = []
  #withdrawn = false
  #asked: number | undefined
  #configuredAt: Instant = 0

  constructor(name: string, world: World) {
    this.name = name
    this.#world = world
    this.calls = new Calls(name)
    this.#engine = this.#create()
  }

  newSession(): number {
    return ++this.#sessions
  }

  nextTimeout(): Instant | undefined {
    return this.#engine.nextTimeout()
  }

  get seconds(): number {
    return this.#world.seconds + this.clockSeconds
  }

  /** What an IKE SA has to be made by. */
  get configuration(): string {
    const { own, digests } = this.plan ?? {}
    return `${own?.type} ${digests?.authentication} ${digests?.ike}`
  }

  configure(plan: ConnectionPlan | undefined): void {
    const before = this.configuration
    this.plan = plan
    if (before !== this.configuration) this.#configuredAt = this.#world.now
    this.command({ type: 'configure', plan })
  }

  command(command: ConnectionCommand): void {
    if (command.type === 'session' && command.event.type === 'closed') this.#causes.push(command.event.reason)
    if (command.type === 'child' && !command.isUp) this.#causes.push('no Child SA')
    this.#engine.handleCommand(command, this.#world.now)
    this.#drain()
  }

  wake(): void {
    const next = this.#engine.nextTimeout()
    if (next === undefined || next > this.#world.now) return
    this.#engine.handleTimeout(this.#world.now)
    this.#drain()
    const then = this.#engine.nextTimeout()
    if (then !== undefined && then <= this.#world.now) this.#engine.handleTimeout(this.#world.now)
    this.#drain()
  }

  /** What the engine says to a peer that wants in. */
  ask(session: number, tunnel: string): IncomingAnswer {
    this.#answers.clear()
    this.command({ type: 'incoming', session, tunnel })
    const answer = this.#answers.get(session)
    if (!answer) throw new Error(`${this.name} does not answer`)
    return answer
  }

  /** Kill -9 and a new process. */
  restart(): void {
    this.#age++
    this.#world.ike.forget(this)
    this.#engine = this.#create()
    this.#held.clear()
    this.#withdrawn = false
    this.carries.clear()
    this.calls.restart()
    this.status = undefined
    this.command({ type: 'configure', plan: this.plan })
  }

  /** One of its tunnels. */
  tunnel(): string {
    return this.#world.pick(this.plan?.tunnels ?? [])?.tunnel ?? 't0'
  }

  policy(): string {
    return this.plan?.digests.ike ?? ''
  }

  /** What it shows when it presents this version, or its shared key. */
  proof(material: string | undefined): string | undefined {
    if (material === undefined) return this.plan?.digests.authentication
    const version = this.vault.versions.get(material)
    return version && `certificate:${version.issuer}`
  }

  trusts(proof: string | undefined): boolean {
    return proof !== undefined && proof === this.plan?.digests.authentication
  }

  requireGoodEnd({ code }: Reason): void {
    if (!GOOD_ENDS.includes(code)) throw new Error(`${this.name} ended a session by ${code}`)
  }

  #create(): ConnectionEngine {
    return createConnection({
      random: () => this.#world.random.fraction(),
      unixSeconds: () => this.seconds,
      nextSession: () => this.newSession(),
    })
  }

  #drain(): void {
    this.#logs = []
    const outputs: ConnectionOutput[] = []
    for (let output = this.#engine.poll(); output; output = this.#engine.poll()) outputs.push(output)
    if (outputs.length > 60) throw new Error(`${this.name} says ${outputs.length} things at once`)
    for (const output of outputs) this.#handle(output)
    this.#requireProof()
    this.#causes = []
  }

  #handle(output: ConnectionOutput): void {
    switch (output.type) {
      case 'request':
        this.#ask(output)
        return
      case 'dial':
        this.#dial(output)
        return
      case 'answer':
        if (output.answer.type === 'accept') this.#requireHeld(output.answer.material)
        this.#answers.set(output.session, output.answer)
        return
      case 'disconnect':
        this.#causes.push(output.reason.message)
        this.#world.ike.disconnect(this, output.session, output.reason)
        return
      case 'carry':
        this.carries.set(output.tunnel, output.session)
        return
      case 'renew-children':
        this.#world.ike.renewChildren(this, output.session)
        return
      case 'release-material':
        this.#release(output.version)
        return
      case 'status':
        this.#judge(output.status)
        this.status = output.status
        return
      case 'log':
        this.#logs.push(output.message)
        return
      case 'expiry-warning':
        this.calls.warn(`${this.#age} ${output.version} ${output.days}`)
        return
      default:
        output satisfies never
    }
  }

  #ask({ id, deadlineMs, request }: OutputOf<'request'>): void {
    const { random, now } = this.#world
    const age = this.#age
    this.calls.request(request.type, now)
    if (request.type === 'fetch-certificate') this.#asked = id
    const late = this.isLate && random.chance(0.02) ? deadlineMs + 1_000 : random.integer(2_000)
    this.#world.after(late, () => {
      const reply = request.type === 'resolve' ? this.#resolve() : this.vault.answer()
      if (!reply || age !== this.#age) return
      if (late < deadlineMs && id === this.#asked) this.#note(reply)
      this.command({ type: 'reply', id, reply })
    })
  }

  /** What the engine may use from now on, and what it may not: silence gives no right back. */
  #note(reply: ConnectionReply): void {
    if (reply.type === 'material') this.#held.add(reply.material.version)
    if (reply.type === 'material') this.#withdrawn = false
    else if (reply.type === 'material-refused' && reply.refusal.reason === 'forbidden') this.#withdrawn = true
  }

  #resolve(): ConnectionReply {
    const address = this.resolves === undefined ? undefined : parseIpAddress(this.resolves)
    return address
      ? { type: 'addresses', addresses: [address] }
      : { type: 'not-resolved', reason: 'SERVFAIL' }
  }

  #dial({ tunnel, session, terms, material, remote }: OutputOf<'dial'>): void {
    if (this.plan?.mode === 'ResponderOnly') throw new Error(`${this.name} dials, and is ResponderOnly`)
    this.#requireHeld(material)
    this.calls.dial(tunnel, this.#world.now)
    this.#world.ike.dial(this, { tunnel, session, terms, material, to: formatIpAddress(remote) })
  }

  #release(version: string): void {
    if (!this.#held.delete(version)) throw new Error(`${this.name} releases what it has not`)
    if (this.#world.ike.uses(this, version))
      throw new Error(`${this.name} releases ${version}, which is in use`)
  }

  #requireHeld(material: string | undefined): void {
    if ((material === undefined) !== (this.plan?.own.type === 'psk'))
      throw new Error(`${this.name} shows ${material ?? 'its key'}, and has to prove itself otherwise`)
    if (material === undefined) return
    if (!this.#held.has(material)) throw new Error(`${this.name} shows ${material}, which is not held`)
    if (this.#withdrawn) throw new Error(`${this.name} shows ${material} without the right to`)
    const notAfter = this.vault.versions.get(material)?.notAfterSeconds ?? 0
    if (this.seconds >= notAfter) throw new Error(`${this.name} shows ${material}, which has expired`)
  }

  /** Never down without its reason in the log. */
  #judge(status: ConnectionStatus): void {
    for (const { tunnel, status: name, reason } of status.tunnels) {
      const before = this.status?.tunnels.find(known => known.tunnel === tunnel)
      if (name === 'Connected' || (before?.status === name && before.reason.message === reason.message))
        continue
      if (before?.status === 'Connected') this.#goDown(tunnel)
      const isSaid = this.#logs.some(line => line.includes(tunnel) && line.includes(reason.message))
      if (!isSaid) throw new Error(`${this.name} is ${name}, and the log does not say ${reason.message}`)
      if (reason.code === 'up') throw new Error(`${this.name} is ${name}, and says that it is up`)
    }
  }

  /** The log says what the world knows to have been the cause. */
  #goDown(tunnel: string): void {
    this.downs++
    const lines = this.#logs.filter(line => line.includes(`tunnel ${tunnel} is down: `))
    if (!lines.some(line => this.#causes.some(cause => line.includes(cause))))
      throw new Error(`${this.name} is down by ${this.#causes.join()}, and the log says ${lines.join()}`)
  }

  /** Never up, and never sending, with a peer that has not proven who it is. */
  #requireProof(): void {
    for (const { tunnel, status } of this.status?.tunnels ?? []) {
      const carrier = this.carries.get(tunnel)
      if ((carrier === undefined) === (status === 'Connected'))
        throw new Error(`${this.name} is ${status} and carries by ${carrier}`)
      if (carrier === undefined) continue
      const sa = this.#world.ike.sa(this, carrier)
      const own = sa && half(sa, this)
      if (!own?.isProven) throw new Error(`${this.name} is up with an unproven peer`)
      const isOld = own.configuration !== this.configuration
      if (isOld && this.#world.now - this.#configuredAt > DEFAULT_LIMITS.oldTermsMs)
        throw new Error(`${this.name} is up by a configuration that is gone`)
    }
  }
}
