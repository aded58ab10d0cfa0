import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Reader } from '@causeway/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Profiles } from '../harness/causeway.ts'
import { runInOk } from '../harness/namespace.ts'
import { ping } from '../harness/ping.ts'
import { dial, expectInside, openScenario, type Scenario } from '../harness/scenario.ts'
import { runOk } from '../harness/shell.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { type Api, gatewayId, openApi } from './api.ts'

let scenario: Scenario
let profiles: Profiles
let api: Api
let gateway: string

beforeAll(async () => {
  scenario = await openScenario({ api: true })
  profiles = await scenario.gateway.addClient('alice')
  api = await openApi(scenario.gateway)
  gateway = await gatewayId(api)
})

afterAll(() => scenario?.close())

const startCapture = (filterData?: object) =>
  api.act(`${gateway}/startPacketCapture`, filterData ? { filterData: JSON.stringify(filterData) } : {})
const stopCapture = async () => String(await api.act(`${gateway}/stopPacketCapture`, {}))

/** What tcpdump reads in a file. */
async function read(path: string, ...expression: string[]): Promise<string[]> {
  const text = await runInOk(scenario.topology.gateway, 'tcpdump', ['-nr', path, ...expression])
  return text.split('\n').filter(line => line !== '')
}

/** How many packets each interface of a pcapng file has. */
function packetsByInterface(path: string): readonly number[] {
  const reader = new Reader(readFileSync(path))
  const counts: number[] = []
  while (reader.remaining > 0) {
    const type = reader.u32('type')
    const body = reader.sub(reader.u32('length') - 12, 'body')
    reader.u32('length again')
    if (type === 1) counts.push(0)
    const at = type === 6 ? body.u32('interface') : undefined
    if (at !== undefined) counts[at] = (counts[at] ?? 0) + 1
  }
  return counts
}

test('an echo is seen inside in the clear, and outside in its tunnel', async () => {
  const client = dial(scenario, profiles.azure, { protocol: 'udp' })
  const { address } = await client.connected()
  await startCapture()
  await expectInside(client)
  const path = await stopCapture()
  await client.stop()
  const echoes = await read(path, 'icmp')
  expect(
    echoes.filter(line => line.includes(`${address} > ${ADDRESSES.inside}: ICMP echo request`)),
  ).toHaveLength(3)
  expect(
    echoes.filter(line => line.includes(`${ADDRESSES.inside} > ${address}: ICMP echo reply`)),
  ).toHaveLength(3)
  expect((await read(path, 'udp', 'port', '443')).length).toBeGreaterThanOrEqual(6)
  const [inside = 0, outside = 0, ...more] = packetsByInterface(path)
  expect([inside, more]).toEqual([6, []])
  expect(outside).toBeGreaterThanOrEqual(6)
})

test('a filter takes what it names, cut to its size', async () => {
  const client = dial(scenario, profiles.azure, { protocol: 'udp' })
  await client.connected()
  const oneWay = {
    Protocol: [1],
    DestinationSubnets: ['10.1.0.0/24'],
    CaptureSingleDirectionTrafficOnly: true,
  }
  await startCapture({ TracingFlags: 8, MaxPacketBufferSize: 60, Filters: [oneWay] })
  await ping(client.namespace, ADDRESSES.inside, { device: client.device, bytes: 800 })
  const path = await stopCapture()
  await client.stop()
  const lines = await read(path)
  expect(lines).toHaveLength(3)
  for (const line of lines) expect(line).toMatch(/> 10\.1\.0\.10: ICMP echo request/)
  expect(packetsByInterface(path)).toEqual([3, 0])
})

test('one capture runs at a time, and what is wrong with a filter is told', async () => {
  await startCapture({ TracingFlags: 8 })
  await expect(startCapture()).rejects.toThrow(/runs; stop it first/)
  await expect(startCapture({ TracingFlags: 4 })).rejects.toThrow(/filterData.TracingFlags/)
  const stop = api.act(`${gateway}/stopPacketCapture`, { sasUrl: 'https://169.254.169.254/x?sig=SECRET' })
  await expect(stop).rejects.toThrow(/sasUrl leads to this machine/)
  await stopCapture()
  await expect(stopCapture()).rejects.toThrow(/no capture runs/)
})

/** The programs that run in the gateway's namespace. */
async function programs(): Promise<readonly string[]> {
  const pids = (await runOk('ip', ['netns', 'pids', scenario.topology.gateway.name])).split('\n')
  return pids.flatMap(pid => {
    const path = `/proc/${pid}/comm`
    return pid !== '' && existsSync(path) ? [readFileSync(path, 'utf8').trim()] : []
  })
}

test('nothing is left behind when the gateway stops', async () => {
  await startCapture()
  expect(await programs()).toContain('tcpdump')
  const captures = join(scenario.gateway.data, 'captures')
  await scenario.gateway.stop()
  expect(await programs()).not.toContain('tcpdump')
  const [last = ''] = readdirSync(captures).sort().reverse()
  expect(packetsByInterface(join(captures, last))).toHaveLength(2)
})
