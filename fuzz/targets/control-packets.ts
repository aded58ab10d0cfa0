import {
  type ControlPacket,
  OPCODES,
  readControlPacket,
  readEarlyNegotiation,
  writeControlPacket,
  writeEarlyNegotiation,
} from '@causeway/openvpn'
import { type FuzzTarget, requireSame } from '../target.ts'

const sessionId = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
const remoteSessionId = Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1)
const none = new Uint8Array(0)

/** One packet of every shape. */
export const PACKETS: readonly ControlPacket[] = [
  { opcode: OPCODES.HARD_RESET_CLIENT_V2, keyId: 0, sessionId, acks: [], packetId: 0, payload: none },
  {
    opcode: OPCODES.HARD_RESET_SERVER_V2,
    keyId: 0,
    sessionId,
    acks: [0],
    remoteSessionId,
    packetId: 0,
    payload: writeEarlyNegotiation({ resendWrappedKey: true }),
  },
  {
    opcode: OPCODES.CONTROL_V1,
    keyId: 0,
    sessionId,
    acks: [0, 1, 2, 3],
    remoteSessionId,
    packetId: 4,
    payload: Uint8Array.of(22, 3, 1, 0, 4, 1, 0, 0, 0),
  },
  { opcode: OPCODES.ACK_V1, keyId: 0, sessionId, acks: [1, 2], remoteSessionId, payload: none },
  { opcode: OPCODES.SOFT_RESET_V1, keyId: 1, sessionId, acks: [], packetId: 0, payload: none },
  { opcode: OPCODES.HARD_RESET_CLIENT_V3, keyId: 0, sessionId, acks: [], packetId: 0, payload: none },
  {
    opcode: OPCODES.CONTROL_WKC_V1,
    keyId: 0,
    sessionId,
    acks: [0],
    remoteSessionId,
    packetId: 1,
    payload: Uint8Array.of(22, 3, 1),
  },
]

/** What is read can be written, and is then the same bytes. */
export const controlPackets: FuzzTarget = {
  name: 'control-packets',
  seeds: () => PACKETS.map(writeControlPacket),
  run: input => {
    const packet = readControlPacket(input)
    if ('kind' in packet) return
    requireSame(writeControlPacket(packet), input, 'a packet written again')
    readEarlyNegotiation(packet.payload)
  },
}
