import { type Endpoint, parseIpAddress } from '@causeway/wire'
import { expect, test } from 'vitest'
import type { DatapathEvent } from './datapath-event.ts'
import { prefix } from './datapath-fixture.suite.ts'
import { type Channel, makeKeys, makeSlot } from './datapath-peer.suite.ts'
import { textPacket } from './inner-packet.suite.ts'
import { createMemoryDatapath, type MemoryDatapath } from './memory-datapath.ts'
import { MemoryNetwork } from './memory-network.ts'

const CHANNEL: Channel = { cipher: 'CHACHA20-POLY1305', format: 'epoch', keyId: 1, peerId: 77 }

function address(text: string) {
  const parsed = parseIpAddress(text)
  if (!parsed) throw new TypeError(`not an address: ${text}`)
  return parsed
}

/** A gateway and a client, both in memory, with keys that fit each other. */
function connect(network: MemoryNetwork) {
  const events: DatapathEvent[] = []
  const open = (host: string) => {
    const datapath = createMemoryDatapath({ workers: 1, onEvents: batch => events.push(...batch) }, network)
    datapath.openTun({ name: 'tun%d', mtu: 1500 })
    return { datapath, port: datapath.openPort({ address: address(host), port: 0, protocol: 'openvpn' }) }
  }
  const gateway = open('192.0.2.1')
  const client = open('2001:db8::2')
  const keys = makeKeys(CHANNEL)
  const openFlow = (
    datapath: MemoryDatapath,
    port: number,
    remote: Endpoint,
    swap: boolean,
    inner: string,
  ) => {
    const path = { type: 'udp', port, remote } as const
    const timers = { clampBytes: 1400, pingIntervalSeconds: 10, idleTimeoutSeconds: 60 }
    const flow = datapath.openFlow({ path, peerId: 77, ...timers })
    datapath.installKey(flow, makeSlot(CHANNEL, swap ? { send: keys.receive, receive: keys.send } : keys))
    datapath.selectKey(flow, CHANNEL.keyId)
    datapath.changeRoutes([{ type: 'add', prefix: prefix(inner), flow }])
    return flow
  }
  const flows = {
    gateway: openFlow(gateway.datapath, gateway.port.id, client.port.local, false, '10.8.0.2'),
    client: openFlow(client.datapath, client.port.id, gateway.port.local, true, '0.0.0.0/0'),
  }
  return { gateway, client, flows, events }
}

const UP = textPacket('10.8.0.2', '198.51.100.7', 'up')
const DOWN = textPacket('198.51.100.7', '10.8.0.2', 'down')

test('two datapaths reach each other as gateway and client', () => {
  const { gateway, client } = connect(new MemoryNetwork())
  client.datapath.tunWrite(UP)
  expect(gateway.datapath.tunRead()).toEqual([UP])
  gateway.datapath.tunWrite(DOWN)
  expect(client.datapath.tunRead()).toEqual([DOWN])
})

test('pings in both directions keep both from being idle for a day', () => {
  const network = new MemoryNetwork()
  const { events } = connect(network)
  network.advance(86_400_000)
  expect(events).toEqual([])
})

test('when the path is cut both become idle after their time', () => {
  let cut = false
  const network = new MemoryNetwork((packet, deliver) => {
    if (!cut) deliver(packet)
  })
  const { gateway, client, events, flows } = connect(network)
  cut = true
  network.advance(59_999)
  gateway.datapath.flushEvents()
  expect(events).toEqual([])
  network.advance(1)
  gateway.datapath.flushEvents()
  client.datapath.flushEvents()
  expect(events).toEqual([
    { type: 'idle', flow: flows.gateway },
    { type: 'idle', flow: flows.client },
  ])
})

test('a packet doubled on the way is delivered once', () => {
  const network = new MemoryNetwork((packet, deliver) => {
    deliver(packet)
    deliver(packet)
  })
  const { gateway, client, flows } = connect(network)
  client.datapath.tunWrite(UP)
  expect(gateway.datapath.tunRead()).toEqual([UP])
  expect(gateway.datapath.counters(flows.gateway).replays).toBe(1)
})

test('events come in a microtask, never inside the call', async () => {
  const { gateway, client, events } = connect(new MemoryNetwork())
  const hello = Uint8Array.of(7 << 3, 1)
  client.datapath.sendDatagrams(client.port.id, [{ remote: gateway.port.local, bytes: hello }])
  expect(events).toEqual([])
  await Promise.resolve()
  expect(events).toHaveLength(1)
})

test('control packets beyond what JavaScript takes are counted', () => {
  const { gateway, client } = connect(new MemoryNetwork())
  const datagram = { remote: gateway.port.local, bytes: Uint8Array.of(7 << 3, 1) }
  client.datapath.sendDatagrams(client.port.id, Array(5000).fill(datagram))
  expect(gateway.datapath.totals().controlOverflow).toBe(5000 - 4096)
})

test('a socket bound to no address is found by its port, and answers from loopback', () => {
  const network = new MemoryNetwork()
  const seen: Endpoint[] = []
  const server = network.bind(address('0.0.0.0'), 1194, from => seen.push(from))
  const client = network.bind(address('192.0.2.9'), 0, from => seen.push(from))
  client.send({ address: address('203.0.113.1'), port: 1194 }, Uint8Array.of(1))
  server.send(client.local, Uint8Array.of(2))
  expect(seen).toEqual([client.local, { address: address('127.0.0.1'), port: 1194 }])
})

test('after close a datapath is no longer reached or woken', () => {
  const network = new MemoryNetwork()
  const { gateway, client, events } = connect(network)
  gateway.datapath.close()
  client.datapath.tunWrite(UP)
  network.advance(30_000)
  client.datapath.flushEvents()
  expect(events).toEqual([])
})
