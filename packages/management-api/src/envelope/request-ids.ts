import { randomUUID } from 'node:crypto'
import { limits } from '../limits.ts'

/** By what a request is known: in its answer's headers and in the log. */
export interface RequestIds {
  readonly requestId: string
  /** The client's own, or another name for `requestId`. */
  readonly correlationId: string
  /** The id that the client gave and wants to see again. */
  readonly clientRequestId: string | undefined
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** What a client may have repeated in an answer's header. */
const HEADER_TEXT = /^[\w.:@/+=-]+$/

export function requestIdsOf(headers: Headers): RequestIds {
  const requestId = randomUUID()
  const isWanted = textOf(headers['x-ms-return-client-request-id'])?.toLowerCase() === 'true'
  return {
    requestId,
    correlationId: textOf(headers['x-ms-correlation-request-id']) ?? requestId,
    clientRequestId: isWanted ? textOf(headers['x-ms-client-request-id']) : undefined,
  }
}

/**
 * The headers that every answer of ARM's has.
 *
 * @param now Unix seconds.
 * @param region that took the request.
 */
export function envelopeHeaders(ids: RequestIds, now: number, region: string): Record<string, string> {
  const stamp = new Date(now * 1_000).toISOString().replace(/[-:]|\.\d+/g, '')
  return {
    'x-ms-request-id': ids.requestId,
    'x-ms-correlation-request-id': ids.correlationId,
    'x-ms-routing-request-id': `${region.toUpperCase()}:${stamp}:${ids.requestId}`,
    ...(ids.clientRequestId !== undefined && { 'x-ms-client-request-id': ids.clientRequestId }),
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
  }
}

function textOf(header: string | readonly string[] | undefined): string | undefined {
  const text = typeof header === 'string' ? header : undefined
  const isFit = text !== undefined && text.length <= limits.headerTextCharacters && HEADER_TEXT.test(text)
  return isFit ? text : undefined
}
