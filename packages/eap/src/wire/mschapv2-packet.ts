import { catchFault, Reader, type WireFault, Writer } from '@causeway/wire'

/** The OpCode field (draft-kamath-pppext-eap-mschapv2-02 §2). */
const OPCODES = { CHALLENGE: 1, RESPONSE: 2, SUCCESS: 3, FAILURE: 4 } as const

export const MSCHAPV2_CHALLENGE_BYTES = 16
export const MSCHAPV2_NT_RESPONSE_BYTES = 24
const RESERVED_BYTES = 8
/** Peer-Challenge, Reserved, NT-Response, Flags (RFC 2759 §4). */
const RESPONSE_VALUE_BYTES = 49

/**
 * The Type-Data of an EAP-MSCHAPv2 packet (draft-kamath-pppext-eap-mschapv2-02 §2).
 *
 * ```
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |    OpCode     |  MS-CHAPv2-ID |           MS-Length           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Value-Size, Value, Name (challenge, response) or Message ...
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-
 * ```
 *
 * A peer answers success and failure by the OpCode alone: `success-answer` and `failure-answer`.
 * Byte arrays that were read are views.
 */
export type Mschapv2Packet =
  | {
      readonly type: 'challenge'
      readonly id: number
      readonly challenge: Uint8Array
      readonly name: Uint8Array
    }
  | {
      readonly type: 'response'
      readonly id: number
      readonly peerChallenge: Uint8Array
      readonly ntResponse: Uint8Array
      readonly name: Uint8Array
    }
  | { readonly type: 'success' | 'failure'; readonly id: number; readonly message: Uint8Array }
  | { readonly type: 'success-answer' | 'failure-answer' }

export function parseMschapv2Packet(data: Uint8Array): Mschapv2Packet | WireFault {
  return catchFault(() => readMschapv2Packet(data))
}

export function writeMschapv2Packet(packet: Mschapv2Packet): Uint8Array {
  switch (packet.type) {
    case 'challenge': {
      const body = new Writer().u8(packet.challenge.length).bytes(packet.challenge).bytes(packet.name)
      return withHeader(OPCODES.CHALLENGE, packet.id, body)
    }
    case 'response': {
      const body = new Writer().u8(RESPONSE_VALUE_BYTES).bytes(packet.peerChallenge)
      body.reserve(RESERVED_BYTES)
      return withHeader(OPCODES.RESPONSE, packet.id, body.bytes(packet.ntResponse).u8(0).bytes(packet.name))
    }
    case 'success':
    case 'failure': {
      const opcode = packet.type === 'success' ? OPCODES.SUCCESS : OPCODES.FAILURE
      return withHeader(opcode, packet.id, new Writer().bytes(packet.message))
    }
    case 'success-answer':
      return Uint8Array.of(OPCODES.SUCCESS)
    case 'failure-answer':
      return Uint8Array.of(OPCODES.FAILURE)
    default:
      return packet satisfies never
  }
}

function withHeader(opcode: number, id: number, body: Writer): Uint8Array {
  const content = body.finish()
  return new Writer()
    .u8(opcode)
    .u8(id)
    .u16(4 + content.length)
    .bytes(content)
    .finish()
}

function readMschapv2Packet(data: Uint8Array): Mschapv2Packet {
  const reader = new Reader(data)
  const opcode = reader.u8('OpCode')
  if (reader.remaining === 0) return readAnswer(reader, opcode)
  const id = reader.u8('MS-CHAPv2-ID')
  if (reader.u16('MS-Length') !== data.length) reader.fail('invalid', 'MS-Length')
  switch (opcode) {
    case OPCODES.CHALLENGE:
      return readChallenge(reader, id)
    case OPCODES.RESPONSE:
      return readResponse(reader, id)
    case OPCODES.SUCCESS:
      return { type: 'success', id, message: reader.rest() }
    case OPCODES.FAILURE:
      return { type: 'failure', id, message: reader.rest() }
    default:
      return reader.fail('invalid', 'OpCode')
  }
}

function readAnswer(reader: Reader, opcode: number): Mschapv2Packet {
  if (opcode === OPCODES.SUCCESS) return { type: 'success-answer' }
  if (opcode === OPCODES.FAILURE) return { type: 'failure-answer' }
  return reader.fail('truncated', 'MS-CHAPv2-ID')
}

function readChallenge(reader: Reader, id: number): Mschapv2Packet {
  if (reader.u8('Value-Size') !== MSCHAPV2_CHALLENGE_BYTES) reader.fail('invalid', 'Value-Size')
  const challenge = reader.bytes(MSCHAPV2_CHALLENGE_BYTES, 'Challenge')
  return { type: 'challenge', id, challenge, name: reader.rest() }
}

/** Reserved and Flags are not looked at: RFC 2759 §4 wants zeros, old peers send others. */
function readResponse(reader: Reader, id: number): Mschapv2Packet {
  if (reader.u8('Value-Size') !== RESPONSE_VALUE_BYTES) reader.fail('invalid', 'Value-Size')
  const peerChallenge = reader.bytes(MSCHAPV2_CHALLENGE_BYTES, 'Peer-Challenge')
  reader.skip(RESERVED_BYTES, 'Reserved')
  const ntResponse = reader.bytes(MSCHAPV2_NT_RESPONSE_BYTES, 'NT-Response')
  reader.skip(1, 'Flags')
  return { type: 'response', id, peerChallenge, ntResponse, name: reader.rest() }
}
