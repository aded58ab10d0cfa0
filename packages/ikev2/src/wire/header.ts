import { catchFault, Reader, type WireFault, Writer } from '@causeway/wire'
import { MESSAGE_BYTES } from '../limits.ts'
import { NOTIFY, PAYLOAD, PROTOCOL } from './numbers.ts'
import type { IkeHeader, Payload } from './payload.ts'
import { type WrittenPayloads, writePayloads } from './payloads.ts'

/*
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * |                       IKE SA Initiator's SPI                  |
 * |                       IKE SA Responder's SPI                  |
 * |  Next Payload | MjVer | MnVer | Exchange Type |     Flags     |
 * |                          Message ID                           |
 * |                            Length                             |
 */

/** Length of the fixed header in bytes (RFC 7296 §3.1). */
export const HEADER_BYTES = 28

const FLAG_INITIATOR = 0x08
const FLAG_RESPONSE = 0x20

/** The fixed header as it came. */
export interface ReceivedHeader extends IkeHeader {
  /** Number of the first payload; 0: there is none. */
  readonly nextPayload: number
  /**
   * 2, or else nothing behind the header may be read: above 2 the message may be answered by
   * {@link writeInvalidMajorVersion}, below it is dropped (RFC 7296 §2.5). The minor version is ignored.
   */
  readonly majorVersion: number
}

/**
 * Reads the fixed header of a datagram, which must be as long as the header says. The SPIs are copies.
 * Gives back a fault when the bytes are no IKE message at all: drop them without an answer.
 */
export function readIkeHeader(bytes: Uint8Array): ReceivedHeader | WireFault {
  return catchFault(() => readFields(bytes))
}

/** A message without protection (IKE_SA_INIT, and answers to strangers). */
export function writeMessage(header: IkeHeader, payloads: readonly Payload[]): Uint8Array {
  return writeWithHeader(header, writePayloads(payloads))
}

/** The header of a message whose parts follow it, given their first payload and bytes. */
export function writeWithHeader(header: IkeHeader, { first, bytes }: WrittenPayloads): Uint8Array {
  return writeHeader(header, first, bytes.length).bytes(bytes).finish()
}

/** A writer that has written the header of a message with `bodyBytes` to come. */
export function writeHeader(header: IkeHeader, nextPayload: number, bodyBytes: number): Writer {
  const flags = (header.fromInitiator ? FLAG_INITIATOR : 0) | (header.response ? FLAG_RESPONSE : 0)
  return new Writer(HEADER_BYTES + bodyBytes)
    .bytes(header.initiatorSpi)
    .bytes(header.responderSpi)
    .u8(nextPayload)
    .u8(0x20)
    .u8(header.exchange)
    .u8(flags)
    .u32(header.messageId)
    .u32(HEADER_BYTES + bodyBytes)
}

/** The answer to a request of a higher major version (RFC 7296 §2.5): ours is 2. Never to a response. */
export function writeInvalidMajorVersion(header: ReceivedHeader): Uint8Array {
  const answer = { ...header, response: true, fromInitiator: !header.fromInitiator }
  const data = Uint8Array.of(2)
  const notify = NOTIFY.INVALID_MAJOR_VERSION
  return writeMessage(answer, [{ type: 'N', protocol: PROTOCOL.NONE, spi: new Uint8Array(0), notify, data }])
}

function readFields(bytes: Uint8Array): ReceivedHeader {
  const reader = new Reader(bytes)
  const initiatorSpi = reader.bytes(8, 'initiator SPI').slice()
  const responderSpi = reader.bytes(8, 'responder SPI').slice()
  const nextPayload = reader.u8('next payload')
  const majorVersion = reader.u8('version') >>> 4
  const exchange = reader.u8('exchange type')
  const flags = reader.u8('flags')
  const messageId = reader.u32('message ID')
  if (bytes.length > MESSAGE_BYTES) reader.fail('limit', 'length')
  if (reader.u32('length') !== bytes.length) reader.fail('invalid', 'length')
  if (nextPayload === PAYLOAD.NONE && bytes.length !== HEADER_BYTES) reader.fail('trailing', 'payloads')
  return {
    initiatorSpi,
    responderSpi,
    exchange,
    fromInitiator: (flags & FLAG_INITIATOR) !== 0,
    response: (flags & FLAG_RESPONSE) !== 0,
    messageId,
    nextPayload,
    majorVersion,
  }
}
