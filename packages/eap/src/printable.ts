import { utf8Text } from '@causeway/wire'

/** Control, format and separator characters, and what was no UTF-8. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\ufffd]/gu

/** Text of the other side as it may stand in a log: what cannot be shown becomes `?`. */
export function printableText(bytes: Uint8Array): string {
  return utf8Text(bytes).replace(UNPRINTABLE, '?')
}

/** Text that names someone: `undefined` when it holds what cannot be shown, or nothing. */
export function nameText(bytes: Uint8Array): string | undefined {
  const text = utf8Text(bytes)
  return text === '' || text.search(UNPRINTABLE) >= 0 ? undefined : text
}
