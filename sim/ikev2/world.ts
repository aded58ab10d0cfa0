import type { ChildId, Ikev2Command, Ikev2Output, Path, SessionEvent, SessionId } from '@causeway/ikev2'
import { type LinkOptions, type LossyLink, Pair, SeededRandom } from '@causeway/netsim'
import { natRoutes, plainRoutes, type Route } from '../../packages/ikev2/src/testing/routes.suite.ts'
import { isReceived, sasOf, selectedOf } from './agreement.ts'
import { End, type TimedCommand } from './end.ts'
import { firstRoutes, type Life } from './life.ts'

/** What a life has come to. */
export interface Tally {
  childRekeys: number
  ikeRekeys: number
  /** Times that both ends made a successor of the same SA at once, and one of them went. */
  childCrossings: number
  ikeCrossings: number
  sessions: number
  moves: number
  /** Longest time that what an end sent by a selected SA was not received. Milliseconds. */
  longestGap: number
}

/** Who has been rekeyed by the peer and is not deleted by it is deleted after so long (`limits.ts`). */
const REPLACED_MS = 120_000
/** After the last repeat of a request its session is given up: the longest that two ends may differ, by themselves. */
const RETRANSMISSION_MS = 160_000

/** Both ends of a life, and the gateways' part in it: who is gone is called again. */
export class World {
  readonly life: Life
  readonly random: SeededRandom
  readonly routes: Route[]
  readonly initiator: End
  readonly responder: End
  readonly pair: Pair<Path, TimedCommand, Ikev2Output, Path, TimedCommand, Ikev2Output>
  readonly tally: Tally = {
    childRekeys: 0,
    ikeRekeys: 0,
    childCrossings: 0,
    ikeCrossings: 0,
    sessions: 0,
    moves: 0,
    longestGap: 0,
  }
  /** What came out, for a failure's report. */
  readonly trace: string[] = []
  #session: SessionId = 0
  #ending = false
  #changed = true
  /** SPIs that were selected. */
  readonly #used = new Set<number>()
  #ikeSas = 0
  /** Something has happened that the ends find out by liveness only. */
  #disturbed = false
  /** SAs that the other end does not have, and since when. */
  #alone = new Map<string, number>()
  /** Gentle: traffic has passed both ways, and has to go on. */
  #flowing = false
  readonly #traces: boolean

  constructor(life: Life, traces = false) {
    const { seed, link } = life
    this.life = life
    this.#traces = traces
    this.random = new SeededRandom(seed * 7919)
    this.routes = firstRoutes(life)
    const shared = {
      seed,
      routes: this.routes,
      watch: (output: Ikev2Output, end: End) => this.#watch(output, end),
    }
    const received = (at: () => End, from: () => End) => () =>
      selectedOf(from().gateway).filter(sa => isReceived(sa, sasOf(at().gateway))).length
    this.initiator = new End({
      ...shared,
      name: 'initiator',
      terms: life.initiator,
      received: received(
        () => this.initiator,
        () => this.responder,
      ),
    })
    this.responder = new End({
      ...shared,
      name: 'responder',
      terms: life.responder,
      received: received(
        () => this.responder,
        () => this.initiator,
      ),
    })
    this.pair = new Pair(this.initiator.side(link), this.responder.side(link), {
      random: new SeededRandom(seed),
    })
  }

  get ends(): readonly [End, End] {
    return [this.initiator, this.responder]
  }

