import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Namespace } from './namespace.ts'
import { type RunningProcess, start } from './process.ts'
import { scratchDirectory } from './scratch.ts'

const MAIN: string = fileURLToPath(new URL('./azure-client-main.ts', import.meta.url))

/** A tunnel of the stand-in for Azure's VPN Client. */
export interface AzureClient {
  readonly process: RunningProcess
  /** What the server and this client settled by the push, as JSON. */
  readonly pushed: string
}

/** Connects as Azure's VPN Client does: Causeway's client engine with that client's words. */
export async function connectAsAzure(namespace: Namespace, profile: string): Promise<AzureClient> {
  const path = join(scratchDirectory('a'), 'azure.ovpn')
  writeFileSync(path, profile.replace(/^log .*$/m, ''), { mode: 0o600 })
  const loader = ['--conditions=@causeway/source', '--import', 'tsx']
  const process_ = start(process.execPath, [...loader, MAIN, path], { namespace, title: 'Azure VPN Client' })
  await process_.waitFor(/^connected /, 30_000)
  const { text } = await process_.waitFor(/^pushed /)
  return { process: process_, pushed: text.replace(/^pushed /, '') }
}
