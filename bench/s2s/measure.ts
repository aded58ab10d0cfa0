import { type IperfOptions, iperf } from '../../interop/harness/iperf.ts'
import { ping } from '../../interop/harness/ping.ts'
import { median } from '../median.ts'
import { cpuSeconds, residentKilobytes } from '../process-usage.ts'
import type { RunningPair } from './contender.ts'
import type { End, Pair } from './pair.ts'

/** One TCP stream from host to host. */
export interface Stream {
  readonly gigabitsPerSecond: number
  /** What both gateways spent, for each 10⁹ bytes that the receiving host got. */
  readonly cpuSecondsPerGigabyte: number
}

/** As many small datagrams as a host can send, in one direction. */
export interface Datagrams {
  /** That the receiving host got. */
  readonly perSecond: number
  readonly lostPercent: number
  /** Of both gateways, for each that the receiving host got. */
  readonly cpuMicroseconds: number
}

/** What a pair of gateways carried. */
export interface Carried {
  /** `out`: the far host sends to the near one. */
  readonly out: Stream
  readonly back: Stream
  readonly datagrams: Datagrams
  /** From host to host, median, in milliseconds. */
  readonly roundTripMs: number
  /** Resident, of both gateways after all of it, in megabytes. */
  readonly megabytes: number
}

export interface Durations {
  readonly streamSeconds: number
  readonly datagramSeconds: number
}

/** About what voice has. */
const DATAGRAM_BYTES = 200
const PINGS = { count: 100, intervalSeconds: 0.01 }

export async function measurePair(
  { near, far }: Pair,
  { pids }: RunningPair,
  { streamSeconds, datagramSeconds }: Durations,
): Promise<Carried> {
  const spent = (): number => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0)
  const echoes = await ping(far.host, near.hostAddress, PINGS)
  const out = await measureStream(far, near, { seconds: streamSeconds, direction: 'up' }, spent)
  const back = await measureStream(far, near, { seconds: streamSeconds, direction: 'down' }, spent)
  const datagrams = await measureDatagrams(far, near, datagramSeconds, spent)
  const kilobytes = pids.reduce((sum, pid) => sum + residentKilobytes(pid), 0)
  return { out, back, datagrams, roundTripMs: median(echoes.times), megabytes: kilobytes / 1024 }
}

/** Waits until the hosts reach each other. Errors: they do not in time; with what the gateways have said. */
export async function waitForTunnel(
  { near, far }: Pair,
  running: RunningPair,
  limitMs: number,
): Promise<void> {
  const end = performance.now() + limitMs
  while ((await ping(far.host, near.hostAddress, { count: 1 })).received === 0)
    if (performance.now() > end)
      throw new Error(`no tunnel between the gateways in ${limitMs / 1000} s\n${running.tail()}`)
}

async function measureStream(
  from: End,
  to: End,
  options: IperfOptions,
  spent: () => number,
): Promise<Stream> {
  const before = spent()
  const { bitsPerSecond, bytes } = await iperf(from.host, placeOf(to), options)
  const cpuSecondsPerGigabyte = (spent() - before) / (bytes / 1e9)
  return { gigabitsPerSecond: bitsPerSecond / 1e9, cpuSecondsPerGigabyte }
}

async function measureDatagrams(
  from: End,
  to: End,
  seconds: number,
  spent: () => number,
): Promise<Datagrams> {
  const before = spent()
  const options = { seconds, udpRate: UNLIMITED, datagramBytes: DATAGRAM_BYTES }
  const { bytes, seconds: taken, lostPercent = 0 } = await iperf(from.host, placeOf(to), options)
  const received = bytes / DATAGRAM_BYTES
  return {
    perSecond: received / taken,
    lostPercent,
    cpuMicroseconds: ((spent() - before) / received) * 1e6,
  }
}

/** iperf3's own word for it. */
const UNLIMITED = 0

function placeOf({ host: namespace, hostAddress: address }: End): {
  readonly namespace: End['host']
  readonly address: string
} {
  return { namespace, address }
}
