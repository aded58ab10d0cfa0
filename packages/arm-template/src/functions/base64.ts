const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Base64 with padding (RFC 4648 §4). */
export function formatBase64(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    const left = bytes.length - i
    text += `${digit(group >> 18)}${digit(group >> 12)}${left > 1 ? digit(group >> 6) : '='}${left > 2 ? digit(group) : '='}`
  }
  return text
}

/** Reads base64 with padding (RFC 4648 §4); `undefined`: it is none. */
export function parseBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  const digits = text.replace(/=+$/, '')
  const bytes = new Uint8Array(Math.floor((digits.length * 6) / 8))
  let group = 0
  let bits = 0
  let at = 0
  for (const each of digits) {
    group = ((group << 6) | ALPHABET.indexOf(each)) & 0xffffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = (group >> bits) & 0xff
  }
  return bytes
}

function digit(bits: number): string {
  return ALPHABET.charAt(bits & 63)
}
