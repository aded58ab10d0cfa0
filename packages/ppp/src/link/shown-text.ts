import { utf8Bytes, utf8Text } from '@causeway/wire'
import { TEXT_CHARACTERS } from '../limits.ts'

/** Control, format and separator characters, and what was no UTF-8. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\ufffd]/gu

/** A peer's text as it may stand in a log: what cannot be shown becomes `?`, and it has an end. */
export function shownText(bytes: Uint8Array): string {
  return utf8Text(bytes.subarray(0, 4 * TEXT_CHARACTERS))
    .slice(0, TEXT_CHARACTERS)
    .replace(UNPRINTABLE, '?')
}

/** A text of ours that a peer may show. */
export function shownBytes(text: string): Uint8Array {
  return utf8Bytes(text.slice(0, TEXT_CHARACTERS))
}
