import { type Namespace, runIn } from './namespace.ts'

export interface PingOptions {
  readonly count?: number
  readonly intervalSeconds?: number
  /** Leave by this device whatever the routes say. */
  readonly device?: string
  readonly bytes?: number
  /** Set the don't-fragment flag. */
  readonly whole?: boolean
}

export interface PingResult {
  readonly sent: number
  readonly received: number
  /** Round-trip times in milliseconds, in the order of arrival; none for echoes too short to hold a time. */
  readonly times: readonly number[]
}

/** `ip netns exec` ends so when the program is not there; an unreachable address is a result, this is not. */
const EXEC_FAILED = 255

/** Ours: how long the last echoes may be on their way. Left to itself ping waits for two round-trip times. */
const LINGER_SECONDS = 3

export async function ping(
  namespace: Namespace,
  address: string,
  options: PingOptions = {},
): Promise<PingResult> {
  const { count = 3, intervalSeconds = 0.2 } = options
  // With a deadline ping goes on until so many are answered: those beyond the count are not looked at.
  const deadline = Math.ceil(count * intervalSeconds) + LINGER_SECONDS
  const args = ['-n', '-c', String(count), '-i', String(intervalSeconds), '-w', String(deadline)]
  if (options.device) args.push('-I', options.device)
  if (options.bytes !== undefined) args.push('-s', String(options.bytes))
  if (options.whole) args.push('-M', 'do')
  const done = await runIn(namespace, 'ping', [...args, address])
  if (done.code === EXEC_FAILED) throw new Error(`ping: ${done.stderr.trim()}`)
  return answeredOf(done.stdout, count)
}

/** Those of the first `sent` that were answered. */
function answeredOf(text: string, sent: number): PingResult {
  const times = new Map<number, number | undefined>()
  for (const [, sequence, time] of text.matchAll(/bytes from .*icmp_seq=(\d+)(?:.*time=([\d.]+) ms)?/g))
    if (Number(sequence) <= sent && !times.has(Number(sequence)))
      times.set(Number(sequence), time === undefined ? undefined : Number(time))
  const known = [...times.values()].filter(time => time !== undefined)
  return { sent, received: times.size, times: known }
}

/** True when every echo came back. */
export async function reaches(namespace: Namespace, address: string, device?: string): Promise<boolean> {
  const result = await ping(namespace, address, device === undefined ? {} : { device })
  return result.received === result.sent
}

/** Reads what `ping` prints. */
export function parsePing(text: string, sent: number): PingResult {
  const times = [...text.matchAll(/time=([\d.]+) ms/g)].map(match => Number(match[1]))
  const received = Number(/(\d+) received/.exec(text)?.[1] ?? 0)
  return { sent, received, times }
}
