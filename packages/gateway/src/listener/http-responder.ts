import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Endpoint } from '@causeway/wire'
import { type HttpAnswer, type HttpMethod, type HttpRoute, type HttpSite, readCookies } from './http-route.ts'

/** Answers a browser that opens the VPN port. */
export interface HttpResponder {
  /**
   * Takes over a connection, with the bytes that came already put in front. The caller ends those that take too
   * long: a server without a port of its own checks no time of requests.
   *
   * @param progressed told when a request has come whole, and after each answer.
   */
  take(connection: Duplex, remote: Endpoint, progressed: () => void): void
}

const IDLE_MILLISECONDS = 5_000
const REQUESTS_PER_CONNECTION = 20

/** Bytes of a request's line and header fields. */
export const HEADERS_BYTES: number = 8 * 1024

/** Bytes of a form. Those of the gateway have one field. */
export const FORM_BYTES: number = 1_024

const FORM_TYPE = /^application\/x-www-form-urlencoded *(;|$)/i

const PAGE =
  '<!doctype html><title>VPN gateway</title><p>This is a VPN gateway. Connect with a VPN client.</p>\n'

/** A connection that is served. */
interface Visitor {
  readonly remote: Endpoint
  readonly progressed: () => void
}

/** A server without a port of its own. */
export function httpResponder(site: HttpSite): HttpResponder {
  const server = createServer({ keepAliveTimeout: IDLE_MILLISECONDS, maxHeaderSize: HEADERS_BYTES })
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION
  const visitors = new WeakMap<Duplex, Visitor>()
  server.on('request', (request, response) => {
    const visitor = visitors.get(request.socket)
    if (!visitor) throw new Error('a request on a connection that was not taken')
    response.once('finish', visitor.progressed)
    serve({ request, response, site, visitor }).catch(error => {
      site.failed(error)
      if (!response.headersSent) answerText(response, 500, 'the gateway has a fault\n')
    })
  })
  server.on('clientError', (_error, connection) => connection.destroy())
  return {
    take: (connection, remote, progressed) => {
      visitors.set(connection, { remote, progressed })
      server.emit('connection', connection)
    },
  }
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly site: HttpSite
  readonly visitor: Visitor
}

async function serve(exchange: Exchange): Promise<void> {
  const { request, response, site } = exchange
  const [path = '', ...query] = (request.url ?? '').split('?')
  const route = site.routes(path)
  if (route) return serveRoute(exchange, route, path, query.join('?'))
  const isHome = request.url === '/' && (request.method === 'GET' || request.method === 'HEAD')
  request.resume()
  if (isHome) answerPage(response, site, { status: 200, html: PAGE })
  else answerText(response, 404, 'not found\n')
}

async function serveRoute(
  { request, response, site, visitor }: Exchange,
  route: HttpRoute,
  path: string,
  query: string,
): Promise<void> {
  const method = route.methods.find(name => name === request.method)
  if (method === undefined) {
    request.resume()
    response.setHeader('allow', route.methods.join(', '))
    answerText(response, 405, request.method === 'HEAD' ? '' : 'this method is not allowed here\n')
    return
  }
  const form = await readForm(request, method)
  if (form === undefined) {
    // What is left of it is not worth reading.
    response.setHeader('connection', 'close')
    answerText(response, 413, 'this is no form of the gateway\n')
    return
  }
  visitor.progressed()
  const answer = await route.answer({
    method,
    path,
    query: new URLSearchParams(query),
    form,
    cookies: readCookies(request.headers.cookie),
    fetchSite: fieldOf(request, 'sec-fetch-site'),
    remote: visitor.remote,
  })
  answerPage(response, site, answer)
}

/** `undefined`: it is none, or too long. */
async function readForm(request: IncomingMessage, method: HttpMethod): Promise<URLSearchParams | undefined> {
  if (method === 'GET') {
    request.resume()
    return new URLSearchParams()
  }
  if (!FORM_TYPE.test(request.headers['content-type'] ?? '')) return undefined
  const bytes = await readBody(request)
  return bytes && new URLSearchParams(bytes.toString('latin1'))
}

/** `undefined`: it is too long, or its sender left. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > FORM_BYTES) return undefined
      chunks.push(chunk)
    }
  } catch (error) {
    if (request.complete) throw error
    return undefined
  }
  return Buffer.concat(chunks)
}

function fieldOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

function answerPage(response: ServerResponse, site: HttpSite, answer: HttpAnswer): void {
  const { status, html, location, cookies } = answer
  response.writeHead(status, {
    ...COMMON_FIELDS,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': site.contentSecurityPolicy,
    ...(location !== undefined && { location }),
    ...(cookies && { 'set-cookie': [...cookies] }),
  })
  response.end(html)
}

function answerText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    ...COMMON_FIELDS,
    'content-type': 'text/plain; charset=utf-8',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  })
  response.end(text)
}

const COMMON_FIELDS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const
