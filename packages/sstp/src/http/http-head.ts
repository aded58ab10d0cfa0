import { asciiBytes } from '@causeway/wire'
import { SstpError } from '../sstp-error.ts'

/** An HTTP/1 head: its first line and its fields. */
export interface HttpHead {
  readonly startLine: string
  /** By lower-case name; of a field that is repeated, the first. */
  readonly fields: ReadonlyMap<string, string>
  /** Bytes with the empty line that ends it. */
  readonly length: number
}

export type HttpHeadReading = HttpHead | { readonly fault: string } | 'incomplete'

/** Largest head, and most of its fields. */
export const MAX_HEAD_BYTES = 8_192
export const MAX_HEAD_FIELDS = 64

/** The length of a body without end ([MS-SSTP] §3.2.4.1): ULONGLONG_MAX. */
export const ENDLESS_LENGTH = '18446744073709551615'

const LF = 0x0a
const CR = 0x0d

/**
 * Reads a head from the beginning of a stream. Lines end with LF, before which a CR may stand (RFC 9112 §2.2).
 * Until the head is whole it is only searched for its end, so that a peer who sends byte by byte costs little.
 */
export function readHttpHead(bytes: Uint8Array): HttpHeadReading {
  const lines: Uint8Array[] = []
  const limit = Math.min(bytes.length, MAX_HEAD_BYTES)
  for (let at = 0; lines.length <= MAX_HEAD_FIELDS + 1; ) {
    const end = bytes.indexOf(LF, at)
    if (end < 0 || end >= limit)
      return limit === MAX_HEAD_BYTES ? { fault: 'the head is too long' } : 'incomplete'
    const line = bytes.subarray(at, bytes[end - 1] === CR && end > at ? end - 1 : end)
    if (line.length === 0) return parseLines(lines, end + 1)
    lines.push(line)
    at = end + 1
  }
  return { fault: 'too many header lines' }
}

/** A head of ASCII lines. Errors: `ERR_SSTP_HEADER_TEXT` on a line that would be more than one, or not text. */
export function writeHttpHead(lines: readonly string[]): Uint8Array {
  for (const line of lines) {
    if (!/^[\x20-\x7e]+$/.test(line)) {
      throw new SstpError('ERR_SSTP_HEADER_TEXT', `use printable ASCII, not ${JSON.stringify(line)}`)
    }
  }
  return asciiBytes(`${lines.join('\r\n')}\r\n\r\n`)
}

function parseLines(lines: readonly Uint8Array[], length: number): HttpHead | { readonly fault: string } {
  const [startLine, ...rest] = lines.map(lineText)
  if (startLine === undefined) return { fault: 'the first line is not text' }
  const fields = new Map<string, string>()
  for (const line of rest) {
    const field = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):(.*)$/.exec(line ?? '')
    if (!field) return { fault: 'a header line that is none' }
    const name = (field[1] as string).toLowerCase()
    if (!fields.has(name)) fields.set(name, (field[2] as string).trim())
  }
  return { startLine, fields, length }
}

/** A line as text, byte by byte; `undefined` when it has control characters. */
function lineText(line: Uint8Array): string | undefined {
  let text = ''
  for (const byte of line) {
    if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f) return undefined
    text += String.fromCharCode(byte)
  }
  return text
}
