import type { Endpoint } from '@causeway/wire'

/** A request whose head and form came whole. Nothing in it is trusted. */
export interface HttpRequest {
  readonly method: HttpMethod
  /** Without its query, as it was sent: nothing in it is decoded. */
  readonly path: string
  readonly query: URLSearchParams
  /** Empty but for a POST. */
  readonly form: URLSearchParams
  /** The first of each name counts. */
  readonly cookies: ReadonlyMap<string, string>
  /** `Sec-Fetch-Site`: from where a browser says that the request came. Absent: it says nothing. */
  readonly fetchSite: string | undefined
  readonly remote: Endpoint
}

export type HttpMethod = 'GET' | 'POST'

/** An HTML page, or with a `location` the way to another. */
export interface HttpAnswer {
  readonly status: 200 | 303 | 400 | 403 | 404 | 503
  readonly html: string
  readonly location?: string
  /** Values of `Set-Cookie`. */
  readonly cookies?: readonly string[]
}

/** One path, or all paths of a form. */
export interface HttpRoute {
  readonly methods: readonly HttpMethod[]
  answer(request: HttpRequest): HttpAnswer | Promise<HttpAnswer>
}

/** What is served beside the gateway's own page. `undefined`: there is nothing at this path. */
export type HttpRoutes = (path: string) => HttpRoute | undefined

/** Pages of the gateway under TLS, asked anew for each request. */
export interface HttpSite {
  readonly routes: HttpRoutes
  /** `Content-Security-Policy` of all pages. */
  readonly contentSecurityPolicy: string
  /** Told of a defect in a route; the browser is told that there was one. */
  readonly failed: (error: unknown) => void
}

/** The cookies of a `Cookie` field (RFC 6265 §4.2.1). */
export function readCookies(field: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  for (const pair of (field ?? '').split(';')) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, at).trim()
    if (at > 0 && !cookies.has(name)) cookies.set(name, pair.slice(at + 1).trim())
  }
  return cookies
}
