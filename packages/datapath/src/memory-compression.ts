import { concatBytes } from '@causeway/wire'
import type { CompressionFraming } from './flow.ts'

const LZO_UNCOMPRESSED = 0xfa
const STUB_SWAPPED = 0xfb
const V2_INDICATOR = 0x50
const V2_UNCOMPRESSED = 0x00

/** Puts the framing around a payload that is not compressed. */
export function frameUncompressed(framing: CompressionFraming, payload: Uint8Array): Uint8Array {
  switch (framing) {
    case 'none':
      return payload
    case 'lzo-stub':
      return concatBytes([Uint8Array.of(LZO_UNCOMPRESSED), payload])
    case 'stub':
      return concatBytes([Uint8Array.of(STUB_SWAPPED), payload.subarray(1), payload.subarray(0, 1)])
    case 'stub-v2':
      if (payload[0] !== V2_INDICATOR) return payload
      return concatBytes([Uint8Array.of(V2_INDICATOR, V2_UNCOMPRESSED), payload])
    default:
      framing satisfies never
      throw new TypeError('unknown compression framing')
  }
}

/** Removes the framing. `undefined` when the payload is compressed or has no framing. */
export function unframeUncompressed(framing: CompressionFraming, data: Uint8Array): Uint8Array | undefined {
  switch (framing) {
    case 'none':
      return data
    case 'lzo-stub':
      return data[0] === LZO_UNCOMPRESSED ? data.subarray(1) : undefined
    case 'stub':
      if (data[0] !== STUB_SWAPPED) return undefined
      return concatBytes([data.subarray(-1), data.subarray(1, -1)]).subarray(0, data.length - 1)
    case 'stub-v2':
      if (data[0] !== V2_INDICATOR) return data
      return data[1] === V2_UNCOMPRESSED ? data.subarray(2) : undefined
    default:
      framing satisfies never
      throw new TypeError('unknown compression framing')
  }
}
