import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Causeway } from '../../interop/harness/causeway.ts'
import { scratchDirectory } from '../../interop/harness/scratch.ts'
import { ADDRESSES } from '../../interop/harness/topology.ts'
import { CLIENT, deviceWith, type Ground, SERVER } from '../ground.ts'
import type { Ikev2Access } from '../load/ikev2-access.ts'
import { type Contender, POOL } from './contender.ts'
import { startLoader } from './loader.ts'

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
  let access: Ikev2Access | undefined
  return {
    name: 'causeway',
    async start() {
      const gateway = await Causeway.start(options)
      access ??= await addClient(gateway, out)
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

async function addClient(gateway: Causeway, out: string): Promise<Ikev2Access> {
  await gateway.cliOk('client', 'add', NAME, '--out', out)
  const file = (...names: string[]): string => join(out, 'StrongSwan', ...names)
  return {
    server: SERVER,
    local: CLIENT,
    serverName: serverNameOf(readFileSync(file('conf.d', 'causeway.conf'), 'utf8')),
    authorityPath: file('x509ca', 'causeway-ca.pem'),
    certificatePath: file('x509', `${NAME}.pem`),
    keyPath: file('private', `${NAME}.pem`),
  }
}

/** The remote's identity in the strongSwan profile. */
function serverNameOf(configuration: string): string {
  const name = /remote \{[^}]*?\bid = "?([^"\n]+)"?/.exec(configuration)?.[1]
  if (!name) throw new Error(`no name of the gateway in\n${configuration}`)
  return name
}
