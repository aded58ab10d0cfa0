import type { Instant } from '@causeway/engine'
import { type EngineRecorder, SeededRandom } from '@causeway/netsim'
import { type IpAddress, parseIpAddress } from '@causeway/wire'
import { type ConnectionEngine, createConnection } from '../connection.ts'
import type { ConnectionCommand, ConnectionReply, SessionNews } from '../connection-command.ts'
import type { ConnectionOutput } from '../connection-output.ts'
import type { ConnectionPlan } from '../connection-plan.ts'
import type { Material, MaterialRefusalReason } from '../material.ts'

export const BEGINNING_SECONDS = 1_800_000_000
export const DAY_SECONDS = 86_400
export const VAULT_ID = 'https://contoso.vault.example/certificates/site'

export const PSK_PLAN: ConnectionPlan = {
  name: 'to-office',
  mode: 'Default',
  remote: { type: 'address', address: at('198.51.100.1') },
  tunnels: [{ tunnel: 't0', local: at('192.0.2.1') }],
  own: { type: 'psk' },
  digests: { authentication: 'psk 1', ike: 'ike 1', child: 'child 1' },
}

export const CERTIFICATE_PLAN: ConnectionPlan = {
  ...PSK_PLAN,
  own: { type: 'certificate', certificateId: VAULT_ID },
  digests: { ...PSK_PLAN.digests, authentication: 'chain 1' },
}

export function at(text: string): IpAddress {
  const address = parseIpAddress(text)
  if (!address) throw new Error(`${text} is no address`)
  return address
}

type Recorder = EngineRecorder<undefined, ConnectionCommand, ConnectionOutput>
type OutputOf<Type extends ConnectionOutput['type']> = Extract<ConnectionOutput, { type: Type }>
type Established = Extract<SessionNews, { type: 'established' }>

/** A connection engine with its time, its wall clock and all that it has said. */
export class Bench {
  readonly engine: ConnectionEngine
  readonly said: ConnectionOutput[] = []
  now: Instant = 0
  /** What the wall clock is off by. */
  clockSeconds = 0
  #sessions = 0

  constructor(wrap: (engine: ConnectionEngine) => ConnectionEngine | Recorder = engine => engine, seed = 1) {
    this.engine = wrap(
      createTestConnection(
        seed,
        () => this.seconds,
        () => ++this.#sessions,
      ),
    )
  }

  get seconds(): number {
    return BEGINNING_SECONDS + Math.floor(this.now / 1000) + this.clockSeconds
  }

  /** Everything that was said since `forget`, of a type. */
  all<Type extends ConnectionOutput['type']>(type: Type): OutputOf<Type>[] {
    return this.said.filter((output): output is OutputOf<Type> => output.type === type)
  }

  /** The last of a type. Errors: `Error` when there is none. */
  last<Type extends ConnectionOutput['type']>(type: Type): OutputOf<Type> {
    const last = this.all(type).at(-1)
    if (!last) throw new Error(`there is no ${type}`)
    return last
  }

  forget(): void {
    this.said.length = 0
  }

  command(command: ConnectionCommand): void {
    this.engine.handleCommand(command, this.now)
    this.#drain()
  }

  configure(plan: ConnectionPlan | undefined): void {
    this.command({ type: 'configure', plan })
  }

  /** Lets time pass, deadline by deadline. */
  advance(milliseconds: number): void {
    const end = this.now + milliseconds
    for (
      let next = this.engine.nextTimeout();
      next !== undefined && next <= end;
      next = this.engine.nextTimeout()
    ) {
      this.now = Math.max(this.now, next)
      this.engine.handleTimeout(this.now)
      this.#drain()
    }
    this.now = end
  }

  reply(reply: ConnectionReply): void {
    this.command({ type: 'reply', id: this.last('request').id, reply })
  }

  give(version: string, days = 90): void {
    const material: Material = {
      version,
      notAfterSeconds: this.seconds + days * DAY_SECONDS,
      fingerprint: 'f',
    }
    this.reply({ type: 'material', material })
  }

  refuse(reason: MaterialRefusalReason, isTemporary = false): void {
    const refusal = { reason, message: `The vault says ${reason}.`, isTemporary }
    this.reply({ type: 'material-refused', refusal })
  }

  news(session: number, event: SessionNews): void {
    this.command({ type: 'session', session, event })
  }

  /** The last dial comes to a session with a Child SA. */
  connect(changes: Partial<Established> = {}): number {
    const { session, terms, material, tunnel } = this.last('dial')
    this.establish(session, { tunnel, initiator: 'us', terms, material, ...changes })
    return session
  }

  /** A peer begins, is let in, and has a Child SA. */
  comeIn(changes: Partial<Established> = {}): number {
    const session = ++this.#sessions
    this.command({ type: 'incoming', session, tunnel: 't0' })
    const { answer } = this.last('answer')
    if (answer.type === 'refuse') throw new Error(`refused: ${answer.reason.message}`)
    const { terms, material } = answer
    this.establish(session, { tunnel: 't0', initiator: 'peer', terms, material, ...changes })
    return session
  }

  establish(session: number, news: Pick<Established, 'tunnel' | 'initiator' | 'terms' | 'material'>): void {
    this.news(session, { type: 'established', isProven: true, order: `${session}`, ...news })
    this.command({ type: 'child', session, child: 1, isUp: true })
  }

  fail(reason = 'no answer'): void {
    this.news(this.last('dial').session, { type: 'refused', reason, byPeer: false })
  }

  /** Lets time pass in which every dial fails as soon as it is made. */
  failFor(milliseconds: number, reason = 'no answer'): void {
    const end = this.now + milliseconds
    for (let failed = 0; this.now < end; ) {
      const { session } = this.all('dial').at(-1) ?? { session: failed }
      if (session !== failed) this.news(session, { type: 'refused', reason, byPeer: false })
      failed = session
      this.advance(Math.min(this.engine.nextTimeout() ?? end, end) - this.now)
    }
  }

  close(session: number, reason = 'the peer is dead'): void {
    this.news(session, { type: 'closed', reason, byPeer: false })
  }

  get status(): string {
    return this.last('status').status.status
  }

  logged(text: string): boolean {
    return this.all('log').some(({ message }) => message.includes(text))
  }

  #drain(): void {
    for (let output = this.engine.poll(); output; output = this.engine.poll()) this.said.push(output)
  }
}

/** An engine whose randomness the seed determines. */
export function createTestConnection(
  seed: number,
  unixSeconds: () => number,
  nextSession: () => number,
): ConnectionEngine {
  const random = new SeededRandom(seed)
  return createConnection({ random: () => random.fraction(), unixSeconds, nextSession })
}
