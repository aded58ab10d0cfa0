import { randomUUID } from 'node:crypto'
import { type HttpAnswer, jsonAnswer } from './answer.ts'

/**
 * Why there is no token: Entra's code, OAuth's word for it (RFC 6749 §5.2) and the HTTP status. Microsoft Learn,
 * "Microsoft Entra authentication and authorization error codes".
 */
export const OAUTH_ERRORS = {
  missingParameter: { code: 900_144, error: 'invalid_request', status: 400 },
  malformedRequest: { code: 90_014, error: 'invalid_request', status: 400 },
  unknownTenant: { code: 90_002, error: 'invalid_request', status: 400 },
  unsupportedGrant: { code: 70_003, error: 'unsupported_grant_type', status: 400 },
  unknownClient: { code: 700_016, error: 'unauthorized_client', status: 400 },
  disabledClient: { code: 7_000_112, error: 'unauthorized_client', status: 401 },
  missingCredential: { code: 7_000_218, error: 'invalid_client', status: 401 },
  wrongSecret: { code: 7_000_215, error: 'invalid_client', status: 401 },
  expiredSecret: { code: 7_000_222, error: 'invalid_client', status: 401 },
  malformedAssertion: { code: 50_027, error: 'invalid_client', status: 401 },
  unknownCertificate: { code: 700_027, error: 'invalid_client', status: 401 },
  wrongAssertionClient: { code: 700_021, error: 'invalid_client', status: 401 },
  wrongAssertionAudience: { code: 700_023, error: 'invalid_client', status: 401 },
  assertionOutOfTime: { code: 700_024, error: 'invalid_client', status: 401 },
  replayedAssertion: { code: 50_012, error: 'invalid_client', status: 401 },
  wrongScope: { code: 1_002_012, error: 'invalid_scope', status: 400 },
  unknownResource: { code: 500_011, error: 'invalid_resource', status: 400 },
  tooManyFailures: { code: 90_055, error: 'temporarily_unavailable', status: 429 },
  busy: { code: 90_033, error: 'temporarily_unavailable', status: 503 },
} as const

export type OAuthErrorName = keyof typeof OAUTH_ERRORS

/** A request that gets no token. */
export interface OAuthRefusal {
  readonly type: 'refused'
  readonly name: OAuthErrorName
  /** What is wrong and what to do, without any secret and without the code. */
  readonly problem: string
  readonly retryAfterSeconds?: number
}

export function refuse(name: OAuthErrorName, problem: string, retryAfterSeconds?: number): OAuthRefusal {
  return { type: 'refused', name, problem, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }
}

export interface ErrorStamp {
  /** Unix seconds. */
  readonly now: number
  /** The client's own id for the request (`client-request-id`); anything but a GUID is passed over. */
  readonly correlationId: string | undefined
  /** Whether the client used HTTP Basic, and wants to hear of it (RFC 6749 §5.2). */
  readonly usedBasic: boolean
}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** The answer in Entra's form. */
export function oauthErrorAnswer(refusal: OAuthRefusal, stamp: ErrorStamp): HttpAnswer {
  const { code, error, status } = OAUTH_ERRORS[refusal.name]
  const timestamp = `${new Date(stamp.now * 1_000).toISOString().slice(0, 19).replace('T', ' ')}Z`
  const traceId = randomUUID()
  const correlationId = GUID.test(stamp.correlationId ?? '') ? String(stamp.correlationId) : randomUUID()
  const trail = `Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`
  const body = {
    error,
    error_description: `AADSTS${code}: ${refusal.problem} ${trail}`,
    error_codes: [code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
  }
  return jsonAnswer(status, body, {
    ...(refusal.retryAfterSeconds !== undefined && { 'retry-after': String(refusal.retryAfterSeconds) }),
    ...(status === 401 && stamp.usedBasic && { 'www-authenticate': 'Basic realm="token service"' }),
  })
}
