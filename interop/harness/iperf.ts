import { type Namespace, runIn } from './namespace.ts'
import { type RunningProcess, start } from './process.ts'

export interface IperfOptions {
  readonly seconds: number
  /** `down`: the server sends (iperf3 -R). */
  readonly direction?: 'up' | 'down'
  readonly device?: string
  /** Seconds of one report; stalls are told to this grain. */
  readonly intervalSeconds?: number
  /** A UDP test at this rate in bit/s, 0 for as much as there is; without it TCP. */
  readonly udpRate?: number
  /** Of a UDP test: bytes of each datagram. By default iperf3's own. */
  readonly datagramBytes?: number
  /** Cap of a TCP test in bit/s. */
  readonly rate?: number
}

export interface IperfInterval {
  readonly start: number
  readonly end: number
  readonly bytes: number
}

export interface IperfResult {
  /** What the receiver got, in bytes and over how many seconds. */
  readonly bytes: number
  readonly seconds: number
  readonly bitsPerSecond: number
  readonly intervals: readonly IperfInterval[]
  /** UDP only: datagrams lost, in percent. */
  readonly lostPercent: number | undefined
}

/** iperf3's own port is where ours begin. */
let port = 5201

/**
 * One test from a namespace to an address that lives in another one. Each has a server and a port of its own: a
 * server that still tidies up after the test before would refuse it. Errors: what iperf3 says is wrong.
 */
export async function iperf(
  from: Namespace,
  to: { readonly namespace: Namespace; readonly address: string },
  options: IperfOptions,
): Promise<IperfResult> {
  const server = await startServer(to.namespace, port++)
  try {
    const args = [...clientArgs(options), '-c', to.address, '-p', server.port]
    const done = await runIn(from, 'iperf3', args, { timeoutMs: (options.seconds + 30) * 1000 })
    return parseIperf(done.stdout)
  } finally {
    await server.process.stop('SIGKILL')
  }
}

async function startServer(
  namespace: Namespace,
  number: number,
): Promise<{ readonly process: RunningProcess; readonly port: string }> {
  const args = ['-s', '-p', String(number), '--forceflush']
  const server = start('iperf3', args, { namespace, title: `iperf3 server ${number}` })
  await server.waitFor(/Server listening/)
  return { process: server, port: String(number) }
}

function clientArgs(options: IperfOptions): string[] {
  const { seconds, intervalSeconds, direction, device, udpRate, datagramBytes, rate } = options
  const args = [
    '-J',
    '-t',
    String(seconds),
    '-i',
    String(intervalSeconds ?? 0.5),
    '--connect-timeout',
    '5000',
  ]
  if (direction === 'down') args.push('-R')
  if (device) args.push('--bind-dev', device)
  if (datagramBytes !== undefined) args.push('-l', String(datagramBytes))
  if (udpRate !== undefined) args.push('-u', '-b', String(udpRate))
  else if (rate !== undefined) args.push('-b', String(rate))
  return args
}

interface IperfSum {
  readonly start?: number
  readonly end?: number
  readonly seconds: number
  readonly bytes: number
  readonly bits_per_second: number
  readonly lost_percent?: number
}

interface IperfReport {
  readonly error?: string
  readonly intervals?: readonly { readonly sum: IperfSum }[]
  readonly end?: { readonly sum_received?: IperfSum; readonly sum?: IperfSum }
}

/** Reads `iperf3 -J`. Errors: no report, or one that names an error. */
export function parseIperf(text: string): IperfResult {
  const report = JSON.parse(text || '{"error":"iperf3 printed nothing"}') as IperfReport
  const total = report.end?.sum_received ?? report.end?.sum
  if (report.error || !total) throw new Error(`iperf3: ${report.error ?? 'a report without an end'}`)
  const intervals = (report.intervals ?? []).map(({ sum }) => ({
    start: sum.start ?? 0,
    end: sum.end ?? 0,
    bytes: sum.bytes,
  }))
  const { bytes, seconds, bits_per_second: bitsPerSecond, lost_percent: lostPercent } = total
  return { bytes, seconds, bitsPerSecond, intervals, lostPercent }
}

/** The longest run of intervals in which nothing moved, in seconds. */
export function longestStall(intervals: readonly IperfInterval[]): number {
  let longest = 0
  let current = 0
  for (const interval of intervals) {
    current = interval.bytes === 0 ? current + (interval.end - interval.start) : 0
    longest = Math.max(longest, current)
  }
  return longest
}
