const NAME_CHARACTERS = 256

/** Names are somebody else's text: one line, no control or direction characters, of bounded length. */
export function printableName(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}').slice(0, NAME_CHARACTERS)
}
