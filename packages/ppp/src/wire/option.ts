import { catchFault, concatBytes, Reader, type WireFault } from '@causeway/wire'
import { OPTIONS } from '../limits.ts'

const HEADER_BYTES = 2

/**
 * A configuration option (RFC 1661 §6).
 *
 * ```
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Type      |    Length     |    Data ...
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
export interface Option {
  readonly type: number
  /** A view of the input when read. */
  readonly data: Uint8Array
}

/** Reads the options that fill a Configure packet. */
export function parseOptions(bytes: Uint8Array): Option[] | WireFault {
  return catchFault(() => {
    const reader = new Reader(bytes)
    const options: Option[] = []
    while (reader.remaining > 0) {
      if (options.length === OPTIONS) reader.fail('limit', 'Options')
      options.push(readOption(reader))
    }
    return options
  })
}

export function writeOptions(options: readonly Option[]): Uint8Array {
  return concatBytes(
    options.flatMap(({ type, data }) => [Uint8Array.of(type, HEADER_BYTES + data.length), data]),
  )
}

function readOption(reader: Reader): Option {
  const type = reader.u8('Type')
  const length = reader.u8('Length')
  if (length < HEADER_BYTES) reader.fail('invalid', 'Length')
  return { type, data: reader.bytes(length - HEADER_BYTES, 'Data') }
}
