import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { BUILT_IN_ROLE_IDS } from '@causeway/access'
import { openDataDirectory } from '@causeway/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../harness/free-port.ts'
import { type RunningProcess, start } from '../harness/process.ts'
import { type Answered, Client } from './durability-client.ts'
import type { CountingOutcome, CountingPlan, DurablePlace } from './durability-place.ts'
import { type Acknowledged, nothingYet, Writer } from './durability-writer.ts'
import { type Person, SDK_VERSIONS } from './network-plan.ts'

// The management API in a process that is killed: what it acknowledged is there when it starts again, and nothing is
// half there. And what several programs change at a time with etags is lost to none of them.

const run = promisify(execFile)
const LOADER = ['--conditions=@causeway/source', '--import', 'tsx']
const mainOf = (name: string): string =>
  fileURLToPath(new URL(`./durability-${name}-main.ts`, import.meta.url))

const NETWORK = 'api-version=2024-05-01'
const WRITERS = 50
/** Each time so many are acknowledged before the kill: a thousand in all. */
const KILLS = [200, 130, 270, 90, 310] as const

let directory: string
let port: number
let server: RunningProcess
let place: DurablePlace
let token: string
let newcomerToken: string
let group: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'causeway-durability-'))
  port = await freePort()
  await startServer()
  group = `/subscriptions/${place.subscriptionId}/resourceGroups/durable`
  expect(await put(`${group}?api-version=2021-04-01`, {})).toMatchObject({ status: 201 })
  const shared = {
    gatewayIpAddress: '203.0.113.1',
    localNetworkAddressSpace: { addressPrefixes: ['10.1.0.0/16'] },
  }
  const gateway = { gatewayType: 'Vpn', vpnType: 'RouteBased' }
  expect(await put(network('localNetworkGateways/shared'), shared)).toMatchObject({ status: 201 })
  expect(await put(network('virtualNetworkGateways/shared'), gateway)).toMatchObject({ status: 201 })
})

afterAll(async () => {
  await server?.stop()
  if (directory) rmSync(directory, { recursive: true, force: true })
})

describe('a server that is killed in the middle of its writes', () => {
  const noted = nothingYet()

  it.each(KILLS)('has all that it acknowledged when it starts again: killed after %i', async killAfter => {
    const [before, unknown] = [noted.count, noted.unknown.size]
    await writeUntilKilled(noted, killAfter)
    expect(noted.count - before).toBeGreaterThanOrEqual(killAfter)
    expect(noted.unknown.size).toBeGreaterThan(unknown)
    await startServer()
    expect(await wrongFacts(noted)).toEqual([])
    expect(await wrongSecrets(noted)).toEqual([])
    expect(await wrongRights(noted)).toEqual([])
    expect(await runningOperations(noted)).toEqual([])
    expect(await halfThere(noted)).toEqual([])
  })

  it('has a history of each of them, and a store that is whole', async () => {
    expect(noted.count).toBeGreaterThanOrEqual(1_000)
    const kinds = [noted.secrets.size, noted.readable.size, noted.operations.size, noted.interrupted.size]
    for (const size of kinds) expect(size).toBeGreaterThan(5)
    await server.stop()
    const data = await openDataDirectory(join(directory, 'data'))
    const targets = new Set<string>()
    for (let after: number | undefined; ; ) {
      const page = await data.documents.history({ limit: 1_000, ...(after !== undefined && { after }) })
      for (const { target } of page) targets.add(target)
      after = page.at(-1)?.id
      if (after === undefined) break
    }
    await data.close()
    const unrecorded = [...noted.facts.keys()].filter(path => !targets.has(`resources${path.toLowerCase()}`))
    expect(unrecorded).toEqual([])
    await startServer()
  })
})

describe('several programs that change one resource', () => {
  const TIMES = 12

  it('lose no update with If-Match, whatever SDK they have', async () => {
    const path = network('localNetworkGateways/counted')
    const made = await put(path, { gatewayIpAddress: '203.0.113.1' }, { tags: { count: '0' } })
    expect(made).toMatchObject({ status: 201 })
    const programs = [...SDK_VERSIONS, ...SDK_VERSIONS]
    const outcomes = await Promise.all(
      programs.map(sdk => counting({ sdk, place, path: ['durable', 'counted'], times: TIMES })),
    )
    const { tags } = JSON.parse((await get(path)).text) as { readonly tags: object }
    expect(tags).toEqual({ count: String(programs.length * TIMES) })
    expect(outcomes.reduce((sum, { conflicts }) => sum + conflicts, 0)).toBeGreaterThan(0)
  })
})

async function writeUntilKilled(noted: Acknowledged, killAfter: number): Promise<void> {
  const end = noted.count + killAfter
  const places = {
    group,
    newcomerId: place.newcomer.objectId,
    readerRole: `/subscriptions/${place.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${BUILT_IN_ROLE_IDS.reader}`,
  }
  const clients = Array.from({ length: WRITERS }, () => client(token))
  const told = (): void => {
    if (noted.count === end) server.signal('SIGKILL')
  }
  const writing = clients.map((each, i) => new Writer(each, i, places, noted, told).run())
  await Promise.all(writing)
  await server.exited
}

/** What was acknowledged and is not so. What was then changed again, without an answer, is looked at by `halfThere`. */
async function wrongFacts({ facts, unknown }: Acknowledged): Promise<readonly unknown[]> {
  const wrong: unknown[] = []
  for (const fact of facts.values()) {
    if (unknown.has(fact.path)) continue
    const { status, text } = await get(fact.path)
    if (fact.type === 'absent' && status === 404) continue
    const { etag, tags } = status === 200 ? (JSON.parse(text) as Shown) : {}
    if (fact.type === 'present' && etag === fact.etag && tags?.mark === fact.mark) continue
    wrong.push({ fact, status, text })
  }
  return wrong
}

