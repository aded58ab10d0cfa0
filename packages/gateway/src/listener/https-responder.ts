import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import type { GatewayIdentity } from '../configuration.ts'

/** Answers a browser that opens the VPN port. SSTP will take its own request from here. */
export interface HttpsResponder {
  /** Takes over a connection whose first bytes were put back. */
  take(socket: Socket): void
  close(): void
}

const HEADERS_MILLISECONDS = 10_000
const REQUEST_MILLISECONDS = 15_000
const IDLE_MILLISECONDS = 5_000
const REQUESTS_PER_CONNECTION = 20
const HEADERS_BYTES = 8 * 1024

const PAGE =
  '<!doctype html><title>VPN gateway</title><p>This is a VPN gateway. Connect with a VPN client.</p>\n'

/** A server without a port of its own. Errors: OpenSSL's, when certificate and key cannot be used. */
export function httpsResponder(
  identity: Pick<GatewayIdentity, 'certificateChain' | 'privateKey'>,
): HttpsResponder {
  const server = createServer({
    cert: identity.certificateChain,
    key: identity.privateKey,
    minVersion: 'TLSv1.2',
    handshakeTimeout: HEADERS_MILLISECONDS,
    headersTimeout: HEADERS_MILLISECONDS,
    requestTimeout: REQUEST_MILLISECONDS,
    keepAliveTimeout: IDLE_MILLISECONDS,
    maxHeaderSize: HEADERS_BYTES,
  })
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION
  answerRequests(server)
  return {
    take: socket => server.emit('connection', socket),
    close: () => server.closeAllConnections(),
  }
}

function answerRequests(server: Server): void {
  server.on('request', (request, response) => {
    const found = request.url === '/' && (request.method === 'GET' || request.method === 'HEAD')
    response.writeHead(found ? 200 : 404, {
      'content-type': found ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    response.end(found ? PAGE : 'not found\n')
    request.resume()
  })
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  server.on('clientError', (_error, socket) => socket.destroy())
}
