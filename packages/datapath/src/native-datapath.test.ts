import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Endpoint, formatIpAddress, parseIpAddress } from '@causeway/wire'
import { describeDatapath } from './datapath.suite.ts'
import type { DatapathEvent } from './datapath-event.ts'
import type { DatapathFixture, UdpPeer } from './datapath-fixture.suite.ts'
import { createNativeTestDatapath } from './native-test-datapath.ts'

describeDatapath('native datapath', openFixture)

/** One worker, as the suite says: several keep order within a source address only. */
async function openFixture(): Promise<DatapathFixture> {
  const events: DatapathEvent[] = []
  const native = createNativeTestDatapath({ workers: 1, onEvents: batch => events.push(...batch) })
  const sockets: Socket[] = []
  return {
    datapath: native.datapath,
    events,
    tunWrite: native.tunWrite,
    tunRead: native.tunRead,
    openPeer: async family => {
      const socket = createSocket(family === 4 ? 'udp4' : 'udp6')
      sockets.push(socket)
      return openPeer(socket, family)
    },
    // Worker threads are waited for in real time, in steps as small as the timers allow.
    settle: () => sleep(1),
    advance: native.advance,
    close: async () => {
      native.datapath.close()
      for (const socket of sockets) socket.close()
    },
  }
}

async function openPeer(socket: Socket, family: 4 | 6): Promise<UdpPeer> {
  let waiting: Uint8Array[] = []
  const sources: Endpoint[] = []
  socket.on('message', (bytes, from) => {
    waiting.push(new Uint8Array(bytes))
    sources.push(endpointOf(from))
  })
  socket.bind(0, family === 4 ? '127.0.0.1' : '::1')
  await once(socket, 'listening')
  return {
    endpoint: endpointOf(socket.address()),
    send: (remote, bytes) => socket.send(bytes, remote.port, formatIpAddress(remote.address)),
    received: () => {
      const packets = waiting
      waiting = []
      return packets
    },
    sources: () => sources,
  }
}

function endpointOf({ address, port }: Pick<AddressInfo, 'address' | 'port'>): Endpoint {
  const parsed = parseIpAddress(address)
  if (!parsed) throw new TypeError(`not an address: ${address}`)
  return { address: parsed, port }
}
