import { join } from 'node:path'
import { Causeway } from '../../interop/harness/causeway.ts'
import type { RunningProcess } from '../../interop/harness/process.ts'
import { scratchDirectory } from '../../interop/harness/scratch.ts'
import { ADDRESSES } from '../../interop/harness/topology.ts'
import { addClient } from '../causeway-access.ts'
import { deviceWith, type Ground, SERVER } from '../ground.ts'
import type { Access } from '../load/access.ts'
import type { Records } from '../load/sstp-access.ts'
import { startLoader } from '../loader.ts'

/** A gateway that runs, by its process and what a client needs to reach it. */
export interface SstpServer {
  readonly pid: number
  readonly access: Access
  stop(): Promise<void>
}

/** A client's side of a tunnel that is up. */
export interface Tunnel {
  readonly device: string
  stop(): Promise<void>
}

const NAME = 'bench'
const CONNECT_MS = 20_000
/** Room for every session of the crowd. */
const POOL = '10.8.0.0/16'

/** Starts gateways with the quick-start configuration, one after the other, on the same data. */
export function sstpServers(ground: Ground): () => Promise<SstpServer> {
  const data = join(scratchDirectory('d'), 'data')
  const out = join(scratchDirectory('p'), NAME)
  const options = { namespace: ground.server, host: SERVER, inside: ADDRESSES.insideNetwork, data }
  let access: Access | undefined
  return async () => {
    const gateway = await Causeway.start({ ...options, args: ['--pool', POOL] })
    access ??= await addClient(gateway, NAME, out)
    return { pid: gateway.process.pid, access, stop: () => gateway.stop() }
  }
}

export async function openTunnel(ground: Ground, { access }: SstpServer, records: Records): Promise<Tunnel> {
  const client = startLoader(ground, 'sstp-client', access, records, ADDRESSES.insideNetwork)
  const { text } = await client.waitFor(/^connected /, CONNECT_MS)
  const device = await deviceWith(ground.client, text.split(' ')[1] ?? '')
  return { device, stop: async () => void (await client.stop()) }
}

/** So many calls, held until the load is stopped. */
export async function startLoad(
  ground: Ground,
  { access }: SstpServer,
  count: number,
): Promise<RunningProcess> {
  const load = startLoader(ground, 'sstp-load', access, 'full', String(count))
  await load.waitFor(/^established /, LOAD_MS)
  return load
}

const LOAD_MS = 180_000
