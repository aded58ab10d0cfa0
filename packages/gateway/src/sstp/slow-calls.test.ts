import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createMemoryDatapath, type DatapathEvent } from '@causeway/datapath'
import { parseSstpPacket, type SstpEngine, type SstpPacket } from '@causeway/sstp'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type SstpClientDriver, sstpClientDriver } from '../client/sstp-client-driver.ts'
import { systemClock } from '../engine/clock.ts'
import { clientCredentials, type TlsCredentials } from '../testing/credentials.suite.ts'
import { isCallConnected, protocolOf } from '../testing/hostile-sstp.suite.ts'
import { sstpProfile } from '../testing/sstp-client.suite.ts'
import { recordingLog, type TestGateway, testGateway } from '../testing/test-gateway.suite.ts'

/** Where a client falls silent: from the first packet on that is of this kind. */
const STAGES: Readonly<Record<string, (packet: SstpPacket) => boolean>> = {
  'the call': () => true,
  LCP: packet => protocolOf(packet) === 0xc021,
  authentication: packet => protocolOf(packet) === 0xc227,
  CALL_CONNECTED: isCallConnected,
}

const NEGOTIATION_SECONDS = 1
const WARM_UP = 400
const CALLS = 1_000

let site: TestGateway
let credentials: TlsCredentials
let drivers: SstpClientDriver[] = []

beforeEach(async () => {
  site = await testGateway({
    tunnels: new Set(['SSTP']),
    sessionLimits: { sstp: CALLS, ikev2OpenVpn: 0 },
    sstp: { tunnelMtu: 1400, helloSeconds: 60, negotiationSeconds: NEGOTIATION_SECONDS },
  })
  credentials = await clientCredentials(site.authority)
})

afterEach(async () => {
  for (const { driver } of drivers) driver.close()
  drivers = []
  await site.stop()
})

test.each(Object.keys(STAGES))(
  'silence from %s on is ended by a timer, with the reason in the log',
  async stage => {
    const client = silentFrom(stage)
    await client.connect()
    const begun = Date.now()
    await site.eventually(() => client.driver.quiet, 10_000)
    expect(Date.now() - begun).toBeGreaterThan(NEGOTIATION_SECONDS * 900)
    expect(site.gateway.sessions()).toEqual([])
    expect(site.messages().at(-1)).toMatch(/^client refused: .*(time|late|answer)/)
  },
)

test('a thousand of them leave memory as it was', async () => {
  const clients = Object.keys(STAGES).map(silentFrom)
  const wave = async (calls: number): Promise<number> => {
    for (let i = 0; i < calls / clients.length; i++)
      await Promise.all(clients.map(client => client.connect()))
    await site.eventually(() => clients.every(({ driver }) => driver.quiet), 30_000)
    expect(site.gateway.sessions()).toEqual([])
    site.recorded.lines.length = 0
    return settledBytes()
  }
  const before = await wave(WARM_UP)
  expect((await wave(CALLS)) - before).toBeLessThan(GROWTH_BYTES)
}, 180_000)

/** A tenth of what a thousand calls take; what V8 compiles meanwhile is a tenth of that. */
const GROWTH_BYTES = 4_000_000

/** A client of any number of calls. */
function silentFrom(stage: string): SstpClientDriver {
  const onEvents = (events: readonly DatapathEvent[]): void => {
    for (const event of events) client.driver.handleDatapathEvent(event)
  }
  const datapath = createMemoryDatapath({ workers: 1, onEvents }, site.network)
  const client = sstpClientDriver({
    profile: sstpProfile(site, credentials),
    datapath,
    clock: systemClock,
    log: recordingLog().log,
    routes: [],
    onEvent: () => undefined,
    alterEngine: engine => muted(engine, STAGES[stage] as (packet: SstpPacket) => boolean),
  })
  drivers.push(client)
  return client
}

/** Leaves out what a call would send, from the first packet on that is the last straw. */
function muted(engine: SstpEngine, straw: (packet: SstpPacket) => boolean): SstpEngine {
  const silent = new Set<number>()
  const poll: SstpEngine['poll'] = () => {
    for (let output = engine.poll(); output; output = engine.poll()) {
      if (output.type === 'event' && output.event.type === 'closed') silent.delete(output.call)
      if (output.type !== 'send') return output
      const packet = parseSstpPacket(output.packet)
      if ('type' in packet && straw(packet as SstpPacket)) silent.add(output.call)
      if (!silent.has(output.call)) return output
    }
    return undefined
  }
  return {
    handleDatagram: (datagram, now) => engine.handleDatagram(datagram, now),
    handleCommand: (command, now) => engine.handleCommand(command, now),
    handleTimeout: now => engine.handleTimeout(now),
    nextTimeout: () => engine.nextTimeout(),
    poll,
  }
}

async function settledBytes(): Promise<number> {
  await new Promise(resolve => setImmediate(resolve))
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')
