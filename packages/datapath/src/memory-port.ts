import { concatBytes, type Endpoint, type IpAddress, Reader } from '@causeway/wire'
import type { PortOptions } from './datapath.ts'
import type { FlowOptions } from './flow.ts'
import type { PortId } from './ids.ts'
import { ESP_HEADER_BYTES } from './memory-esp-transform.ts'
import type { MemorySocket } from './memory-network.ts'
import { packetKind } from './memory-packet-format.ts'

type PortProtocol = PortOptions['protocol']

/** What a datagram is. `control` comes without what the port adds. */
export type Arrival =
  | { readonly type: 'control'; readonly bytes: Uint8Array }
  | { readonly type: 'data-v1' | 'data-v2' | 'keepalive' | 'malformed' }
  | { readonly type: 'esp'; readonly spi: number }

/** In place of an SPI before IKE messages (RFC 3948 §2.2). */
const NON_ESP_MARKER = new Uint8Array(4)
/** RFC 3948 §2.3: one byte 0xff. */
const KEEPALIVE = 0xff

/** An opened port: its socket, and what its protocol puts around packets. */
export class MemoryPort {
  readonly id: PortId
  readonly protocol: PortProtocol
  readonly socket: MemorySocket

  constructor(id: PortId, protocol: PortProtocol, socket: MemorySocket) {
    this.id = id
    this.protocol = protocol
    this.socket = socket
  }

  /** Whether flows of this protocol can go by this port to this remote. */
  carries(protocol: FlowOptions['protocol'], remote: Endpoint): boolean {
    if (protocol === 'sstp') return false
    if (protocol !== 'esp') return this.protocol === 'openvpn' && remote.port !== 0
    return this.protocol === 'esp' ? remote.port === 0 : this.protocol === 'ike-esp' && remote.port !== 0
  }

  /** Sends a packet that is not data. */
  sendControl(remote: Endpoint, bytes: Uint8Array, local: IpAddress | undefined): void {
    const isMarked = this.protocol === 'ike-esp' && !isKeepalive(bytes)
    this.socket.send(remote, isMarked ? concatBytes([NON_ESP_MARKER, bytes]) : bytes, local)
  }

  /** Tells what has arrived. */
  classify(bytes: Uint8Array): Arrival {
    switch (this.protocol) {
      case 'openvpn':
        return classifyOpenVpn(bytes)
      case 'ike':
        return bytes.length > 0 ? { type: 'control', bytes } : { type: 'malformed' }
      case 'ike-esp':
        return classifyEncapsulated(bytes)
      case 'esp':
        return classifyEsp(bytes)
      default:
        return this.protocol satisfies never
    }
  }
}

/** The kind of an OpenVPN packet, from a datagram or a frame. */
export function classifyOpenVpn(bytes: Uint8Array): Arrival {
  const kind = packetKind(bytes)
  if (kind === 'control') return { type: 'control', bytes }
  return { type: kind === 'unknown' ? 'malformed' : kind }
}

function classifyEncapsulated(bytes: Uint8Array): Arrival {
  if (isKeepalive(bytes)) return { type: 'keepalive' }
  const isIke = bytes.length > NON_ESP_MARKER.length && NON_ESP_MARKER.every((zero, i) => bytes[i] === zero)
  return isIke ? { type: 'control', bytes: bytes.slice(NON_ESP_MARKER.length) } : classifyEsp(bytes)
}

/** SPI 0 is no SA's (RFC 4303 §2.1): on a port with IKE it is the marker with nothing behind it. */
function classifyEsp(bytes: Uint8Array): Arrival {
  if (bytes.length < ESP_HEADER_BYTES) return { type: 'malformed' }
  const spi = new Reader(bytes).u32('SPI')
  return spi === 0 ? { type: 'malformed' } : { type: 'esp', spi }
}

function isKeepalive(bytes: Uint8Array): boolean {
  return bytes.length === 1 && bytes[0] === KEEPALIVE
}
