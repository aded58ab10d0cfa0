import { join } from 'node:path'
import { Causeway } from '../../interop/harness/causeway.ts'
import { scratchDirectory } from '../../interop/harness/scratch.ts'
import { ADDRESSES } from '../../interop/harness/topology.ts'
import { addClient } from '../causeway-access.ts'
import { deviceWith, type Ground, SERVER } from '../ground.ts'
import type { Access } from '../load/access.ts'
import { startLoader } from '../loader.ts'
import { type Contender, POOL } from './contender.ts'

const NAME = 'bench'
const CONNECT_MS = 20_000

/** Causeway with its quick-start configuration, and its client role with what `client add` wrote. */
export function createCauseway(ground: Ground): Contender {
  const data = join(scratchDirectory('d'), 'data')
  const out = join(scratchDirectory('p'), NAME)
  const options = {
    namespace: ground.server,
    host: SERVER,
    inside: ADDRESSES.insideNetwork,
    data,
    args: ['--pool', POOL, '--log-level', 'info'],
  }
  let access: Access | undefined
  return {
    name: 'causeway',
    async start() {
      const gateway = await Causeway.start(options)
      access ??= await addClient(gateway, NAME, out)
      return { pid: gateway.process.pid, access, stop: () => gateway.stop() }
    },
    async openTunnel(responder) {
      const client = startLoader(ground, 'ikev2-client', responder.access, 'ECP-256')
      const { text } = await client.waitFor(/^connected /, CONNECT_MS)
      const device = await deviceWith(ground.client, text.split(' ')[1] ?? '')
      return { device, stop: async () => void (await client.stop()) }
    },
  }
}
