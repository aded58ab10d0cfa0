import { CODES } from '@causeway/radius'
import { asciiBytes } from '@causeway/wire'
import { Bench, tlsServer, udpServer } from '../../packages/radius/src/testing/bench.suite.ts'
import { answerTo, RADSEC, readRequest } from '../../packages/radius/src/testing/server.suite.ts'
import type { FuzzTarget } from '../target.ts'

/** Steps of one input. */
const MOST_STEPS = 120
/** From a request to its answer. */
const TOTAL_MS = 30_000
/** By then every request has its answer and every server its state. */
const REST_MS = 40_000

const SERVERS = [udpServer('a'), udpServer('b', { statusServer: false }), tlsServer('c')]

type Steps = readonly ((stage: Stage, value: number) => void)[]

/** What an input may do; the first byte of a step chooses, the second is its value. */
const STEPS: Steps = [
  (stage, value) => stage.ask(value),
  (stage, value) => stage.record(value),
  (stage, value) => stage.bench.advance(value * 10),
  (stage, value) => stage.bench.advance(value * 100),
  (stage, value) => stage.silence(value),
  (stage, value) => stage.change(value),
  (stage, value) => stage.lose(value),
  (stage, value) => stage.forge(value),
  (stage, value) => stage.configure(value),
  (stage, value) => stage.cancel(value),
]

/** A client among servers that fall silent, break and are forged. */
class Stage {
  readonly bench: Bench
  readonly #asked = new Map<number, number>()
  #accepted = 0
  #silent = 0
  #nextId = 1

  constructor(seed: number) {
    this.bench = new Bench({
      servers: SERVERS,
      seed,
      connects: server => !this.#isSilent(server),
      respond: (request, server) => {
        if (this.#isSilent(server)) return undefined
        const refuses = request.code === CODES.ACCESS_REQUEST && request.identifier % 3 === 0
        if (request.code === CODES.ACCESS_REQUEST && !refuses) this.#accepted++
        const secret = server === 'c' ? { secret: RADSEC } : {}
        return answerTo(request, { ...secret, ...(refuses ? { code: CODES.ACCESS_REJECT } : {}) })
      },
    })
  }

  ask(count: number): void {
    for (let i = 0; i <= count % 4; i++) this.#begin(id => this.bench.access(id))
  }

  record(value: number): void {
    const status = value % 2 === 0 ? 'start' : 'stop'
    const record = { status, sessionId: `s${value}` } as const
    this.#begin(id => this.bench.command({ type: 'accounting', id, record, attributes: [] }))
  }

  silence(value: number): void {
    this.#silent = value
  }

  /** One of the last datagrams comes back with a byte changed, from its server. */
  change(value: number): void {
    const sent = this.bench.sent.at(-1 - (value % 4))
    if (sent?.server === 'c' || !sent || !this.bench.lanes.has(sent.lane)) return
    const answer = answerTo(readRequest(sent.bytes))
    const at = value % answer.length
    answer[at] = (answer[at] as number) ^ 0x10
    this.bench.receive(sent.lane, answer)
  }

  lose(value: number): void {
    const lanes = [...this.bench.lanes.keys()]
    const lane = lanes[value % Math.max(1, lanes.length)]
    if (lane === undefined) return
    this.bench.lanes.delete(lane)
    this.bench.command({ type: 'closed', lane, reason: 'reset' })
  }

  /** An accept of somebody who does not know the secret. */
  forge(value: number): void {
    const sent = this.bench.sent.at(-1 - (value % 4))
    if (sent?.server === 'c' || !sent || !this.bench.lanes.has(sent.lane)) return
    const secret = asciiBytes(`guess ${value}`)
    this.bench.receive(sent.lane, answerTo(readRequest(sent.bytes), { secret }))
  }

  configure(value: number): void {
    const servers = SERVERS.filter((_, i) => (value & (1 << i)) === 0)
    this.bench.command({ type: 'servers', servers })
  }

  cancel(value: number): void {
    const id = [...this.#asked.keys()].at(-1 - (value % 4))
    if (id === undefined || this.bench.answers.has(id)) return
    this.bench.command({ type: 'cancel', id })
    this.#asked.delete(id)
  }

  /** Every request has had one answer in time, nothing is left of it, and nobody came in by himself. */
  finish(): void {
    this.bench.advance(REST_MS)
    for (const [id, at] of this.#asked) {
      const answered = this.bench.answeredAt.get(id)
      if (answered === undefined || answered > at + TOTAL_MS) throw new Error(`${id} has no answer in time`)
    }
    if (this.bench.answers.size > this.#asked.size + this.#cancelled()) throw new Error('answers to nothing')
    const accepts = [...this.bench.answers.values()].filter(({ type }) => type === 'accept').length
    if (accepts > this.#accepted) throw new Error(`${accepts} accepts of ${this.#accepted}`)
    if (this.bench.client.sizes.requests > 0) throw new Error('requests are left')
  }

  #begin(act: (id: number) => void): void {
    const id = this.#nextId++
    this.#asked.set(id, this.bench.now)
    act(id)
  }

  #cancelled(): number {
    return this.#nextId - 1 - this.#asked.size
  }

  #isSilent(server: string): boolean {
    return (this.#silent & (1 << (server.charCodeAt(0) - 97))) !== 0
  }
}

/** A client through whatever may become of its servers. */
export const radiusClient: FuzzTarget = {
  name: 'radius-client',
  seeds: () =>
    [
      [1, 0, 0, 2, 5],
      // The first falls silent, then all; they come back.
      [2, 0, 3, 4, 1, 0, 1, 3, 255, 0, 2, 4, 7, 0, 0, 3, 255, 3, 255, 4, 0, 0, 1, 3, 200],
      // Only the connection is left; it breaks, and is made again.
      [3, 8, 3, 0, 3, 2, 3, 6, 0, 2, 200, 4, 4, 0, 0, 3, 30, 4, 0, 3, 200],
      // Forgeries between, records, a change of servers under way.
      [4, 4, 7, 0, 1, 5, 30, 7, 1, 1, 2, 3, 50, 8, 1, 5, 9, 4, 0, 3, 100, 9, 0, 8, 7, 0, 0],
    ].map(bytes => Uint8Array.from(bytes)),
  run: input => {
    const stage = new Stage(input[0] ?? 0)
    const steps = Math.min(MOST_STEPS, Math.floor((input.length - 1) / 2))
    for (let i = 0; i < steps; i++) {
      const step = STEPS[(input[1 + 2 * i] as number) % STEPS.length]
      step?.(stage, input[2 + 2 * i] as number)
    }
    stage.finish()
  },
}