async function wrongSecrets({ secrets }: Acknowledged): Promise<readonly unknown[]> {
  const wrong: unknown[] = []
  for (const [path, key] of secrets) {
    const { status, text } = await get(`${path}/sharedkey`)
    if (status !== 200 || (JSON.parse(text) as { value?: string }).value !== key) wrong.push({ path, status })
  }
  return wrong
}

/** What the newcomer was let read and may not, and that it may not read what nobody let it. */
async function wrongRights({ readable }: Acknowledged): Promise<readonly unknown[]> {
  const newcomer = client(newcomerToken)
  const wrong: unknown[] = []
  for (const path of readable) {
    const { status } = await newcomer.send('GET', `${path}?${NETWORK}`)
    if (status !== 200) wrong.push({ path, status })
  }
  const { status } = await newcomer.send('GET', `${network('localNetworkGateways/shared')}?${NETWORK}`)
  if (status !== 403) wrong.push({ path: 'shared', status })
  newcomer.close()
  return wrong
}

/** What is neither done nor ended by the kill. */
async function runningOperations({ operations, interrupted }: Acknowledged): Promise<readonly unknown[]> {
  const running: unknown[] = []
  for (const url of operations) {
    const { pathname, search } = new URL(url)
    const { text } = await get(`${pathname}${search}`)
    const { status, error } = JSON.parse(text) as { status?: string; error?: { code?: string } }
    const isInterrupted = status === 'Failed' && error?.code === 'OperationCancelled'
    if (isInterrupted) interrupted.add(url)
    else if (status !== 'Succeeded') running.push({ url, text })
  }
  return running
}

/** Resources that are neither as they were nor as they were to be, or on their way for ever. */
async function halfThere({ facts, unknown }: Acknowledged): Promise<readonly unknown[]> {
  const half: unknown[] = []
  for (const [path, mark] of unknown) {
    const { status, text } = await get(path)
    const former = facts.get(path)
    if (status === 404 && (former?.type !== 'present' || mark === 'gone')) continue
    const { tags, properties } = JSON.parse(text) as Shown
    const isAssignment = path.includes('/roleAssignments/') && properties !== undefined
    const marks = [mark, former?.type === 'present' ? former.mark : undefined]
    if (status === 200 && (isAssignment || marks.includes(tags?.mark))) continue
    half.push({ path, status, text })
  }
  for (let next: string | undefined = `${group}/resources?api-version=2021-04-01`; next; ) {
    const page = JSON.parse((await get(next)).text) as { value: readonly Listed[]; nextLink?: string }
    for (const entry of page.value)
      if (!['Succeeded', 'Failed'].includes(entry.provisioningState)) half.push(entry)
    next = page.nextLink?.slice(place.baseUrl.length)
  }
  return half
}

interface Shown {
  readonly etag?: string
  readonly tags?: { readonly mark?: string }
  readonly properties?: object
}

interface Listed {
  readonly id: string
  readonly provisioningState: string
}

async function counting(plan: CountingPlan): Promise<CountingOutcome> {
  const { PATH = '', HOME = '' } = process.env
  const { stdout } = await run(process.execPath, [...LOADER, mainOf('sdk'), JSON.stringify(plan)], {
    env: { PATH, HOME, NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem') },
    timeout: 120_000,
  })
  return JSON.parse(/^outcome (.*)$/m.exec(stdout)?.[1] ?? 'no outcome') as CountingOutcome
}

/** Starts it on what the last one left, as it is. */
async function startServer(): Promise<void> {
  server = start(process.execPath, [...LOADER, mainOf('server'), directory, String(port)], {
    title: 'management API',
  })
  const { text } = await server.waitFor(/^ready /, 60_000)
  place = JSON.parse(text.slice('ready '.length)) as DurablePlace
  token = await tokenOf(place.owner)
  newcomerToken = await tokenOf(place.newcomer)
}

async function tokenOf({ clientId, clientSecret }: Person): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope: 'https://management.azure.com/.default',
  })
  const anybody = client(undefined)
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  const { text } = await anybody.send('POST', `/${place.tenantId}/oauth2/v2.0/token`, form.toString(), type)
  anybody.close()
  return (JSON.parse(text) as { readonly access_token: string }).access_token
}

let asking: Client | undefined

/** The path may have its own query. */
async function get(path: string): Promise<Answered> {
  const version = path.includes('/roleAssignments/') ? 'api-version=2022-04-01' : NETWORK
  return owner().send('GET', path.includes('?') ? path : `${path}?${version}`)
}

async function put(path: string, properties: object, more: object = {}): Promise<Answered> {
  const body = JSON.stringify({ location: 'local', properties, ...more })
  return owner().send('PUT', path.includes('?') ? path : `${path}?${NETWORK}`, body)
}

/** Signed in anew with each server. */
function owner(): Client {
  if (asking?.token !== token) {
    asking?.close()
    asking = client(token)
  }
  return asking
}

function client(bearer: string | undefined): Client {
  const made = new Client(place.baseUrl, readFileSync(join(directory, 'ca.pem'), 'utf8'))
  made.token = bearer
  return made
}

function network(rest: string): string {
  return `${group}/providers/Microsoft.Network/${rest}`
}
