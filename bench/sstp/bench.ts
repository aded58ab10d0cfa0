import type { Ground } from '../ground.ts'
import { createOpenVpn, type Contender as OpenVpnContender } from '../openvpn/contender.ts'
import { type Crowd, measureCrowd } from '../openvpn/sessions.ts'
import { measureTraffic } from '../openvpn/traffic.ts'
import { cpuSeconds, residentKilobytes } from '../process-usage.ts'
import { progress, type Round, runBench } from '../run.ts'
import { measureTunnel, untunneledLatency } from '../traffic.ts'
import { openTunnel, type SstpServer, sstpServers, startLoad } from './causeway.ts'
import { type Contents, type Results, samplesOf } from './rows.ts'

// npm run bench -- sstp [--only traffic|sessions]: Causeway's SSTP with its own client, and Debian's openvpn over TCP
// with its own, in turn, in each round, on the same ground.

/** The machine's own may be another: with BBR the figures would speak of its pacing, not of the tunnel. */
const CONGESTION_CONTROL = 'cubic'

const SECONDS = { full: 4, quick: 2 } as const
const SESSIONS = { full: 1000, quick: 64 } as const
/** These are connected before the first reading, so that what a server sets up once is not counted. */
const WARM_UP = 50

const results: Results = { traffic: [], crowds: [] }

interface Contender {
  readonly name: 'causeway' | 'openvpn'
  /** What of a tunnel's contents it is measured with. */
  readonly contents: readonly Contents[]
  measureTraffic(contents: Contents, seconds: number): ReturnType<typeof measureTunnel>
  measureCrowd(count: number): Promise<Crowd>
}

runBench<Contender['name'], Contender>({
  name: 'sstp',
  peer: 'openvpn',
  congestionControl: CONGESTION_CONTROL,
  contenders: async ground => [openVpn(ground, await createOpenVpn(ground)), causeway(ground)],
  takeRound: async round => {
    for (const contender of round.contenders) await takeTurn(round, contender)
  },
  samples: () => samplesOf(results),
})

async function takeTurn({ options, wants }: Round<Contender>, contender: Contender): Promise<void> {
  const size = options.quick ? 'quick' : 'full'
  const { name } = contender
  for (const contents of wants('traffic') ? contender.contents : []) {
    const traffic = await contender.measureTraffic(contents, SECONDS[size])
    results.traffic.push({ server: name, contents, traffic })
    progress(`${name}, ${contents}: ${JSON.stringify(traffic)}`)
  }
  if (!wants('sessions')) return
  const crowd = await contender.measureCrowd(SESSIONS[size])
  results.crowds.push({ server: name, crowd })
  progress(`${name}: ${JSON.stringify(crowd)}`)
}

function openVpn(ground: Ground, server: OpenVpnContender): Contender {
  return {
    name: 'openvpn',
    contents: ['packets'],
    measureTraffic: (_contents, seconds) => measureTraffic(ground, server, 'openvpn', 'tcp', seconds),
    measureCrowd: count => measureCrowd(ground, server, 'tcp', count),
  }
}

function causeway(ground: Ground): Contender {
  const start = sstpServers(ground)
  return {
    name: 'causeway',
    contents: ['full records', 'a record per packet'],
    async measureTraffic(contents, seconds) {
      const direct = await untunneledLatency(ground)
      const server = await start()
      try {
        const tunnel = await openTunnel(ground, server, contents === 'full records' ? 'full' : 'packet')
        const traffic = await measureTunnel(ground, server.pid, tunnel.device, direct, seconds)
        await tunnel.stop()
        return traffic
      } finally {
        await server.stop()
      }
    },
    async measureCrowd(count) {
      const server = await start()
      try {
        return await measureCalls(ground, server, count)
      } finally {
        await server.stop()
      }
    },
  }
}

async function measureCalls(ground: Ground, server: SstpServer, count: number): Promise<Crowd> {
  const loads = [await startLoad(ground, server, WARM_UP)]
  try {
    const memory = residentKilobytes(server.pid)
    const cpu = cpuSeconds(server.pid)
    loads.push(await startLoad(ground, server, count))
    const usedCpu = cpuSeconds(server.pid) - cpu
    const usedMemory = residentKilobytes(server.pid) - memory
    return { connectsPerCpuSecond: count / usedCpu, kilobytesPerSession: usedMemory / count }
  } finally {
    await Promise.all(loads.map(load => load.stop('SIGKILL')))
  }
}