  connect(afterMilliseconds = 0): void {
    if (this.#ending) return
    const [plain, encapsulated] = this.routes as [Route, Route]
    const command = {
      type: 'connect',
      session: ++this.#session,
      path: plain.initiator,
      encapsulatedPath: encapsulated.initiator,
      terms: this.life.initiator,
    } as const
    this.command(this.initiator, command, afterMilliseconds)
  }

  command(end: End, command: Ikev2Command, afterMilliseconds = 0): void {
    if (this.#traces) this.#note(end, `<- ${describe(command)} in ${afterMilliseconds}`)
    const side = end === this.initiator ? this.pair.a : this.pair.b
    side.command(end.timed(command), afterMilliseconds)
  }

  /** Lets time pass, and holds both ends to what they owe each other. */
  advance(milliseconds: number): void {
    const end = this.pair.clock.now + milliseconds
    this.pair.run(() => {
      this.#check()
      return this.pair.clock.now >= end
    }, milliseconds)
    this.#changed = true
    this.#check()
  }

  restart(end: End): void {
    this.#note(end, 'RESTART')
    end.restart()
    this.#disturbed = true
    this.#changed = true
    if (end === this.initiator) this.connect(1000)
  }

  /** Nothing passes by these links for so long. */
  outage(links: readonly LossyLink[], milliseconds: number): void {
    this.#disturbed = true
    this.silence(links, milliseconds)
  }

  /** The same, for less than any request is repeated. */
  silence(links: readonly LossyLink[], milliseconds: number): void {
    const before = links.map(link => link.options)
    for (const link of links) link.options = { ...link.options, loss: 1 }
    this.advance(milliseconds)
    links.forEach((link, i) => {
      link.options = before[i] as LinkOptions
    })
  }

  /** The NAT gives the initiator's ports others outside; ESP shows the responder where it is now. */
  rebind(): void {
    const port = 33_000 + this.random.integer(1000)
    const moved = natRoutes([port, port + 1])
    this.routes[0] = moved[0] as Route
    this.routes[1] = moved[1] as Route
    for (const child of this.responder.gateway.flows.keys()) this.#showPath(child)
  }

  /** ESP comes from where the initiator is now. */
  #showPath(child: ChildId): void {
    const path = (this.routes[1] as Route).responder
    this.command(this.responder, { type: 'moved', child, path }, 50)
  }

  /** The initiator is somewhere else, beside where it was. */
  roam(): void {
    const routes = plainRoutes(`203.0.113.${1 + this.random.integer(250)}`)
    this.routes.push(...routes)
    for (const session of this.sessionsOf(this.initiator))
      this.command(this.initiator, { type: 'use-path', session, path: (routes[1] as Route).initiator })
  }

  /** Sessions that have a flow. */
  sessionsOf({ gateway }: End): SessionId[] {
    return [...new Set([...gateway.flows.values()].map(({ session }) => session))]
  }

  /** Both are told to end, and nothing may be left. Errors: `Error` when something is. */
  end(): void {
    this.#ending = true
    this.#flowing = false
    const healthy = { loss: 0, corruption: 0 }
    for (const { link } of [this.pair.a, this.pair.b]) link.options = { ...link.options, ...healthy }
    for (const end of this.ends)
      if (end === this.initiator || this.random.chance(0.5))
        for (let session = 0; session <= this.#session + 64; session++)
          this.command(end, { type: 'disconnect', session, reason: 'the end' })
    const rest =
      1000 * (Math.max(this.life.initiator.livenessSeconds, this.life.responder.livenessSeconds) + 600)
    this.advance(rest)
    for (const session of this.sessionsOf(this.responder))
      this.command(this.responder, { type: 'disconnect', session, reason: 'the peer is silent' })
    this.advance(rest)
    for (const end of this.ends) requireNothing(end)
  }

  #watch(output: Ikev2Output, end: End): void {
    if (this.#traces) this.#note(end, describeOutput(output))
    if (output.type === 'open-flow' && end === this.responder && this.life.nat) this.#showPath(output.child)
    this.#countCrossing(output, end)
    if (output.type === 'event') this.#follow(output.event, output.session, end)
    else if (output.type.endsWith('-sa') || output.type.endsWith('-flow')) this.#changed = true
  }

  /** A redundant successor goes as it came: nothing was ever sent by it. */
  #countCrossing(output: Ikev2Output, end: End): void {
    if (output.type === 'select-sa') this.#used.add(output.receiveSpi)
    if (output.type !== 'remove-sa' || end !== this.initiator) return
    const stays = (end.gateway.flows.get(output.child)?.sas.size ?? 0) > 1
    if (stays && !this.#used.has(output.receiveSpi)) this.tally.childCrossings++
  }

  /** What the gateways do of themselves. */
  #follow(event: SessionEvent, session: SessionId | undefined, end: End): void {
    const { tally } = this
    switch (event.type) {
      case 'established':
        tally.sessions++
        if (end === this.responder && session !== undefined) this.#forgetOlder(session)
        return
      case 'closed':
      case 'refused':
        this.#flowing = false
        if (event.type === 'closed') this.#requireCause(event.reason)
        if (end === this.initiator && session === this.#session) this.connect(500 + this.random.integer(3000))
        return
      case 'child-closed':
        this.#flowing = false
        if (end === this.initiator && session === this.#session) this.#replenish(session, event.reason)
        return
      case 'child-rekeyed':
        if (!event.byPeer) tally.childRekeys++
        return
      case 'ike-rekeyed':
        if (!event.byPeer) tally.ikeRekeys++
        return
      case 'moved':
        tally.moves++
        return
      default:
    }
  }

  /**
   * In a gentle life a session only ends because all repeats of a request were lost, or because IKE_SA_INIT came
   * changed, which shows in IKE_AUTH.
   */
  #requireCause(reason: string): void {
    const causes = [
      'the peer no longer answers',
      'INITIAL_CONTACT',
      'the peer ends the IKE SA with AUTHENTICATION_FAILED',
    ]
    if (this.life.manner === 'gentle' && !this.#ending && !causes.includes(reason))
      throw new Error(`a session ends: ${reason}`)
  }

  /** INITIAL_CONTACT: what there is of the same peer is dead. */
  #forgetOlder(session: SessionId): void {
    for (const older of this.sessionsOf(this.responder))
      if (older !== session)
        this.command(this.responder, {
          type: 'disconnect',
          session: older,
          reason: 'INITIAL_CONTACT',
          silent: true,
        })
  }

  #replenish(session: SessionId, reason: string): void {
    if (this.#ending || [...this.initiator.gateway.flows.values()].some(flow => flow.session === session))
      return
    const { local, remote } = this.life.initiator
    this.#note(this.initiator, `no flow is left: ${reason}`)
    this.command(
      this.initiator,
      { type: 'create-child', session, local, remote },
      100 + this.random.integer(5000),
    )
  }

  #check(): void {
    const { now } = this.pair.clock
    const ikeSas = Math.min(...this.ends.map(({ engine }) => engine.ikeSaCount))
    if (ikeSas > 2 && this.#ikeSas <= 2) this.tally.ikeCrossings++
    this.#ikeSas = ikeSas
    if (this.#changed) this.#compare(now)
    for (const [what, since] of this.#alone) {
      this.tally.longestGap = Math.max(this.tally.longestGap, what.startsWith('sends') ? now - since : 0)
      if (now - since > this.#patience(what))
        throw new Error(`${what} and the other end does not have it, since ${since}`)
    }
    if (this.#flowing && this.#alone.size > 0)
      for (const what of this.#alone.keys())
        if (what.startsWith('sends')) throw new Error(`interrupted: ${what}`)
  }

  /**
   * How long an end may have an SA that the other does not have. Once an end has forgotten everything, or nothing
   * has passed for long, the other finds out by its second question for life (the first may still count old packets).
   */
  #patience(what: string): number {
    const { initiator, responder } = this.life
    const liveness = 1000 * Math.max(initiator.livenessSeconds, responder.livenessSeconds)
    const selfless = what.startsWith('sends') ? 0 : REPLACED_MS
    return RETRANSMISSION_MS + (this.#disturbed ? 2 * liveness + RETRANSMISSION_MS : selfless)
  }

  #compare(now: number): void {
    this.#changed = false
    const alone = new Map<string, number>()
    const [a, b] = this.ends
    for (const [end, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const there = sasOf(other.gateway)
      for (const [child, { selected }] of end.gateway.flows) {
        const what = `sends nothing: ${end.name} by flow ${child}`
        if (selected === undefined) alone.set(what, this.#alone.get(what) ?? now)
      }
      const selected = selectedOf(end.gateway)
      for (const sa of sasOf(end.gateway)) {
        if (isReceived(sa, there)) continue
        const what = `${selected.includes(sa) ? 'sends' : 'has'} ${end.name} ${sa.receiveSpi}/${sa.sendSpi}`
        alone.set(what, this.#alone.get(what) ?? now)
      }
    }
    this.#alone = alone
    const flows = this.ends.map(({ gateway }) => selectedOf(gateway).length)
    if (
      this.life.manner === 'gentle' &&
      alone.size === 0 &&
      flows[0] === 1 &&
      flows[1] === 1 &&
      !this.#ending
    )
      this.#flowing = true
  }

  #note(end: End, text: string): void {
    if (this.#traces) this.trace.push(`${this.pair.clock.now.toFixed(0)} ${end.name} ${text}`)
  }
}

function requireNothing({ name, engine, gateway }: End): void {
  const { sessionCount, halfOpenCount, ikeSaCount, espSpiCount, openRequestCount } = engine
  const left = {
    ...{ sessionCount, halfOpenCount, ikeSaCount, espSpiCount, openRequestCount },
    flows: gateway.flows.size,
    timers: engine.nextTimeout() === undefined ? 0 : 1,
  }
  if (Object.values(left).some(count => count > 0))
    throw new Error(`${name} has left: ${JSON.stringify(left)}`)
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function describeOutput(output: Ikev2Output): string {
  if (output.type === 'send') return `send ${output.bytes.length} ${hex(output.bytes.subarray(0, 28))}`
  if (output.type === 'install-sa')
    return `install ${output.child} ${output.sa.receiveSpi}/${output.sa.sendSpi}`
  return describe(output)
}

function describe(value: object): string {
  const left = new Set(['path', 'encapsulatedPath', 'terms', 'local', 'remote'])
  return JSON.stringify(value, (key, inner: unknown) => (left.has(key) ? undefined : inner))
}
