import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAuthority, issue } from '../../interop/harness/certificates.ts'
import {
  createStaticKey,
  openVpnServerProfile,
  startOpenVpnServer,
} from '../../interop/harness/openvpn-server.ts'
import { editProfile } from '../../interop/harness/profile.ts'
import { scratchDirectory } from '../../interop/harness/scratch.ts'
import { type Ground, INSIDE, SERVER } from '../ground.ts'
import type { SignInServer } from './gateway.ts'
import { RADIUS_SECRET } from './radius-responder.ts'

/** Of Debian's package openvpn-auth-radius. */
export const PLUGIN = '/usr/lib/openvpn/radiusplugin.so'
const PORT = 443

/** Debian's server, which asks RADIUS by its plugin. How it is started. */
export async function openVpnByRadius(ground: Ground): Promise<() => Promise<SignInServer>> {
  const authority = await createAuthority('Bench Root')
  const server = await issue(authority, { commonName: 'bench.example', usage: 'serverAuth' })
  const client = await issue(authority, { commonName: 'bench' })
  const staticKeyPath = await createStaticKey()
  return async () => {
    const lines = pluginLines(scratchDirectory('x'))
    const options = { namespace: ground.server, protocol: 'udp', port: PORT } as const
    const full = { ...options, authority, server, staticKeyPath, lines }
    const running = await startOpenVpnServer(full)
    const profile = editProfile(openVpnServerProfile(full, SERVER, client), { drop: ['cert', 'key'] })
    return { pid: running.pid, profile, stop: async () => void (await running.stop()) }
  }
}

/**
 * What its README says, with the files in this directory. With `useauthcontrolfile` the server would go on while it
 * asks, and each client wait a second: here it is faster without.
 */
function pluginLines(directory: string): string[] {
  const file = (name: string): string => join(directory, name)
  const lines = [
    `plugin ${PLUGIN} ${file('plugin.conf')}`,
    'verify-client-cert none',
    'username-as-common-name',
    `client-config-dir ${directory}`,
    `tmp-dir ${directory}`,
    `status ${file('status')} 1`,
    'status-version 1',
  ]
  writeFileSync(file('server.conf'), lines.join('\n'))
  writeFileSync(
    file('plugin.conf'),
    `NAS-Identifier=bench
Service-Type=5
Framed-Protocol=1
NAS-Port-Type=5
NAS-IP-Address=${SERVER}
OpenVPNConfig=${file('server.conf')}
subnet=255.255.0.0
overwriteccfiles=false
useauthcontrolfile=false
server
{
	acctport=1813
	authport=1812
	name=${INSIDE}
	retry=1
	wait=1
	sharedsecret=${RADIUS_SECRET}
}
`,
  )
  return lines
}
