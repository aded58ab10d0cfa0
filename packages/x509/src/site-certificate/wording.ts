/** Ours: a name in a message is cut here. */
const NAME_CHARACTERS = 200

/** Text of a stranger's making, in quotation marks: bounded, and without what would spoil a log. */
export function quoted(text: string): string {
  const harmless = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}"]/gu, '?')
  const cut = harmless.length > NAME_CHARACTERS ? `${harmless.slice(0, NAME_CHARACTERS)}…` : harmless
  return cut === '' ? 'the certificate without a subject' : `"${cut}"`
}

/** A moment of unix seconds, to the second. */
export function moment(unixSeconds: number): string {
  return new Date(unixSeconds * 1_000).toISOString().replace('.000Z', 'Z')
}

/** `certificate 1`, as people count. */
export function ordinal(index: number): string {
  return `certificate ${index + 1}`
}
