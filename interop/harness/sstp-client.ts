import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Credential } from './certificates.ts'
import type { Namespace } from './namespace.ts'
import { type RunningProcess, start } from './process.ts'
import { scratchDirectory } from './scratch.ts'

const MAIN: string = fileURLToPath(new URL('./sstp-client-main.ts', import.meta.url))

/** What the crypto binding of a client's call is. */
export type Binding = 'right' | 'other MAC' | 'other nonce' | 'other certificate' | 'replayed' | 'missing'

/** What Causeway's own SSTP client does; `certificate` and the like are files. */
export interface SstpClientPlan {
  readonly server: string
  readonly serverName: string
  readonly authority: string
  readonly certificate: string
  readonly privateKey: string
  /** Networks behind the gateway. */
  readonly destinations: readonly string[]
  readonly binding: Binding
  /** So many calls and one more, none of them with a device. */
  readonly crowd?: number
}

/** Causeway's own client role of SSTP in a namespace: it can do wrong on purpose. */
export function startSstpClient(
  namespace: Namespace,
  credential: Credential,
  plan: Omit<SstpClientPlan, 'certificate' | 'privateKey'>,
): RunningProcess {
  const path = join(scratchDirectory('l'), 'plan.json')
  const { certificatePath: certificate, keyPath: privateKey } = credential
  writeFileSync(path, JSON.stringify({ ...plan, certificate, privateKey } satisfies SstpClientPlan))
  const loader = ['--conditions=@causeway/source', '--import', 'tsx']
  return start(process.execPath, [...loader, MAIN, path], { namespace, title: 'our SSTP client' })
}
