import { catchFault, Reader, type WireFault, Writer } from '@causeway/wire'
import { NAME_BYTES } from '../limits.ts'

/** RFC 1994 §4. */
export const CHAP_CODES = { challenge: 1, response: 2, success: 3, failure: 4 } as const

/** Value-Size of MS-CHAPv2 (RFC 2759 §3, §4). */
export const CHALLENGE_BYTES = 16
export const NT_RESPONSE_BYTES = 24
const RESERVED_BYTES = 8
/** Peer-Challenge, Reserved, NT-Response, Flags. */
const RESPONSE_BYTES = CHALLENGE_BYTES + RESERVED_BYTES + NT_RESPONSE_BYTES + 1

/** Data of a Challenge (RFC 2759 §3): Value-Size, Value, Name. Views of the input when read. */
export interface ChapChallenge {
  readonly challenge: Uint8Array
  readonly name: Uint8Array
}

/** Data of a Response (RFC 2759 §4): Value-Size, Peer-Challenge, Reserved, NT-Response, Flags, Name. */
export interface ChapResponse {
  readonly peerChallenge: Uint8Array
  readonly ntResponse: Uint8Array
  readonly name: Uint8Array
}

export function parseChapChallenge(data: Uint8Array): ChapChallenge | WireFault {
  return catchFault(() => {
    const reader = new Reader(data)
    if (reader.u8('Value-Size') !== CHALLENGE_BYTES) reader.fail('invalid', 'Value-Size')
    return { challenge: reader.bytes(CHALLENGE_BYTES, 'Value'), name: readName(reader) }
  })
}

export function writeChapChallenge({ challenge, name }: ChapChallenge): Uint8Array {
  return new Writer().u8(CHALLENGE_BYTES).bytes(challenge).bytes(name).finish()
}

/** Reserved and Flags are not looked at: RFC 2759 §4 wants zeros, old peers send others. */
export function parseChapResponse(data: Uint8Array): ChapResponse | WireFault {
  return catchFault(() => {
    const reader = new Reader(data)
    if (reader.u8('Value-Size') !== RESPONSE_BYTES) reader.fail('invalid', 'Value-Size')
    const peerChallenge = reader.bytes(CHALLENGE_BYTES, 'Peer-Challenge')
    reader.skip(RESERVED_BYTES, 'Reserved')
    const ntResponse = reader.bytes(NT_RESPONSE_BYTES, 'NT-Response')
    reader.skip(1, 'Flags')
    return { peerChallenge, ntResponse, name: readName(reader) }
  })
}

export function writeChapResponse({ peerChallenge, ntResponse, name }: ChapResponse): Uint8Array {
  const writer = new Writer().u8(RESPONSE_BYTES).bytes(peerChallenge)
  writer.reserve(RESERVED_BYTES)
  return writer.bytes(ntResponse).u8(0).bytes(name).finish()
}

function readName(reader: Reader): Uint8Array {
  if (reader.remaining > NAME_BYTES) reader.fail('limit', 'Name')
  return reader.rest()
}
