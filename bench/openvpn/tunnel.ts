import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { causewayCommand } from '../../interop/harness/causeway.ts'
import { OpenVpnClient } from '../../interop/harness/openvpn-client.ts'
import { start } from '../../interop/harness/process.ts'
import { scratchDirectory } from '../../interop/harness/scratch.ts'
import { deviceWith, type Ground } from '../ground.ts'
import type { Contender } from './contender.ts'

/** A client's side of a tunnel that is up. */
export interface Tunnel {
  readonly device: string
  stop(): Promise<void>
}

/** Connects with one of the two programs as the client. */
export function openTunnel(ground: Ground, client: Contender['name'], profile: string): Promise<Tunnel> {
  return client === 'openvpn' ? openVpnTunnel(ground, profile) : causewayTunnel(ground, profile)
}

const DEVICE = 'tun0'

async function openVpnTunnel(ground: Ground, profile: string): Promise<Tunnel> {
  const client = new OpenVpnClient({ namespace: ground.client, profile, device: DEVICE })
  await client.connected()
  return { device: DEVICE, stop: () => client.stop() }
}

async function causewayTunnel(ground: Ground, profile: string): Promise<Tunnel> {
  const path = join(scratchDirectory('p'), 'client.ovpn')
  writeFileSync(path, profile, { mode: 0o600 })
  const line = causewayCommand(undefined, ['connect', path])
  const client = start(line[0] as string, line.slice(1), {
    namespace: ground.client,
    title: 'causeway connect',
  })
  const { text } = await client.waitFor(/^connected with /, 20_000)
  const device = await deviceWith(ground.client, /[\d.]+/.exec(text)?.[0] ?? '')
  return { device, stop: async () => void (await client.stop()) }
}
