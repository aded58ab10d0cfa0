/** What is to be sent back over HTTP. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body: Readonly<Record<string, unknown>>
}

/** RFC 6749 §5.1: tokens, and why there is none, are kept by nobody on the way. */
const UNCACHED = { 'cache-control': 'no-store', pragma: 'no-cache' } as const

export function jsonAnswer(
  status: number,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...UNCACHED, ...headers },
    body,
  }
}
