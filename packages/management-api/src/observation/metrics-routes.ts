import { formatResourceId } from '@causeway/api-contract'
import type { TokenVerifier } from '@causeway/token-service'
import type { FastifyInstance } from 'fastify'
import type { Services } from '../call/services.ts'
import { type Answer, errorOf } from '../envelope/answer.ts'
import { envelopeHeaders, requestIdsOf } from '../envelope/request-ids.ts'
import { sendAnswer } from '../envelope/send-answer.ts'
import { callerOf, judgeRight } from '../rights/caller.ts'

/** What a scrape gets: Prometheus' text, and its Content-Type. */
export interface MetricsText {
  readonly text: string
  readonly contentType: string
}

export interface MetricsOptions {
  readonly verifier: TokenVerifier
  readonly services: Services
  /** Reads them now. Absent: there are none, and the path is not there. */
  readonly metrics: (() => Promise<MetricsText>) | undefined
}

/** The right that a scrape needs: the one that Azure Monitor asks of who reads metrics. */
export const METRICS_RIGHT = 'Microsoft.Insights/metrics/read'

const GATEWAYS = 'Microsoft.Network/virtualNetworkGateways'

/** `GET /metrics`, for whoever may read metrics of the gateway; without a gateway, of its subscription. */
export async function metricsRoutes(app: FastifyInstance, options: MetricsOptions): Promise<void> {
  const { services, metrics } = options
  if (!metrics) return
  app.get('/metrics', async (request, reply) => {
    const ids = requestIdsOf(request.headers)
    const headers = envelopeHeaders(ids, services.now(), services.installation.location.name)
    const refusal = await refusalOf(options, request.headers.authorization, ids.requestId)
    if (refusal) return sendAnswer(reply, refusal, headers)
    try {
      const { text, contentType } = await metrics()
      return reply.headers(headers).header('content-type', contentType).send(text)
    } catch (error) {
      services.log.error({ requestId: ids.requestId, err: error }, 'the metrics could not be read')
      const message = 'The metrics could not be read. The log of the gateway says why.'
      return sendAnswer(reply, errorOf({ code: 'InternalServerError', message }), headers)
    }
  })
}

/** Why there are no metrics for this request; `undefined`: there are. */
async function refusalOf(
  { verifier, services }: MetricsOptions,
  authorization: string | undefined,
  requestId: string,
): Promise<Answer | undefined> {
  const { now, roles, log } = services
  const verdict = await verifier.verify(authorization, now())
  if (verdict.type === 'refused') {
    const { status, code, message, wwwAuthenticate, reason } = verdict
    log.info({ requestId, reason }, 'a token was refused')
    const challenge = wwwAuthenticate === undefined ? {} : { 'www-authenticate': wwwAuthenticate }
    return { status, body: { error: { code, message } }, headers: challenge }
  }
  const scope = await scopeOf(services)
  const refused = judgeRight(roles, callerOf(verdict.identity), METRICS_RIGHT, scope)
  return refused && errorOf(refused)
}

/** A process has one gateway, or none. */
async function scopeOf({ resources, installation }: Services): Promise<string> {
  for await (const { id, document } of resources.below(undefined))
    if (document.type === GATEWAYS) return formatResourceId(id)
  const [subscription] = installation.subscriptions
  return subscription ? `/subscriptions/${subscription.id}` : '/'
}
