import { join } from 'node:path'
import { Causeway } from '../../interop/harness/causeway.ts'
import { type Credential, createAuthority, issue } from '../../interop/harness/certificates.ts'
import {
  createStaticKey,
  openVpnServerProfile,
  startOpenVpnServer,
} from '../../interop/harness/openvpn-server.ts'
import { editProfile } from '../../interop/harness/profile.ts'
import { scratchDirectory } from '../../interop/harness/scratch.ts'
import { ADDRESSES } from '../../interop/harness/topology.ts'
import { type Ground, SERVER } from '../ground.ts'

export type Transport = 'udp' | 'tcp'

/** A VPN server that runs, by its process and the profile that reaches it. */
export interface Server {
  readonly pid: number
  readonly profile: string
  stop(): Promise<void>
}

/** A program that takes part in the comparison. */
export interface Contender {
  readonly name: 'causeway' | 'openvpn'
  start(transport: Transport): Promise<Server>
}

const PORT = 443
/** Room for every session of the crowd; the other server's is as large. */
const POOL = '10.8.0.0/16'

/** Debian's server with what its own manual recommends for speed in user space: its defaults, AES-256-GCM. */
export async function createOpenVpn(ground: Ground): Promise<Contender> {
  const authority = await createAuthority('Bench Root')
  const server = await issue(authority, { commonName: 'bench.example', usage: 'serverAuth' })
  const client: Credential = await issue(authority, { commonName: 'bench' })
  const staticKeyPath = await createStaticKey()
  return {
    name: 'openvpn',
    async start(protocol) {
      const options = { namespace: ground.server, protocol, port: PORT, authority, server, staticKeyPath }
      const running = await startOpenVpnServer(options)
      const profile = openVpnServerProfile(options, SERVER, client)
      return { pid: running.pid, profile, stop: async () => void (await running.stop()) }
    },
  }
}

/** Causeway with its quick-start configuration; the profile is the one that it writes itself. */
export function createCauseway(ground: Ground): Contender {
  const data = join(scratchDirectory('d'), 'data')
  const options = {
    namespace: ground.server,
    host: SERVER,
    inside: ADDRESSES.insideNetwork,
    data,
    args: ['--pool', POOL],
  }
  let azure: string | undefined
  return {
    name: 'causeway',
    async start(protocol) {
      const gateway = await Causeway.start(options)
      azure ??= (await gateway.addClient('bench')).azure
      const profile = editProfile(azure, {
        drop: ['proto', 'log', 'disable-dco'],
        add: [`proto ${protocol}`, 'disable-dco'],
      })
      return { pid: gateway.process.pid, profile, stop: () => gateway.stop() }
    },
  }
}
