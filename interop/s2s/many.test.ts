import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { ipBatch, runIn } from '../harness/namespace.ts'
import type { Site } from '../harness/site-topology.ts'
import { Strongswan } from '../harness/strongswan.ts'
import { type Sections, sectionAt } from '../harness/swanctl.ts'
import { ADDRESSES } from '../harness/topology.ts'
import type { DeviceOptions } from './device.ts'
import { openSites, SECRET, type SitesScenario, siteAt } from './scenario.ts'
import { CHILD, siteConnection } from './strongswan-connection.ts'

// As many connections as a gateway has tunnels: one strongSwan is a hundred devices, each with an address and a network
// of its own. It begins one half of them, and the gateway the other.

const COUNT = 100
const NUMBERS: readonly number[] = Array.from({ length: COUNT }, (_, at) => at + 1)
/** A few at a time: each is an operation of the API. */
const AT_A_TIME = 4

let scenario: SitesScenario
let site: Site
let device: Strongswan

const address = (number: number): string => `10.78.0.${number}`
const network = (number: number): string => `10.64.${number}.0/24`
const host = (number: number): string => `10.64.${number}.10`
const isBegunThere = (number: number): boolean => number % 2 === 0

beforeAll(async () => {
  const gateway = { sku: { name: 'VpnGw5AZ', tier: 'VpnGw5AZ' } }
  scenario = await openSites({ sites: [{}], gateway })
  site = siteAt(scenario, 0)
  await ipBatch(scenario.topology.router, [`route add 10.78.0.0/24 via ${site.publicAddress}`])
  await ipBatch(site.device, [
    ...NUMBERS.map(number => `addr add ${address(number)}/32 dev lo`),
    // strongSwan wants an address of its own in each network, to have a source for its routes.
    ...NUMBERS.map(number => `addr add 10.64.${number}.1/24 dev lan`),
  ])
  await ipBatch(
    site.host,
    NUMBERS.map(number => `addr add ${host(number)}/24 dev lan`),
  )
  device = await startDevice()
})

afterAll(async () => {
  await device?.stop()
  await scenario?.close()
})

function startDevice(): Promise<Strongswan> {
  const connections: Record<string, Sections> = {}
  // One for all: where the gateway begins, strongSwan finds the key by the gateway's identity alone.
  const secrets = { 'ike-all': { secret: `"${SECRET}"` } }
  for (const number of NUMBERS) {
    const connection = connectionOf(number)
    const child = sectionAt(connection, 'children', `${CHILD}0`) ?? {}
    connections[`c${number}`] = { ...connection, children: { [`child${number}`]: child } }
  }
  return Strongswan.start({
    swanctl: { connections, secrets },
    namespace: site.device,
    title: 'a hundred devices',
  })
}

function connectionOf(number: number): Sections {
  const gatewayIdentity = ADDRESSES.gateway
  const options: DeviceOptions = {
    site,
    gateway: gatewayIdentity,
    proof: { type: 'psk', secret: SECRET, gatewayIdentity, identity: address(number) },
    selectors: [{ local: [network(number)], remote: [ADDRESSES.insideNetwork] }],
    ike: 'aes256gcm16-prfsha384-ecp256',
    esp: 'aes256gcm16',
  }
  return siteConnection(options, { connection: { local_addrs: address(number), encap: 'yes' } })
}

async function makeConnection(number: number): Promise<void> {
  const { arm, bodies } = scenario
  const name = `site${number}`
  await arm.put(
    bodies.id('localNetworkGateways', name),
    bodies.localGateway(site, {
      gatewayIpAddress: address(number),
      localNetworkAddressSpace: { addressPrefixes: [network(number)] },
    }),
  )
  const connectionMode = isBegunThere(number) ? 'ResponderOnly' : 'InitiatorOnly'
  const body = bodies.connection(name, { sharedKey: SECRET, connectionMode })
  await arm.put(bodies.id('connections', name), body)
}

async function inTurns(
  numbers: readonly number[],
  work: (number: number) => Promise<unknown>,
): Promise<void> {
  const left = [...numbers]
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await work(next)
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, worker))
}

/** Of how many connections the gateway says that they are up. */
async function connected(): Promise<number> {
  type Listed = { readonly connections: readonly { readonly status: string }[] }
  const { connections } = await scenario.gateway.json<Listed>('connections')
  return connections.filter(({ status }) => status === 'Connected').length
}

/** Whether an echo comes back from the inside host to a host behind each device; all at once. */
async function silent(): Promise<readonly number[]> {
  const program = NUMBERS.map(
    number => `ping -n -q -c 1 -W 5 -I ${host(number)} ${ADDRESSES.inside} >/dev/null || echo ${number} &`,
  ).join('\n')
  const done = await runIn(site.host, 'sh', ['-c', `${program}\nwait`])
  return done.stdout.split('\n').filter(Boolean).map(Number)
}

test(`${COUNT} connections at once, begun by both ends`, async () => {
  await inTurns(NUMBERS, makeConnection)
  await inTurns(NUMBERS.filter(isBegunThere), number => device.initiate(`child${number}`))
  await eventually(connected, COUNT, { timeoutMs: 60_000 })
  expect(await silent()).toEqual([])
})

test('all of them are back after the gateway was killed', async () => {
  await scenario.gateway.process.stop('SIGKILL')
  await scenario.gateway.restart()
  const [begunThere, begunHere] = [NUMBERS.filter(isBegunThere), NUMBERS.filter(each => !isBegunThere(each))]
  await eventually(async () => (await connected()) >= begunHere.length, true, { timeoutMs: 60_000 })
  // Those that it does not dial are missed by their devices after a while: here they begin anew at once.
  for (const number of begunThere) await device.control('--terminate', '--ike', `c${number}`, '--force')
  await inTurns(begunThere, number => device.initiate(`child${number}`))
  await eventually(connected, COUNT, { timeoutMs: 60_000 })
  expect(await silent()).toEqual([])
})
