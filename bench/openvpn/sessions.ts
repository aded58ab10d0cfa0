import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type RunningProcess, start } from '../../interop/harness/process.ts'
import { scratchDirectory } from '../../interop/harness/scratch.ts'
import type { Ground } from '../ground.ts'
import { cpuSeconds, residentKilobytes } from '../process-usage.ts'
import type { Contender, Transport } from './contender.ts'

/** What a crowd of clients that only connect and stay cost the server. */
export interface Crowd {
  readonly connectsPerCpuSecond: number
  readonly kilobytesPerSession: number
}

/** These are connected before the first reading, so that what a server sets up once is not counted. */
const WARM_UP = 50
const CONNECT_LIMIT_MS = 180_000
const LOAD: string = fileURLToPath(new URL('../load/openvpn-load.ts', import.meta.url))

/** The load is the same for both servers: Causeway's client role, which makes no devices. */
export async function measureCrowd(
  ground: Ground,
  contender: Contender,
  transport: Transport,
  count: number,
): Promise<Crowd> {
  const server = await contender.start(transport)
  const path = join(scratchDirectory('p'), 'load.ovpn')
  writeFileSync(path, server.profile, { mode: 0o600 })
  const loads: RunningProcess[] = []
  try {
    loads.push(await startLoad(ground, path, WARM_UP))
    const memory = residentKilobytes(server.pid)
    const cpu = cpuSeconds(server.pid)
    loads.push(await startLoad(ground, path, count))
    const usedCpu = cpuSeconds(server.pid) - cpu
    const usedMemory = residentKilobytes(server.pid) - memory
    return { connectsPerCpuSecond: count / usedCpu, kilobytesPerSession: usedMemory / count }
  } finally {
    await Promise.all(loads.map(load => load.stop('SIGKILL')))
    await server.stop()
  }
}

async function startLoad(ground: Ground, profile: string, count: number): Promise<RunningProcess> {
  const loader = ['--conditions=@causeway/source', '--import', 'tsx']
  const load = start(process.execPath, [...loader, LOAD, profile, String(count)], {
    namespace: ground.client,
    title: `load of ${count} sessions`,
  })
  await load.waitFor(/^established /, CONNECT_LIMIT_MS)
  return load
}
