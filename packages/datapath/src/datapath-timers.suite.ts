import { parseHex } from '@causeway/wire'
import { expect, test } from 'vitest'
import type { Harness } from './datapath-fixture.suite.ts'
import { type Client, eventOf, eventsOf, openGateway } from './datapath-fixture.suite.ts'

/** OpenVPN's keepalive payload, spelled apart from the implementations. */
const PING = parseHex('2a187bf3641eb4cb07ed2d0a981fc748') as Uint8Array

export function describeTimers(harness: Harness): void {
  const connect = async (flow: { pingIntervalSeconds?: number; idleTimeoutSeconds?: number }) => {
    const gateway = await openGateway(harness.fixture)
    return { gateway, client: await gateway.connect({ flow }) }
  }
  /** What waits at the client without waiting for more. */
  const arrived = (client: Client) => client.peer.received().length

  test('a ping is sent after the interval without a packet sent, and again', async () => {
    const { client } = await connect({ pingIntervalSeconds: 1 })
    await harness.fixture.advance(1300)
    await client.expectPayloads([PING])
    await harness.fixture.advance(1100)
    await client.expectPayloads([PING])
    expect(harness.fixture.datapath.counters(client.flow)).toMatchObject({ packetsSent: 0, bytesSent: 0 })
  })

  test('a packet sent puts the ping off', async () => {
    const { client } = await connect({ pingIntervalSeconds: 2 })
    for (let i = 0; i < 3; i++) {
      await harness.fixture.advance(900)
      harness.fixture.tunWrite(client.fromHost(`${i}`))
      await client.expectPayloads([client.fromHost(`${i}`)])
    }
  })

  test('with interval 0 there are no pings', async () => {
    const { client } = await connect({ pingIntervalSeconds: 0 })
    await harness.fixture.advance(1500)
    expect(arrived(client)).toBe(0)
  })

  test('a received ping goes nowhere and raises nothing', async () => {
    const { gateway, client } = await connect({})
    client.send(PING)
    await client.expectNothingBefore()
    expect(harness.fixture.events).toEqual([])
    expect(harness.fixture.datapath.counters(client.flow)).toMatchObject({ packetsReceived: 1, refused: 0 })
    expect(gateway.fixture.tunRead()).toEqual([])
  })

  test('idle is raised once, and again only after something authentic came', async () => {
    const { gateway, client } = await connect({ idleTimeoutSeconds: 1 })
    await harness.fixture.advance(1300)
    expect(await eventOf(harness.fixture, 'idle')).toEqual({ type: 'idle', flow: client.flow })
    await harness.fixture.advance(1300)
    expect(eventsOf(harness.fixture, 'idle')).toHaveLength(1)
    client.send(client.toHost('awake'))
    await gateway.expectHost([client.toHost('awake')])
    await harness.fixture.advance(2200)
    expect(eventsOf(harness.fixture, 'idle')).toHaveLength(2)
  })

  test('a ping from the client puts idle off', async () => {
    const { client } = await connect({ idleTimeoutSeconds: 2 })
    for (let i = 0; i < 3; i++) {
      await harness.fixture.advance(900)
      client.send(PING)
      await client.expectNothingBefore()
    }
    expect(eventsOf(harness.fixture, 'idle')).toEqual([])
  })

  test('a forged packet does not put idle off', async () => {
    const { client } = await connect({ idleTimeoutSeconds: 1 })
    const forged = client.seal(client.toHost('forged'))
    forged[9] = (forged[9] as number) ^ 1
    await harness.fixture.advance(700)
    client.sendRaw(forged)
    await harness.fixture.advance(700)
    await eventOf(harness.fixture, 'idle')
  })

  test('with idle time 0 nothing is raised', async () => {
    await connect({ idleTimeoutSeconds: 0 })
    await harness.fixture.advance(1500)
    expect(eventsOf(harness.fixture, 'idle')).toEqual([])
  })

  test('float is told at most once a second, and told again after that', async () => {
    const { gateway, client } = await connect({})
    const elsewhere = await harness.fixture.openPeer(4)
    const packets = [0, 1, 2, 3, 4].map(i => client.toHost(`${i}`))
    for (const packet of packets) client.sendRaw(client.seal(packet), elsewhere)
    await gateway.expectHost(packets)
    await eventOf(harness.fixture, 'float')
    expect(eventsOf(harness.fixture, 'float')).toHaveLength(1)
    await harness.fixture.advance(1200)
    client.sendRaw(client.seal(client.toHost('later')), elsewhere)
    await gateway.expectHost([client.toHost('later')])
    await harness.fixture.advance(100)
    expect(eventsOf(harness.fixture, 'float')).toHaveLength(2)
  })

  test('a closed flow pings and idles no more', async () => {
    const { client } = await connect({ pingIntervalSeconds: 1, idleTimeoutSeconds: 1 })
    harness.fixture.datapath.closeFlow(client.flow)
    await harness.fixture.advance(1500)
    expect(arrived(client)).toBe(0)
    expect(eventsOf(harness.fixture, 'idle')).toEqual([])
  })
}
