import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { createNativeDatapath } from '@causeway/datapath'
import { ClientLoad, createLog } from '@causeway/gateway'
import { type ClientProfile, parseProfile, type SessionEvent, type SessionId } from '@causeway/openvpn'
import { parseAddress } from './access.ts'
import type { Person, SignInPlan, SignInResult } from './sign-in-plan.ts'

// sign-in-load.ts PLAN: signs people in to an OpenVPN server with Causeway's client role, and out again as soon as they
// are in. Prints `done RESULT`.

/** After the last one began; longer than a client's patience. */
const PATIENCE_MILLISECONDS = 20_000

class SignIns {
  readonly #plan: SignInPlan
  readonly #load: ClientLoad
  /** When each that is under way began. */
  readonly #begun = new Map<number, number>()
  readonly #milliseconds: number[] = []
  #refused = 0
  #count = 0
  #settled: () => void = () => undefined

  constructor(plan: SignInPlan) {
    this.#plan = plan
    this.#load = new ClientLoad({
      profile: readProfile(plan.profile),
      log: createLog('error', false),
      createDatapath: onEvents => createNativeDatapath({ workers: 1, onEvents }),
      onEvent: (session, event, connection) => this.#handleEvent(session, event, connection),
    })
  }

  async run(): Promise<SignInResult> {
    const { arrival, warmUp } = this.#plan
    await this.#crowd(warmUp, 1)
    await this.#rest()
    this.#milliseconds.length = 0
    this.#refused = 0
    this.#count = 0
    const start = performance.now()
    if (arrival.type === 'crowd') await this.#crowd(arrival.count, arrival.atOnce)
    else await this.#pace(arrival.count, arrival.perSecond)
    await this.#rest()
    const seconds = (performance.now() - start) / 1_000
    return { milliseconds: this.#milliseconds, refused: this.#refused, lost: this.#begun.size, seconds }
  }

  stop(): Promise<void> {
    return this.#load.stop()
  }

  async #rest(): Promise<void> {
    const end = performance.now() + PATIENCE_MILLISECONDS
    while (this.#begun.size > 0 && performance.now() < end) await this.#oneSettled(end)
  }

  async #crowd(count: number, atOnce: number): Promise<void> {
    while (this.#count < count) {
      if (this.#begun.size < atOnce) await this.#begin()
      else await this.#oneSettled(performance.now() + PATIENCE_MILLISECONDS)
    }
  }

  async #pace(count: number, perSecond: number): Promise<void> {
    const start = performance.now()
    while (this.#count < count) {
      const early = start + (1_000 * this.#count) / perSecond - performance.now()
      if (early > 0) await pause(early)
      await this.#begin()
    }
  }

  async #begin(): Promise<void> {
    const { credentials, source } = this.#next()
    const at = performance.now()
    this.#begun.set(await this.#load.connect({ credentials, local: parseAddress(source) }), at)
  }

  #next(): { readonly credentials: Person; readonly source: string } {
    const { people, sources, isAtHome } = this.#plan
    const turn = this.#count++
    const place = isAtHome ? turn % people.length : Math.floor(turn / people.length) + turn
    const credentials = people[turn % people.length]
    const source = sources[place % sources.length]
    if (!credentials || source === undefined) throw new Error('a plan needs people and sources')
    return { credentials, source }
  }

  #handleEvent(session: SessionId, { type }: SessionEvent, connection: number | undefined): void {
    if (type !== 'established' && type !== 'refused') return
    const begun = connection === undefined ? undefined : this.#begun.get(connection)
    if (connection === undefined || begun === undefined) return
    this.#begun.delete(connection)
    if (type === 'refused') this.#refused++
    else {
      this.#milliseconds.push(performance.now() - begun)
      this.#load.disconnect(session)
    }
    this.#settled()
  }

  #oneSettled(end: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, Math.max(0, end - performance.now()))
      this.#settled = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

function readProfile(path: string): ClientProfile {
  const parsed = parseProfile(readFileSync(path, 'utf8'))
  if (parsed.type === 'profile-fault') throw new Error(`${path}:${parsed.line}: ${parsed.reason}`)
  return parsed.profile
}

const signIns = new SignIns(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as SignInPlan)
const result = await signIns.run()
console.log(`done ${JSON.stringify(result)}`)
await signIns.stop()
process.exit(0)
