import { sameBytes } from '@causeway/wire'

/** The 16 bytes before every OCC message inside the data channel. */
const OCC_MAGIC = Uint8Array.of(
  ...[0x28, 0x7f, 0x34, 0x6b, 0xd4, 0xef, 0x7a, 0x81],
  ...[0x2d, 0x56, 0xb8, 0xd3, 0xaf, 0xc5, 0x45, 0x9c],
)
const OCC_EXIT = 6

/** The payload by which a peer leaves that does not know EXIT over the control channel. */
export const EXIT_NOTICE: Uint8Array = Uint8Array.of(...OCC_MAGIC, OCC_EXIT)

/** Whether an inband payload is an exit notice. */
export function isExitNotice(payload: Uint8Array): boolean {
  return sameBytes(payload, EXIT_NOTICE)
}
