import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatPem, issueRoot, issueServerCertificate } from '@causeway/x509'
import { causewayCommand } from '../../interop/harness/causeway.ts'
import type { Namespace } from '../../interop/harness/namespace.ts'
import { type RunningProcess, start } from '../../interop/harness/process.ts'
import { scratchDirectory } from '../../interop/harness/scratch.ts'
import type { LoadPlace } from './plan.ts'

/** A server that runs, and how clients reach it. */
export interface Server {
  readonly pid: number
  readonly place: Omit<LoadPlace, 'clients'>
  stop(): Promise<void>
}

/** Causeway's management API, its store on the disk. */
export interface ApiServer extends Server {
  /** After a collection of garbage, in megabytes. */
  memory(): Promise<Memory>
}

export interface Memory {
  readonly heap: number
  readonly resident: number
}

/** What `causeway up --json` says when it has started for the first time. */
interface Started {
  readonly management: string
  readonly authority: string
  readonly firstAdministrator: {
    readonly tenantId: string
    readonly subscriptionId: string
    readonly clientId: string
    readonly clientSecret: string
  }
}

const PEER: string = fileURLToPath(new URL('./peer-main.ts', import.meta.url))
const PROBE: string = fileURLToPath(new URL('../auth/memory-probe.mjs', import.meta.url))
const LOADER = ['--conditions=@causeway/source', '--import', 'tsx']
/** Each server has it alone: they run one after the other, in a namespace. */
const PORT = 8443

/** As an operator starts it, without a gateway. Its log, a line for each request, goes into a file. */
export async function startApi(namespace: Namespace): Promise<ApiServer> {
  const directory = scratchDirectory('d')
  const places = ['--listen', '127.0.0.1', '--api-port', String(PORT), '--data', join(directory, 'data')]
  const command = causewayCommand(undefined, ['up', '--gateway', 'none', '--json', ...places])
  const { NODE_OPTIONS: options = '' } = process.env
  const env = { NODE_OPTIONS: `${options} --import=${PROBE}`, LOG: join(directory, 'log') }
  const running = start('sh', ['-c', 'exec "$0" "$@" 2>"$LOG"', ...command], {
    title: 'causeway up',
    namespace,
    env,
  })
  await running.waitFor(/^{"ready":true}$/, 60_000)
  const lines = running.lines.map(({ text }) => JSON.parse(text) as Partial<Started>)
  const { management: baseUrl, authority, firstAdministrator } = Object.assign({}, ...lines) as Started
  const { subscriptionId, ...administrator } = firstAdministrator
  const groups = `/subscriptions/${subscriptionId}/resourceGroups`
  return {
    pid: running.pid,
    place: { baseUrl, ca: readFileSync(authority, 'utf8'), api: { ...administrator, groups } },
    memory: () => readMemory(running),
    stop: async () => void (await running.stop('SIGTERM', 15_000)),
  }
}

/** With a certificate like the API's, and an answer as long as that to a read. */
export async function startPeer(namespace: Namespace, text: string): Promise<Server> {
  const plan = join(scratchDirectory('x'), 'plan.json')
  const { ca, cert, key } = await certificate()
  writeFileSync(plan, JSON.stringify({ cert, key, port: PORT, text }), { mode: 0o600 })
  const running = start(process.execPath, [...LOADER, PEER, plan], { title: 'peer', namespace })
  await running.waitFor(/^ready$/, 30_000)
  return {
    pid: running.pid,
    place: { baseUrl: `https://127.0.0.1:${PORT}`, ca },
    stop: async () => void (await running.stop()),
  }
}

async function readMemory(running: RunningProcess): Promise<Memory> {
  const mark = running.mark()
  running.signal('SIGUSR2')
  const { text } = await running.waitFor(/^memory \d+ \d+$/, 10_000, mark)
  const [heap = 0, resident = 0] = text.split(' ').slice(1).map(Number)
  return { heap: heap / 2 ** 20, resident: resident / 2 ** 20 }
}

async function certificate(): Promise<{ readonly ca: string; readonly cert: string; readonly key: string }> {
  const now = Math.floor(Date.now() / 1_000)
  const validity = { notBefore: now - 3_600, notAfter: now + 86_400 }
  const root = await issueRoot({ commonName: 'bench root', key: 'ecdsa-p256', ...validity })
  const names = { commonName: '127.0.0.1', ipAddresses: ['127.0.0.1'] }
  const issued = await issueServerCertificate(root, { key: 'ecdsa-p256', ...names, ...validity })
  return { ca: formatPem(root.certificate), cert: formatPem(issued.certificate), key: issued.privateKey }
}
