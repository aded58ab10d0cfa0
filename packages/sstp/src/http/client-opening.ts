import { ENDLESS_LENGTH, readHttpHead, writeHttpHead } from './http-head.ts'
import { SSTP_METHOD, SSTP_PATH } from './server-opening.ts'

/** What a server's answer is to a client. */
export type SstpAnswer =
  | { readonly type: 'incomplete' }
  /** SSTP packets begin `length` bytes into the stream. */
  | { readonly type: 'accepted'; readonly length: number }
  /** The server said no; the status line, printable. */
  | { readonly type: 'refused'; readonly status: number; readonly reason: string }
  | { readonly type: 'fault'; readonly reason: string }

/**
 * The request that opens SSTP ([MS-SSTP] §3.2.4.1). `correlationId`: a GUID in braces, new for each attempt.
 * Errors: `ERR_SSTP_HEADER_TEXT` when one of them is not printable ASCII.
 */
export function writeSstpOpening(host: string, correlationId: string): Uint8Array {
  return writeHttpHead([
    `${SSTP_METHOD} ${SSTP_PATH} HTTP/1.1`,
    `Host: ${host}`,
    `Content-Length: ${ENDLESS_LENGTH}`,
    `SSTPCORRELATIONID: ${correlationId}`,
  ])
}

/** Reads the answer from the beginning of a stream. */
export function readSstpAnswer(bytes: Uint8Array): SstpAnswer {
  const head = readHttpHead(bytes)
  if (head === 'incomplete') return { type: 'incomplete' }
  if ('fault' in head) return { type: 'fault', reason: head.fault }
  const line = /^HTTP\/1\.[01] ([1-5][0-9][0-9])(?: (.*))?$/.exec(head.startLine)
  if (!line) return { type: 'fault', reason: 'not an answer of HTTP/1' }
  const status = Number(line[1])
  if (status === 200) return { type: 'accepted', length: head.length }
  const phrase = (line[2] ?? '').replace(/[^\x20-\x7e]/g, '?').slice(0, 100)
  return { type: 'refused', status, reason: `${status} ${phrase}`.trim() }
}
