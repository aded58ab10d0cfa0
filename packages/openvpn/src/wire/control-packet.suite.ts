import fc from 'fast-check'
import type { KeyId } from '../data-channel.ts'
import { type ControlPacket, MAX_ACKS_READ } from './control-packet.ts'
import { type ControlOpcode, OPCODES } from './opcode.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const number32 = fc.integer({ min: 0, max: 0xffffffff })
const opcode = fc.constantFrom<ControlOpcode>(3, 4, 5, 7, 8, 10, 11)

/** Any packet that a peer may send. */
export const controlPacket: fc.Arbitrary<ControlPacket> = fc
  .record({
    opcode,
    keyId: fc.integer({ min: 0, max: 7 }).map(id => id as KeyId),
    sessionId: bytes(8),
    acks: fc.array(number32, { maxLength: MAX_ACKS_READ }),
    remote: bytes(8),
    packetId: number32,
    payload: fc.uint8Array({ maxLength: 64 }),
  })
  .map(({ opcode, keyId, sessionId, acks, remote, packetId, payload }) => {
    const isAck = opcode === OPCODES.ACK_V1
    const sent = isAck && acks.length === 0 ? [0] : acks
    return {
      opcode,
      keyId,
      sessionId,
      acks: sent,
      ...(sent.length > 0 && { remoteSessionId: remote }),
      ...(!isAck && { packetId }),
      payload: isAck ? new Uint8Array(0) : payload,
    }
  })
