import { expect, test } from 'vitest'
import type { Harness } from './datapath-fixture.suite.ts'
import { eventOf, eventsOf, eventually, openGateway } from './datapath-fixture.suite.ts'
import { connectSstp, ECHO_REQUEST, LCP_ECHO, SstpClient } from './datapath-sstp-fixture.suite.ts'

export function describeSstpLifetimes(harness: Harness): void {
  const connect = (idleTimeoutSeconds: number) =>
    connectSstp(harness.fixture, { flow: { idleTimeoutSeconds } })

  test('idle is raised once, and again only after something came', async () => {
    const { gateway, client } = await connect(1)
    await harness.fixture.advance(1300)
    expect(await eventOf(harness.fixture, 'idle')).toEqual({ type: 'idle', flow: client.flow })
    await harness.fixture.advance(1300)
    expect(eventsOf(harness.fixture, 'idle')).toHaveLength(1)
    client.send(client.toHost('awake'))
    await gateway.expectHost([client.toHost('awake')])
    await harness.fixture.advance(2200)
    await eventually(harness.fixture, 'idle again', () => eventsOf(harness.fixture, 'idle').length === 2)
  })

  test.each([
    ['a control message', ECHO_REQUEST],
    ['LCP', LCP_ECHO],
  ])('%s puts idle off', async (_, packet) => {
    const { client } = await connect(2)
    for (let i = 1; i <= 4; i++) {
      await harness.fixture.advance(900)
      client.input(packet)
      await eventually(harness.fixture, 'control', () => client.control().length === i)
    }
    expect(eventsOf(harness.fixture, 'idle')).toEqual([])
    await harness.fixture.advance(2600)
    await eventOf(harness.fixture, 'idle')
  })

  test('what is sent does not put idle off', async () => {
    const { client } = await connect(1)
    await harness.fixture.advance(700)
    harness.fixture.tunWrite(client.fromHost('out'))
    harness.fixture.datapath.streamControl(client.stream, [ECHO_REQUEST])
    await client.receive(2)
    await harness.fixture.advance(700)
    await eventOf(harness.fixture, 'idle')
  })

  test('with idle time 0 nothing is raised', async () => {
    await connect(0)
    await harness.fixture.advance(1500)
    expect(eventsOf(harness.fixture, 'idle')).toEqual([])
  })

  test('an ended stream drops control packets and data, and goes on receiving', async () => {
    const { gateway, client } = await connect(0)
    const { datapath } = harness.fixture
    datapath.streamControl(client.stream, [LCP_ECHO])
    datapath.endStream(client.stream)
    datapath.endStream(client.stream)
    datapath.streamControl(client.stream, [ECHO_REQUEST])
    harness.fixture.tunWrite(client.fromHost('late'))
    await eventually(harness.fixture, 'a drop', () => client.counters.sendDrops === 1)
    expect(client.takePackets()).toEqual([LCP_ECHO])
    client.send(client.toHost('still heard'))
    await gateway.expectHost([client.toHost('still heard')])
  })

  test('a stream that is ended with nothing to write gives nothing', async () => {
    const { client } = await connect(0)
    harness.fixture.datapath.endStream(client.stream)
    await harness.fixture.settle()
    expect(client.takePackets()).toEqual([])
    expect(eventsOf(harness.fixture, 'stream-output')).toEqual([])
  })

  const orders: readonly [string, (client: SstpClient) => void][] = [
    ['flow, then stream', client => closeBoth(client, ['flow', 'stream'])],
    ['stream, then flow', client => closeBoth(client, ['stream', 'flow'])],
    ['end, stream, flow', client => closeBoth(client, ['end', 'stream', 'flow'])],
    ['end, flow, stream', client => closeBoth(client, ['end', 'flow', 'stream'])],
    ['flow, end, stream', client => closeBoth(client, ['flow', 'end', 'stream'])],
  ]
  test.each(orders)('closed in the order %s, it leaves nothing behind', async (_, close) => {
    const { gateway, client } = await connect(0)
    client.send(client.toHost('before'))
    await gateway.expectHost([client.toHost('before')])
    harness.fixture.tunWrite(client.fromHost('waiting'))
    await eventually(harness.fixture, 'it in the stream', () => client.counters.packetsSent === 1)
    harness.fixture.datapath.streamControl(client.stream, [ECHO_REQUEST])
    close(client)
    const { noRoute } = harness.fixture.datapath.totals()
    harness.fixture.tunWrite(client.fromHost('after'))
    await eventually(harness.fixture, 'no route', () => harness.fixture.datapath.totals().noRoute > noRoute)
    const next = new SstpClient(harness.fixture)
    next.openFlow()
    await next.expectNothingBefore(gateway)
  })

  test('a fault is told though the stream has no flow', async () => {
    await openGateway(harness.fixture)
    const client = new SstpClient(harness.fixture)
    client.input(Uint8Array.of(0x47, 0x45, 0x54, 0x20))
    expect((await eventOf(harness.fixture, 'stream-fault')).stream).toBe(client.stream)
  })
}

function closeBoth(
  { fixture, flow, stream }: SstpClient,
  order: readonly ('flow' | 'stream' | 'end')[],
): void {
  for (const what of order) {
    if (what === 'flow') fixture.datapath.closeFlow(flow)
    else if (what === 'stream') fixture.datapath.closeStream(stream)
    else fixture.datapath.endStream(stream)
  }
}
