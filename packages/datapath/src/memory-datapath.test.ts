import { type Endpoint, parseIpAddress } from '@causeway/wire'
import { describeDatapath } from './datapath.suite.ts'
import type { DatapathEvent } from './datapath-event.ts'
import type { DatapathFixture, UdpPeer } from './datapath-fixture.suite.ts'
import { createMemoryDatapath } from './memory-datapath.ts'
import { MemoryNetwork } from './memory-network.ts'

describeDatapath('in-memory datapath', openFixture)

async function openFixture(): Promise<DatapathFixture> {
  const network = new MemoryNetwork()
  const events: DatapathEvent[] = []
  const datapath = createMemoryDatapath({ workers: 1, onEvents: batch => events.push(...batch) }, network)
  return {
    datapath,
    events,
    tunWrite: packet => datapath.tunWrite(packet),
    tunRead: () => datapath.tunRead(),
    openPeer: async family => openPeer(network, family),
    settle: async () => datapath.flushEvents(),
    advance: async milliseconds => {
      network.advance(milliseconds)
      datapath.flushEvents()
    },
    close: async () => datapath.close(),
  }
}

function openPeer(network: MemoryNetwork, family: 4 | 6): UdpPeer {
  let waiting: Uint8Array[] = []
  const sources: Endpoint[] = []
  const address = parseIpAddress(family === 4 ? '127.0.0.1' : '::1')
  if (!address) throw new TypeError('loopback is an address')
  const socket = network.bind(address, 0, (from, bytes) => {
    waiting.push(bytes)
    sources.push(from)
  })
  return {
    endpoint: socket.local,
    send: (remote, bytes) => socket.send(remote, bytes),
    received: () => {
      const packets = waiting
      waiting = []
      return packets
    },
    sources: () => sources,
  }
}
