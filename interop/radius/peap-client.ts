import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { type PeapUser, writePeapUser } from '../harness/eapol-test.ts'
import { type RunningProcess, start } from '../harness/process.ts'
import { scratchDirectory } from '../harness/scratch.ts'
import { ADDRESSES, clientAddress } from '../harness/topology.ts'
import { gatewayAuthority, type RadiusScenario } from './scenario.ts'

const MAIN: string = fileURLToPath(new URL('./peap-client-main.ts', import.meta.url))

/** What Causeway's own IKEv2 client does when its EAP is `eapol_test`'s; `certificate` and the like are files. */
export interface PeapPlan {
  readonly server: string
  readonly serverName: string
  readonly authority: string
  readonly local: string
  /** For `eapol_test`. */
  readonly user: string
  /** Of nobody: the client's profile wants one, and then signs in by EAP. */
  readonly certificate: string
  readonly privateKey: string
}

/** Starts it for the length of a test. It prints `connected`, or `refused` with the reason. */
export function startPeapClient(scenario: RadiusScenario, user: Omit<PeapUser, 'authority'>): RunningProcess {
  const [namespace] = scenario.topology.clients
  if (!namespace) throw new Error('no client namespace')
  const { authority, server } = scenario.certificates
  const plan: PeapPlan = {
    server: ADDRESSES.gateway,
    serverName: scenario.serverName,
    authority: gatewayAuthority(scenario),
    local: clientAddress(0),
    user: writePeapUser({ ...user, authority: authority.certificatePath }),
    certificate: server.certificatePath,
    privateKey: server.keyPath,
  }
  const path = join(scratchDirectory('l'), 'plan.json')
  writeFileSync(path, JSON.stringify(plan), { mode: 0o600 })
  const loader = ['--conditions=@causeway/source', '--import', 'tsx']
  const client = start(process.execPath, [...loader, MAIN, path], { namespace, title: 'PEAP client' })
  onTestFinished(async () => void (await client.stop()))
  return client
}
