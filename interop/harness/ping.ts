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

export async function ping(
  namespace: Namespace,
  address: string,
  options: PingOptions = {},
): Promise<PingResult> {
  const count = options.count ?? 3
  const args = ['-n', '-c', String(count), '-i', String(options.intervalSeconds ?? 0.2), '-W', '2']
  if (options.device) args.push('-I', options.device)
  if (options.bytes !== undefined) args.push('-s', String(options.bytes))
  if (options.whole) args.push('-M', 'do')
  const done = await runIn(namespace, 'ping', [...args, address])
  if (done.code === EXEC_FAILED) throw new Error(`ping: ${done.stderr.trim()}`)
  return parsePing(done.stdout, count)
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
