import { setTimeout as pause } from 'node:timers/promises'
import type { Namespace } from '../../interop/harness/namespace.ts'
import { cpuSeconds } from '../process-usage.ts'
import { Load } from './load.ts'
import type { Arrival, PhaseResult, Work } from './plan.ts'
import type { ApiServer, Memory, Server } from './server.ts'

/** One kind of request, as often as the server answers it. */
export interface Rate {
  readonly perSecond: number
  /** Milliseconds. */
  readonly median: number
  readonly p99: number
  /** CPU of the server, in microseconds a request. */
  readonly cpuMicroseconds: number
}

/** What 1,000 clients get of the API. */
export interface ApiRound {
  /** Each client's connection, and its first token. */
  readonly arrival: Rate
  readonly token: Rate
  readonly read: Rate
  readonly list: Rate
  readonly write: Rate
  /** Reads and writes that come at their own pace. */
  readonly pacedRead: Rate
  readonly pacedWrite: Rate
  readonly increments: Increments
  /** With everybody connected and nobody asking. */
  readonly before: Memory
  readonly during: Memory
  readonly after: Memory
  /** Between `before` and `after`. */
  readonly requests: number
}

export interface Increments {
  readonly perSecond: number
  /** Answered with 412, for each that was not. */
  readonly conflicts: number
  /** Acknowledged, and not in the counters; or in them, and not acknowledged. */
  readonly lost: number
}

export interface Size {
  readonly clients: number
  /** Of each kind of request. */
  readonly seconds: number
  /** Of all clients that come at their own pace. */
  readonly readsPerSecond: number
  readonly writesPerSecond: number
}

/** How much is asked before anything is measured: V8 compiles what is asked for often. */
const WARM_UP_SECONDS = 2

/** Of an API that has just been started. */
export async function measureApi(namespace: Namespace, server: ApiServer, size: Size): Promise<ApiRound> {
  const load = await Load.start(namespace, { ...server.place, clients: size.clients })
  try {
    const arrival = await rateOf(server, load)('token', { type: 'once' })
    await load.run('prepare', { type: 'once' })
    await warmUp(load)
    const [before, answered] = [await server.memory(), load.answered]
    const crowded = await measureCrowd(server, load, size)
    const paced = await measurePaced(server, load, size)
    const increments = await increment(load, { type: 'crowd', seconds: size.seconds })
    const [after, requests] = [await server.memory(), load.answered - answered]
    return { arrival, ...crowded, ...paced, increments, before, after, requests }
  } finally {
    await load.stop()
  }
}

async function warmUp(load: Load): Promise<void> {
  const kinds: readonly Work[] = ['read', 'list', 'write', 'increment']
  for (const work of kinds) await load.run(work, { type: 'crowd', seconds: WARM_UP_SECONDS / kinds.length })
}

type Crowded = Pick<ApiRound, 'token' | 'read' | 'list' | 'write' | 'during'>

async function measureCrowd(server: ApiServer, load: Load, { seconds }: Size): Promise<Crowded> {
  const rate = (work: Work): Promise<Rate> => rateOf(server, load)(work, { type: 'crowd', seconds })
  const [token, read, list] = [await rate('token'), await rate('read'), await rate('list')]
  const writing = rate('write')
  await pause(500 * seconds)
  const during = await server.memory()
  return { token, read, list, write: await writing, during }
}

async function measurePaced(
  server: ApiServer,
  load: Load,
  { clients, seconds, readsPerSecond, writesPerSecond }: Size,
): Promise<Pick<ApiRound, 'pacedRead' | 'pacedWrite'>> {
  const rate = (work: Work, perSecond: number): Promise<Rate> =>
    rateOf(server, load)(work, { type: 'pace', seconds: 2 * seconds, perSecond: perSecond / clients })
  return {
    pacedRead: await rate('read', readsPerSecond),
    pacedWrite: await rate('write', writesPerSecond),
  }
}

/** Of the peer: reads are all that it has. */
export async function measurePeer(
  namespace: Namespace,
  server: Server,
  size: Size,
): Promise<{ readonly read: Rate }> {
  const load = await Load.start(namespace, { ...server.place, clients: size.clients })
  try {
    await load.run('read', { type: 'crowd', seconds: WARM_UP_SECONDS })
    return { read: await rateOf(server, load)('read', { type: 'crowd', seconds: size.seconds }) }
  } finally {
    await load.stop()
  }
}

function rateOf({ pid }: Server, load: Load): (work: Work, arrival: Arrival) => Promise<Rate> {
  return async (work, arrival) => {
    const cpu = cpuSeconds(pid)
    const { requests, seconds, median, p99 } = await load.run(work, arrival)
    const cpuMicroseconds = (1_000_000 * (cpuSeconds(pid) - cpu)) / requests
    return { perSecond: requests / seconds, median, p99, cpuMicroseconds }
  }
}

async function increment(load: Load, crowd: Arrival): Promise<Increments> {
  const before = await counted(load)
  const { statuses, requests, seconds } = await load.run('increment', crowd)
  const conflicts = statuses[412] ?? 0
  // Each was read before it was written.
  const acknowledged = requests / 2 - conflicts
  const lost = Math.abs((await counted(load)) - before - acknowledged)
  return { perSecond: acknowledged / seconds, conflicts: conflicts / acknowledged, lost }
}

async function counted(load: Load): Promise<number> {
  const { counted: sum }: PhaseResult = await load.run('count', { type: 'once' })
  if (sum === undefined) throw new Error('the counters were not read')
  return sum
}
