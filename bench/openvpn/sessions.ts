import { OpenVpnClient } from '../../interop/harness/openvpn-client.ts'
import { cpuSeconds, residentKilobytes } from '../process-usage.ts'
import type { Contender } from './contender.ts'
import type { Ground } from './ground.ts'

/** What a crowd of clients that only connect and stay cost the server. */
export interface Crowd {
  readonly connectsPerCpuSecond: number
  readonly kilobytesPerSession: number
}

/** So many handshakes run at a time: enough to keep the server busy, few enough that none times out. */
const WAVE = 8
/** These are connected before the first reading, so that what a server sets up once is not counted. */
const WARM_UP = 16

/** Clients that make no device: the sessions are idle, and only the server's side of them is of interest. */
const DEVICELESS = [
  '--dev',
  'null',
  '--dev-type',
  'null',
  '--ifconfig-noexec',
  '--route-noexec',
  '--disable-dco',
]

export async function measureCrowd(ground: Ground, contender: Contender, count: number): Promise<Crowd> {
  const server = await contender.start('udp')
  const clients: OpenVpnClient[] = []
  try {
    await connectMany(ground, server.profile, WARM_UP, clients)
    const memory = residentKilobytes(server.pid)
    const cpu = cpuSeconds(server.pid)
    await connectMany(ground, server.profile, count, clients)
    const usedCpu = cpuSeconds(server.pid) - cpu
    const usedMemory = residentKilobytes(server.pid) - memory
    return { connectsPerCpuSecond: count / usedCpu, kilobytesPerSession: usedMemory / count }
  } finally {
    await Promise.all(clients.map(client => client.stop('SIGKILL')))
    await server.stop()
  }
}

async function connectMany(
  ground: Ground,
  profile: string,
  count: number,
  clients: OpenVpnClient[],
): Promise<void> {
  for (let done = 0; done < count; done += WAVE) {
    const wave = Array.from({ length: Math.min(WAVE, count - done) }, () => {
      return new OpenVpnClient({ namespace: ground.client, profile, args: DEVICELESS })
    })
    clients.push(...wave)
    await Promise.all(wave.map(client => client.connected(60_000)))
  }
}
