import { createSocket } from 'node:dgram'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import type { LaneId, RadiusCommand, RadiusPath, ServerId } from '@causeway/radius'
import { type Endpoint, formatIpAddress, parseIpAddress } from '@causeway/wire'

/** What lanes tell. */
export interface LaneListener {
  handleDatagram(path: RadiusPath, bytes: Uint8Array): void
  command(command: RadiusCommand): void
}

/** A way to one server. */
interface Lane {
  send(bytes: Uint8Array): void
  close(): void
}

/** The UDP ports and TLS connections of a RADIUS client. */
export class RadiusLanes {
  readonly #listener: LaneListener
  /** What a RadSec connection to a server is made with. */
  readonly #tls: (server: ServerId) => ConnectionOptions
  readonly #lanes = new Map<LaneId, Lane>()

  constructor(listener: LaneListener, tls: (server: ServerId) => ConnectionOptions) {
    this.#listener = listener
    this.#tls = tls
  }

  /** A UDP port that the system chooses at random, which hears nobody but the server. */
  openPort(lane: LaneId, remote: Endpoint): void {
    const host = formatIpAddress(remote.address)
    const socket = createSocket(remote.address.family === 4 ? 'udp4' : 'udp6')
    const waiting: Uint8Array[] = []
    let isConnected = false
    socket.on('error', error => this.#closed(lane, error.message))
    socket.on('message', (bytes, from) => {
      const address = parseIpAddress(from.address)
      if (address) this.#listener.handleDatagram({ lane, remote: { address, port: from.port } }, bytes)
    })
    socket.connect(remote.port, host, () => {
      isConnected = true
      for (const bytes of waiting) send(bytes)
    })
    const send = (bytes: Uint8Array): void => {
      if (isConnected) socket.send(bytes, error => error && this.#closed(lane, error.message))
      else waiting.push(bytes)
    }
    this.#lanes.set(lane, { send, close: () => socket.close() })
  }

  connect(lane: LaneId, server: ServerId, remote: Endpoint): void {
    const host = formatIpAddress(remote.address)
    const socket: TLSSocket = connect({ ...this.#tls(server), host, port: remote.port })
    socket.on('secureConnect', () => this.#listener.command({ type: 'connected', lane }))
    socket.on('data', bytes => this.#listener.command({ type: 'bytes', lane, bytes }))
    let reason = 'the server closed the connection'
    socket.on('error', error => {
      reason = error.message
    })
    socket.on('close', () => this.#closed(lane, reason))
    this.#lanes.set(lane, { send: oneByOne(socket), close: () => socket.destroy() })
  }

  send(lane: LaneId, bytes: Uint8Array): void {
    this.#lanes.get(lane)?.send(bytes)
  }

  close(lane: LaneId): void {
    const open = this.#lanes.get(lane)
    this.#lanes.delete(lane)
    open?.close()
  }

  closeAll(): void {
    for (const lane of [...this.#lanes.keys()]) this.close(lane)
  }

  #closed(lane: LaneId, reason: string): void {
    if (!this.#lanes.has(lane)) return
    this.close(lane)
    this.#listener.command({ type: 'closed', lane, reason })
  }
}

/** A TLS record for each packet: FreeRADIUS 3 hangs up on one that holds several, and Node would join them. */
function oneByOne(socket: TLSSocket): (packet: Uint8Array) => void {
  const waiting: Uint8Array[] = []
  let isWriting = false
  const write = (): void => {
    const packet = waiting.shift()
    isWriting = packet !== undefined
    if (packet) socket.write(packet, write)
  }
  return packet => {
    waiting.push(packet)
    if (!isWriting) write()
  }
}
