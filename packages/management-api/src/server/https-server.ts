import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { type Answer, errorOf } from '../envelope/answer.ts'
import { readJsonBody } from '../envelope/json-body.ts'
import { requestErrorAnswer } from '../envelope/request-error.ts'
import { envelopeHeaders, requestIdsOf } from '../envelope/request-ids.ts'
import { sendAnswer } from '../envelope/send-answer.ts'
import { limits } from '../limits.ts'
import type { ManagementApiOptions } from './options.ts'

/** The HTTPS server, bounded in everything that a client may take of it, and without routes. */
export function createHttpsServer({
  certificate,
  installation,
  now,
  log,
}: ManagementApiOptions): FastifyInstance {
  const app = Fastify({
    https: {
      cert: Buffer.from(certificate.cert),
      key: Buffer.from(certificate.key),
      minVersion: 'TLSv1.2',
      handshakeTimeout: limits.handshakeMilliseconds,
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMilliseconds,
    },
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMilliseconds,
    keepAliveTimeout: limits.keepAliveMilliseconds,
    maxRequestsPerSocket: limits.requestsPerConnection,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => {
      const ids = requestIdsOf(request.headers)
      const common = envelopeHeaders(ids, now(), installation.location.name)
      sendAnswer(reply as unknown as FastifyReply, requestErrorAnswer(error, log, ids.requestId), common)
    },
  })
  app.server.maxConnections = limits.connections
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, readJsonBody)
  // Paths are all routed: what comes here has a method that no route can have.
  app.setNotFoundHandler((request, reply) => {
    const ids = requestIdsOf(request.headers)
    const common = envelopeHeaders(ids, now(), installation.location.name)
    return sendAnswer(reply as unknown as FastifyReply, unknownMethod(request.method), common)
  })
  app.setErrorHandler((error, request, reply) => {
    const ids = requestIdsOf(request.headers)
    const common = envelopeHeaders(ids, now(), installation.location.name)
    sendAnswer(reply as unknown as FastifyReply, requestErrorAnswer(error, log, ids.requestId), common)
  })
  return app as unknown as FastifyInstance
}

function unknownMethod(method: string): Answer {
  return errorOf({
    code: 'HttpMethodNotAllowed',
    message: `The HTTP method '${method.slice(0, 20)}' is not supported at any path.`,
    target: method.slice(0, 20),
  })
}
