import { catchFault, Reader, WireFault, Writer } from '@causeway/wire'
import type { KeyId } from '../data-channel.ts'
import { type ControlOpcode, isControlOpcode, OPCODES } from './opcode.ts'

/** Length of a session id in bytes. */
export const SESSION_ID_BYTES = 8
/** Opcode, key id and session id: what every wrap leaves in the clear. */
export const CONTROL_HEADER_BYTES: number = 1 + SESSION_ID_BYTES
/** Acknowledgements read from one packet. OpenVPN never sends more. */
export const MAX_ACKS_READ = 8
/** Acknowledgements written into one packet. */
export const MAX_ACKS_WRITTEN = 8
/** Bytes of one control packet, wrapped key included. Ours: above any path MTU in use. */
export const MAX_CONTROL_PACKET_BYTES = 4096

/**
 * A packet of the control channel, without its wrap (openvpn-rfc, "Control channel packets"):
 *
 * ```
 * | opcode 5, key id 3 | session id 64 | ack count 8 | acks 32 × n | remote session id 64, if n > 0 |
 * | message packet id 32, not in ACK_V1 | payload |
 * ```
 */
export interface ControlPacket {
  readonly opcode: ControlOpcode
  readonly keyId: KeyId
  /** The sender's session id, 8 bytes. */
  readonly sessionId: Uint8Array
  /** Message packet ids that the sender has received, up to {@link MAX_ACKS_READ}. */
  readonly acks: readonly number[]
  /** The receiver's session id, 8 bytes: there exactly when `acks` is not empty. */
  readonly remoteSessionId?: Uint8Array
  /** Number in the reliability layer: there in every packet but ACK_V1. */
  readonly packetId?: number
  /** TLS records, or the early negotiation of a reset. Empty in ACK_V1. */
  readonly payload: Uint8Array
}

/** Reads an unwrapped packet. Nothing in the result is a view of the input. Errors: the fault. */
export function readControlPacket(bytes: Uint8Array): ControlPacket | WireFault {
  return catchFault(() => {
    const reader = new Reader(bytes)
    return readControlBody(readControlHeader(reader), reader)
  })
}

/** Writes an unwrapped packet. Errors: `RangeError` when the packet breaks its own interface. */
export function writeControlPacket(packet: ControlPacket): Uint8Array {
  const writer = new Writer(CONTROL_HEADER_BYTES + 64 + packet.payload.length)
  writer.bytes(writeControlHeader(packet)).bytes(writeControlBody(packet))
  return writer.finish()
}

/** What stands in the clear before any wrap. */
export type ControlHeader = Pick<ControlPacket, 'opcode' | 'keyId' | 'sessionId'>

/** Reads opcode, key id and session id. Raises: WireFault. */
export function readControlHeader(reader: Reader): ControlHeader {
  if (reader.remaining > MAX_CONTROL_PACKET_BYTES) reader.fail('limit', 'packet')
  const offset = reader.offset
  const first = reader.u8('opcode')
  const opcode = first >> 3
  if (!isControlOpcode(opcode)) throw new WireFault('invalid', 'opcode', offset)
  const sessionId = reader.bytes(SESSION_ID_BYTES, 'session id').slice()
  return { opcode, keyId: (first & 7) as KeyId, sessionId }
}

/** The {@link CONTROL_HEADER_BYTES} of a packet. */
export function writeControlHeader(packet: ControlHeader): Uint8Array {
  requireSessionId(packet.sessionId)
  return Uint8Array.of((packet.opcode << 3) | packet.keyId, ...packet.sessionId)
}

/** Reads what follows the header, up to the reader's end. Raises: WireFault. */
export function readControlBody(header: ControlHeader, reader: Reader): ControlPacket {
  const { acks, remoteSessionId } = readAcks(reader)
  const packet = { ...header, acks, ...(remoteSessionId && { remoteSessionId }) }
  if (header.opcode === OPCODES.ACK_V1) {
    reader.end('ack packet')
    if (acks.length === 0) reader.fail('invalid', 'ack count')
    return { ...packet, payload: new Uint8Array(0) }
  }
  const packetId = reader.u32('message packet id')
  return { ...packet, packetId, payload: reader.rest().slice() }
}

/** The bytes after the header. Errors: `RangeError` when the packet breaks its own interface. */
export function writeControlBody(packet: ControlPacket): Uint8Array {
  const { acks, remoteSessionId, packetId, payload } = packet
  if (acks.length > MAX_ACKS_WRITTEN) throw new RangeError('too many acknowledgements for one packet')
  if (acks.length > 0 !== (remoteSessionId !== undefined))
    throw new RangeError('a remote session id goes with acknowledgements, and only with them')
  if ((packet.opcode === OPCODES.ACK_V1) !== (packetId === undefined))
    throw new RangeError('every packet but ACK_V1 has a message packet id')
  const writer = new Writer(payload.length + 64).u8(acks.length)
  for (const ack of acks) writer.u32(ack)
  if (remoteSessionId) writer.bytes(requireSessionId(remoteSessionId))
  if (packetId !== undefined) writer.u32(packetId).bytes(payload)
  else if (acks.length === 0 || payload.length > 0)
    throw new RangeError('ACK_V1 carries acknowledgements only')
  return writer.finish()
}

function readAcks(reader: Reader): Pick<ControlPacket, 'acks' | 'remoteSessionId'> {
  const count = reader.u8('ack count')
  if (count > MAX_ACKS_READ) reader.fail('limit', 'ack count')
  const acks = Array.from({ length: count }, () => reader.u32('ack'))
  if (count === 0) return { acks }
  return { acks, remoteSessionId: reader.bytes(SESSION_ID_BYTES, 'remote session id').slice() }
}

function requireSessionId(id: Uint8Array): Uint8Array {
  if (id.length !== SESSION_ID_BYTES) throw new RangeError('a session id has 8 bytes')
  return id
}
