import { createServer, type Server } from 'node:http'
import type { Duplex } from 'node:stream'

/** Answers a browser that opens the VPN port. */
export interface HttpResponder {
  /**
   * Takes over a connection, with the bytes that came already put in front. The caller ends those that take too
   * long: a server without a port of its own checks no time of requests.
   *
   * @param answered told after each answer.
   */
  take(connection: Duplex, answered: () => void): void
}

const IDLE_MILLISECONDS = 5_000
const REQUESTS_PER_CONNECTION = 20

/** Bytes of a request's line and header fields. */
export const HEADERS_BYTES: number = 8 * 1024

const PAGE =
  '<!doctype html><title>VPN gateway</title><p>This is a VPN gateway. Connect with a VPN client.</p>\n'

/** A server without a port of its own. */
export function httpResponder(): HttpResponder {
  const server = createServer({ keepAliveTimeout: IDLE_MILLISECONDS, maxHeaderSize: HEADERS_BYTES })
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION
  const listeners = new WeakMap<Duplex, () => void>()
  answerRequests(server, connection => listeners.get(connection)?.())
  return {
    take: (connection, answered) => {
      listeners.set(connection, answered)
      server.emit('connection', connection)
    },
  }
}

function answerRequests(server: Server, answered: (connection: Duplex) => void): void {
  server.on('request', (request, response) => {
    const found = request.url === '/' && (request.method === 'GET' || request.method === 'HEAD')
    const { socket } = request
    response.once('finish', () => answered(socket))
    response.writeHead(found ? 200 : 404, {
      'content-type': found ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    response.end(found ? PAGE : 'not found\n')
    request.resume()
  })
  server.on('clientError', (_error, connection) => connection.destroy())
}
