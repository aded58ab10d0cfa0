/** Encodes text as ASCII; characters above 0x7f become `?`. For protocol keywords and labels. */
export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    bytes[i] = code < 0x80 ? code : 0x3f
  }
  return bytes
}

/** Encodes text as UTF-8 (RFC 3629); unpaired surrogates become U+FFFD. */
export function utf8Bytes(text: string): Uint8Array {
  const bytes: number[] = []
  for (const character of text) {
    const c = character.codePointAt(0) as number
    const code = c >= 0xd800 && c <= 0xdfff ? 0xfffd : c
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f))
    else if (code < 0x10000)
      bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f))
    else
      bytes.push(
        0xf0 | (code >> 18),
        0x80 | ((code >> 12) & 0x3f),
        0x80 | ((code >> 6) & 0x3f),
        0x80 | (code & 0x3f),
      )
  }
  return Uint8Array.from(bytes)
}

const REPLACEMENT = 0xfffd

/** Decodes UTF-8 (RFC 3629); every malformed byte becomes U+FFFD. */
export function utf8Text(bytes: Uint8Array): string {
  let text = ''
  let at = 0
  while (at < bytes.length) {
    const [code, length] = decodeCodePoint(bytes, at)
    text += String.fromCodePoint(code)
    at += length
  }
  return text
}

function decodeCodePoint(bytes: Uint8Array, at: number): readonly [number, number] {
  const lead = bytes[at] as number
  if (lead < 0x80) return [lead, 1]
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
  if (lead < 0xc2 || lead > 0xf4 || at + length > bytes.length) return [REPLACEMENT, 1]
  let code = lead & (0x7f >> length)
  for (let i = 1; i < length; i++) {
    const next = bytes[at + i] as number
    if ((next & 0xc0) !== 0x80) return [REPLACEMENT, 1]
    code = (code << 6) | (next & 0x3f)
  }
  const shortest = length === 2 ? 0x80 : length === 3 ? 0x800 : 0x10000
  if (code < shortest || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return [REPLACEMENT, 1]
  return [code, length]
}

const HEX = '0123456789abcdef'

/** Lower-case hexadecimal, without separators. */
export function formatHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += (HEX[byte >> 4] as string) + (HEX[byte & 15] as string)
  return text
}

/** Reads hexadecimal of either case. `undefined` when the text is not pairs of hex digits. */
export function parseHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}
