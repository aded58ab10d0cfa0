// A thousand clients in one process, told by its parent what to do: phases in, results out.
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from '../../interop/azure-sdk/durability-client.ts'
import type { LoadPlace, Phase, PhaseResult, Work } from './plan.ts'
import { Worker } from './worker.ts'

const place = JSON.parse(process.argv[2] ?? '') as LoadPlace
const clients = Array.from({ length: place.clients }, () => new Client(place.baseUrl, place.ca))
const workers = clients.map((client, number) => new Worker(client, number, place.api))

process.on('message', (phase: Phase) => {
  run(phase).then(
    result => process.send?.(result),
    (error: Error) => process.send?.({ failed: error.message }),
  )
})
process.on('disconnect', () => process.exit())
process.send?.('ready')

/** What was measured in a phase. */
class Tally {
  readonly milliseconds: number[] = []
  readonly statuses: Record<string, number> = {}
  #begun = Number.POSITIVE_INFINITY
  #ended = 0

  note(from: number, status: number): void {
    const now = performance.now()
    this.#begun = Math.min(this.#begun, from)
    this.#ended = Math.max(this.#ended, now)
    this.milliseconds.push(now - from)
    this.statuses[status] = (this.statuses[status] ?? 0) + 1
  }

  result(): PhaseResult {
    const sorted = Float64Array.from(this.milliseconds).sort()
    const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN
    return {
      requests: sorted.length,
      seconds: (this.#ended - this.#begun) / 1_000,
      median: at(0.5),
      p99: at(0.99),
      statuses: this.statuses,
    }
  }
}

async function run({ work, arrival }: Phase): Promise<PhaseResult> {
  const tally = new Tally()
  const [first] = workers
  if (work === 'count') return { ...tally.result(), counted: (await first?.counted()) ?? Number.NaN }
  const working = work === 'prepare' ? workers.slice(0, 1) : workers
  const begin = performance.now()
  await Promise.all(
    working.map((worker, i) => {
      switch (arrival.type) {
        case 'once':
          return one(worker, work, tally)
        case 'crowd':
          return again(worker, work, tally, begin + arrival.seconds * 1_000)
        case 'pace': {
          const period = 1_000 / arrival.perSecond
          const times = Math.round(arrival.seconds * arrival.perSecond)
          return paced(worker, work, tally, { begin: begin + (period * i) / working.length, period, times })
        }
        default:
          throw arrival satisfies never
      }
    }),
  )
  return tally.result()
}

async function again(worker: Worker, work: Exclude<Work, 'count'>, tally: Tally, end: number): Promise<void> {
  while (performance.now() < end) await one(worker, work, tally)
}

async function paced(
  worker: Worker,
  work: Exclude<Work, 'count'>,
  tally: Tally,
  { begin, period, times }: { readonly begin: number; readonly period: number; readonly times: number },
): Promise<void> {
  for (let i = 0; i < times; i++) {
    const at = begin + i * period
    await pause(Math.max(0, at - performance.now()))
    // Who is late counts from when it was to begin: a server that stands still makes everybody wait. A timer may be a
    // millisecond early, too: then it is from when it did begin.
    await one(worker, work, tally, Math.min(at, performance.now()))
  }
}

async function one(
  worker: Worker,
  work: Exclude<Work, 'count'>,
  tally: Tally,
  at: number = performance.now(),
): Promise<void> {
  let from = at
  for await (const { status } of worker.work(work)) {
    tally.note(from, status)
    from = performance.now()
  }
}
