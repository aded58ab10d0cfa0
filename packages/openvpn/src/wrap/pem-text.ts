/** The 64 digits of base64 (RFC 4648 §4). */
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const LINE = 64

/** Encodes base64 with padding (RFC 4648 §4), without line breaks. */
export function formatBase64(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const group = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += DIGITS.charAt(group >> 18) + DIGITS.charAt((group >> 12) & 63)
    text += (left > 1 ? DIGITS.charAt((group >> 6) & 63) : '=') + (left > 2 ? DIGITS.charAt(group & 63) : '=')
  }
  return text
}

/** Decodes base64 with padding; white space is skipped. `undefined` when it is not base64. */
export function parseBase64(text: string): Uint8Array | undefined {
  const digits = text.replace(/[ \t\r\n]/g, '')
  if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) return undefined
  const padding = digits.endsWith('==') ? 2 : digits.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array((digits.length / 4) * 3)
  for (let i = 0, at = 0; i < digits.length; i += 4, at += 3) {
    let group = 0
    for (let j = 0; j < 4; j++) group = (group << 6) | Math.max(0, DIGITS.indexOf(digits.charAt(i + j)))
    bytes.set([group >> 16, (group >> 8) & 0xff, group & 0xff], at)
  }
  return bytes.subarray(0, bytes.length - padding)
}

/** The bytes of the first PEM block with this label (RFC 7468 §2). `undefined` when there is none. */
export function parsePemBlock(label: string, text: string, maxText: number): Uint8Array | undefined {
  if (text.length > maxText) return undefined
  const begin = `-----BEGIN ${label}-----`
  const start = text.indexOf(begin)
  const end = text.indexOf(`-----END ${label}-----`, start)
  return start < 0 || end < 0 ? undefined : parseBase64(text.slice(start + begin.length, end))
}

/** A PEM block with lines of 64 characters and a final line break. */
export function formatPemBlock(label: string, bytes: Uint8Array): string {
  const base64 = formatBase64(bytes)
  const lines: string[] = []
  for (let at = 0; at < base64.length; at += LINE) lines.push(base64.slice(at, at + LINE))
  return `${[`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`].join('\n')}\n`
}
