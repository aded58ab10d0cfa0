import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { judgeTarget, makeCall } from '../call/make-call.ts'
import type { Services } from '../call/services.ts'
import { type Answer, errorOf } from '../envelope/answer.ts'
import type { BaseUrls } from '../envelope/base-urls.ts'
import { Query } from '../envelope/query.ts'
import { requestErrorAnswer } from '../envelope/request-error.ts'
import { envelopeHeaders, type RequestIds, requestIdsOf } from '../envelope/request-ids.ts'
import { sendAnswer } from '../envelope/send-answer.ts'
import { type Target, targetOf } from '../envelope/target.ts'
import { answerPoll } from '../operations/polling.ts'
import { type Caller, callerOf } from '../rights/caller.ts'
import { judgeCall } from '../rights/judge-call.ts'
import { dispatch } from './dispatch.ts'
import type { ManagementApiOptions } from './options.ts'

/** What is known of a request before its body is read. */
interface Known {
  readonly ids: RequestIds
  readonly query: Query
  readonly target: Target
  readonly startedAt: number
  caller: Caller | undefined
}

/** Everything that needs a token: one handler, which goes by the registry of resource types. */
export async function armRoutes(
  app: FastifyInstance,
  { options, services, urls }: { options: ManagementApiOptions; services: Services; urls: BaseUrls },
): Promise<void> {
  const known = new WeakMap<FastifyRequest, Known>()
  const send = (request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply => {
    const about = known.get(request) ?? readRequest(request)
    logRequest(services, request, about, answer)
    return sendAnswer(
      reply,
      answer,
      envelopeHeaders(about.ids, services.now(), services.installation.location.name),
    )
  }

  app.addHook('onRequest', async (request, reply) => {
    const about = readRequest(request)
    known.set(request, about)
    const refusal = await admit(options, services, request, about)
    if (!refusal) return
    // Nothing of a body is read for somebody who may not send it.
    if (hasBody(request)) reply.header('connection', 'close')
    await send(request, reply, refusal)
  })
  app.setErrorHandler((error, request, reply) => {
    const { requestId } = (known.get(request) ?? readRequest(request)).ids
    return send(request, reply, requestErrorAnswer(error, services.log, requestId))
  })
  app.all('/*', async (request, reply) => {
    const about = known.get(request) ?? readRequest(request)
    return send(request, reply, await answerRequest(services, urls, request, about))
  })
}

function readRequest(request: FastifyRequest): Known {
  const url = request.raw.url ?? '/'
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  return {
    ids: requestIdsOf(request.headers),
    query: new Query(mark < 0 ? '' : url.slice(mark + 1)),
    target: targetOf(request.method, path),
    startedAt: performance.now(),
    caller: undefined,
  }
}

/** Why a request goes no further: no token, no such path, no such version, no right. */
async function admit(
  { tokens }: ManagementApiOptions,
  services: Services,
  request: FastifyRequest,
  about: Known,
): Promise<Answer | undefined> {
  const { now, roles, log } = services
  const verdict = await tokens.verifier.verify(request.headers.authorization, now())
  if (verdict.type === 'refused') {
    const { status, code, message, wwwAuthenticate, reason } = verdict
    log.info({ requestId: about.ids.requestId, reason }, 'a token was refused')
    const challenge = wwwAuthenticate === undefined ? {} : { 'www-authenticate': wwwAuthenticate }
    return { status, body: { error: { code, message } }, headers: challenge }
  }
  if (verdict.warning !== undefined) log.warn({ requestId: about.ids.requestId }, verdict.warning)
  about.caller = callerOf(verdict.identity)
  const { target, query } = about
  if (target.type === 'none') return errorOf(target.error)
  if (target.type === 'poll') return undefined
  const refused = judgeTarget(services, target, query) ?? judgeCall(roles, about.caller, target)
  return refused && errorOf(refused)
}

async function answerRequest(
  services: Services,
  urls: BaseUrls,
  request: FastifyRequest,
  { target, query, caller, ids }: Known,
): Promise<Answer> {
  if (!caller || target.type === 'none') throw new Error('ERR_API_ADMISSION: a request was let in unjudged')
  const baseUrl = urls.of(request.headers.host)
  if (target.type === 'poll') return answerPoll({ services, caller, baseUrl, target })
  const call = makeCall(target, {
    services,
    query,
    caller,
    body: request.body,
    ifMatch: headerText(request.headers['if-match']),
    ifNoneMatch: headerText(request.headers['if-none-match']),
    baseUrl,
    requestId: ids.requestId,
  })
  return dispatch(call)
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function headerText(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined
}

/** One line for each request: who, what, how it ended. Neither headers nor bodies. */
function logRequest({ log }: Services, request: FastifyRequest, about: Known, { status }: Answer): void {
  const { ids, caller, startedAt, target } = about
  const line = {
    requestId: ids.requestId,
    correlationId: ids.correlationId,
    method: request.method,
    path: (request.raw.url ?? '').split('?')[0],
    operation: target.type === 'operation' ? target.operation.id : undefined,
    status,
    milliseconds: Math.round(performance.now() - startedAt),
    caller: caller?.objectId,
  }
  if (status >= 500) log.error(line, 'request')
  else log.info(line, 'request')
}
