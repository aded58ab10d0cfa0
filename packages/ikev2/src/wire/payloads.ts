import { catchFault, Reader, WireFault, Writer } from '@causeway/wire'
import { CERTIFICATES, PAYLOADS } from '../limits.ts'
import { PAYLOAD } from './numbers.ts'
import type { Payload, PayloadFault } from './payload.ts'
import { codecOf, PAYLOAD_CODECS } from './payload-codec.ts'

/** A chain of payloads with the number of the first; 0 for none. */
export interface WrittenPayloads {
  readonly first: number
  readonly bytes: Uint8Array
}

/**
 * Reads the chain of payloads that follows the header, or that was inside SK (RFC 7296 §3.2). Unknown
 * payloads are skipped unless critical; the critical bit of known ones is ignored. The payloads own
 * their bytes. Tell a fault by `'type' in result`.
 */
export function readPayloads(first: number, bytes: Uint8Array): readonly Payload[] | PayloadFault {
  const result = catchFault(() => readChain(first, new Reader(bytes)))
  return result instanceof WireFault ? { type: 'invalid-syntax', detail: result.toString() } : result
}

/** Writes a chain. Errors: `RangeError` when a payload is longer than its length field can say. */
export function writePayloads(payloads: readonly Payload[]): WrittenPayloads {
  // Room for a chain of certificates: growing costs more than the zeros.
  const writer = new Writer(2048)
  for (const [index, payload] of payloads.entries()) {
    const next = payloads[index + 1]
    writePayload(writer, next ? PAYLOAD[next.type] : PAYLOAD.NONE, payload)
  }
  const [head] = payloads
  return { first: head ? PAYLOAD[head.type] : PAYLOAD.NONE, bytes: writer.finish() }
}

/*
 * | Next Payload  |C|  RESERVED   |         Payload Length        |
 */
function readChain(first: number, reader: Reader): readonly Payload[] | PayloadFault {
  const payloads: Payload[] = []
  let count = 0
  for (let number = first; number !== PAYLOAD.NONE; ) {
    if (++count > PAYLOADS) reader.fail('limit', 'payloads')
    const next = reader.u8('next payload')
    const critical = (reader.u8('critical') & 0x80) !== 0
    const body = reader.sub(reader.u16('payload length') - 4, 'payload')
    const codec = codecOf(number)
    if (codec) payloads.push(codec.read(body))
    else if (number === PAYLOAD.SK || number === PAYLOAD.SKF) reader.fail('invalid', 'SK inside')
    else if (critical) return { type: 'unsupported-critical-payload', payload: number }
    number = next
  }
  reader.end('payloads')
  if (payloads.filter(({ type }) => type === 'CERT').length > CERTIFICATES) reader.fail('limit', 'CERT')
  return payloads
}

function writePayload(writer: Writer, next: number, payload: Payload): void {
  const start = writer.length
  writer.u8(next).u8(0).u16(0)
  PAYLOAD_CODECS[payload.type].write(writer, payload as never)
  const length = writer.length - start
  if (length > 0xffff) throw new RangeError(`a payload of ${length - 4} bytes`)
  writer.patch(start + 2, Uint8Array.of(length >>> 8, length))
}
