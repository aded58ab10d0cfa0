import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatPem, issueRoot, issueServerCertificate } from '@causeway/x509'
import type { DurablePlace } from '../../interop/azure-sdk/durability-place.ts'
import { type RunningProcess, start } from '../../interop/harness/process.ts'
import { scratchDirectory } from '../../interop/harness/scratch.ts'
import type { LoadPlace } from './plan.ts'

/** A server that runs, and how clients reach it. */
export interface Server {
  readonly pid: number
  readonly place: Omit<LoadPlace, 'clients'>
  stop(): Promise<void>
}

/** The management API on a store on the disk. */
export interface ApiServer extends Server {
  /** After a collection of garbage, in megabytes. */
  memory(): Promise<Memory>
}

export interface Memory {
  readonly heap: number
  readonly resident: number
}

const LOADER = ['--conditions=@causeway/source', '--import', 'tsx']
const API: string = fileURLToPath(
  new URL('../../interop/azure-sdk/durability-server-main.ts', import.meta.url),
)
const PEER: string = fileURLToPath(new URL('./peer-main.ts', import.meta.url))
const PROBE: string = fileURLToPath(new URL('../auth/memory-probe.mjs', import.meta.url))

/** With the log that an installation has, in a file: a line for each request. */
export async function startApi(): Promise<ApiServer> {
  const directory = scratchDirectory('d')
  const args = [...LOADER, `--import=${PROBE}`, API, directory, String(await freePort())]
  const running = start(process.execPath, [...args, join(directory, 'log')], { title: 'management API' })
  const { text } = await running.waitFor(/^ready /, 60_000)
  const { baseUrl, tenantId, subscriptionId, owner } = JSON.parse(text.slice('ready '.length)) as DurablePlace
  const { clientId, clientSecret } = owner
  const groups = `/subscriptions/${subscriptionId}/resourceGroups`
  const ca = readFileSync(join(directory, 'ca.pem'), 'utf8')
  return {
    pid: running.pid,
    place: { baseUrl, ca, api: { tenantId, clientId, clientSecret, groups } },
    memory: () => readMemory(running),
    stop: async () => void (await running.stop('SIGTERM', 15_000)),
  }
}

/** With a certificate like the API's, and an answer as long as that to a read. */
export async function startPeer(text: string): Promise<Server> {
  const directory = scratchDirectory('x')
  const port = await freePort()
  const { ca, cert, key } = await certificate()
  writeFileSync(join(directory, 'plan.json'), JSON.stringify({ cert, key, port, text }), { mode: 0o600 })
  const running = start(process.execPath, [...LOADER, PEER, join(directory, 'plan.json')], { title: 'peer' })
  await running.waitFor(/^ready$/, 30_000)
  return {
    pid: running.pid,
    place: { baseUrl: `https://127.0.0.1:${port}`, ca },
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

/** An API has to know its own URL before anybody listens. */
async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise<void>(resolve => probe.close(() => resolve()))
  return port
}
