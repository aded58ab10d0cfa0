import { asciiBytes, concatBytes } from '@causeway/wire'
import { ENDLESS_LENGTH, readHttpHead, writeHttpHead } from './http-head.ts'

/** What the beginning of a TLS stream is to an SSTP server. */
export type SstpOpening =
  /** More bytes are needed to tell. */
  | { readonly type: 'incomplete' }
  /** SSTP: answer it; SSTP packets begin `length` bytes into the stream. */
  | {
      readonly type: 'opening'
      readonly length: number
      /** The client's `Host`, for the log. */
      readonly host: string | undefined
      /** The client's own name of this connection, for the log: usually a GUID in braces, of some clients not. */
      readonly correlationId: string | undefined
      /**
       * Whether the client reads on behind the first SSTP packet of a TLS record. `sstpc` (1.0.18) does not: what
       * follows in the record waits there until the next record comes.
       */
      readonly readsWholeRecords: boolean
    }
  /** HTTP, or something else, that is not for us. */
  | { readonly type: 'ordinary' }
  /** Meant for SSTP, but wrong. */
  | { readonly type: 'fault'; readonly reason: string }

/** The method and the path of SSTP ([MS-SSTP] §3.2.4.1). */
export const SSTP_METHOD = 'SSTP_DUPLEX_POST'
export const SSTP_PATH = '/sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/'

/** A correlation id is for the log, and a client's: what is kept of it. */
const MAX_LOGGED_CHARACTERS = 64

const METHOD_BYTES = asciiBytes(`${SSTP_METHOD} `)

/** Tells what a stream of plaintext begins with, from its first bytes; 8 KB are the most it needs. */
export function readSstpOpening(bytes: Uint8Array): SstpOpening {
  const known = Math.min(bytes.length, METHOD_BYTES.length)
  for (let i = 0; i < known; i++) if (bytes[i] !== METHOD_BYTES[i]) return { type: 'ordinary' }
  const head = readHttpHead(bytes)
  if (head === 'incomplete') return { type: 'incomplete' }
  if ('fault' in head) return { type: 'fault', reason: head.fault }
  const reason = requestFault(head.startLine, head.fields.get('content-length'))
  if (reason) return { type: 'fault', reason }
  const correlationId = logged(head.fields.get('sstpcorrelationid'))
  return {
    type: 'opening',
    length: head.length,
    host: logged(head.fields.get('host')),
    correlationId,
    readsWholeRecords: UPPER_GUID.test(correlationId ?? ''),
  }
}

/**
 * As Windows and our own client write theirs. `sstpc` makes one up that lacks a group, or sends the one in lower
 * case that NetworkManager gives it; of all others nothing is known.
 */
const UPPER_GUID = /^\{[0-9A-F]{8}-(?:[0-9A-F]{4}-){3}[0-9A-F]{12}\}$/

/** The answer that begins SSTP (§4.1). `date`: an HTTP date, where the outside has one. */
export function sstpOpeningAnswer(date?: string): Uint8Array {
  const lines = ['HTTP/1.1 200 OK', `Content-Length: ${ENDLESS_LENGTH}`, 'Server: Causeway']
  return writeHttpHead(date === undefined ? lines : [...lines, `Date: ${date}`])
}

/** Reason phrases of {@link sstpRefusal}. */
const PHRASES = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const

export type SstpRefusalStatus = keyof typeof PHRASES

/** Refuses an opening, with the reason for whoever reads it; the connection is to be closed after it (§4.1). */
export function sstpRefusal(status: SstpRefusalStatus, reason: string): Uint8Array {
  const body = asciiBytes(`${reason}\n`)
  const head = writeHttpHead([
    `HTTP/1.1 ${status} ${PHRASES[status]}`,
    'Content-Type: text/plain; charset=us-ascii',
    `Content-Length: ${body.length}`,
    'Connection: close',
    'Server: Causeway',
  ])
  return concatBytes([head, body])
}

function requestFault(startLine: string, contentLength: string | undefined): string | undefined {
  const [, target = '', version, ...more] = startLine.split(' ')
  if (more.length > 0 || version !== 'HTTP/1.1') return 'not an HTTP/1.1 request'
  // The query may name a tenant, for a proxy (§3.2.4.1). Real clients differ in the case of the GUID.
  const path = target.split('?')[0] as string
  if (path.toLowerCase() !== SSTP_PATH.toLowerCase()) return 'another path than that of SSTP'
  // What ends cannot carry a tunnel; a client that names no length means the same.
  if (contentLength !== undefined && contentLength !== ENDLESS_LENGTH) return 'a Content-Length that ends'
  return undefined
}

function logged(text: string | undefined): string | undefined {
  return text?.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_LOGGED_CHARACTERS)
}
