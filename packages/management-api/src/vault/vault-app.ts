import { VaultError } from '@causeway/key-vault'
import {
  type TokenIdentity,
  type TokenRefusal,
  type TokenVerifier,
  vaultChallenge,
} from '@causeway/token-service'
import Fastify, { errorCodes, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Answer } from '../envelope/answer.ts'
import { BodyError, readJsonBody } from '../envelope/json-body.ts'
import { Query } from '../envelope/query.ts'
import { envelopeHeaders, type RequestIds, requestIdsOf } from '../envelope/request-ids.ts'
import { sendAnswer } from '../envelope/send-answer.ts'
import { limits } from '../limits.ts'
import type { RoleStore } from '../rights/role-store.ts'
import { vaultErrorAnswer, vaultRefusal } from './vault-answer.ts'
import type { VaultResult } from './vault-operations.ts'
import { listOptionsOf, nextLinkOf } from './vault-page.ts'
import { judgeVaultRight } from './vault-rights.ts'
import { type VaultTarget, vaultTargetOf } from './vault-target.ts'
import type { LiveVault, Vaults } from './vaults.ts'

export interface VaultAppOptions {
  readonly vaults: Vaults
  readonly roles: RoleStore
  /** Of tokens for vaults alone. */
  readonly verifier: TokenVerifier
  /** Where clients sign in: `https://HOST/TENANT`. */
  readonly authorizationUri: string
  /** Name of the place that answers. */
  readonly region: string
  /** Unix seconds. */
  readonly now: () => number
  readonly log: Logger
}

type Operation = Extract<VaultTarget, { readonly type: 'operation' }>

/** What is known of a request before its body is read. */
interface Known {
  readonly ids: RequestIds
  readonly query: Query
  readonly target: VaultTarget
  readonly startedAt: number
  admitted?: Admitted
}

/** Who may do it, and where. */
interface Admitted {
  readonly vault: LiveVault
  readonly url: string
  readonly identity: TokenIdentity
  readonly target: Operation
}

/** Versions of Key Vault's data plane: 7.x, and the dates that came after. */
const API_VERSION = /^(?:7\.\d(?:-preview(?:\.\d)?)?|20(?:2[5-9]|[3-9]\d)-\d{2}-\d{2}(?:-preview)?)$/

/**
 * The data plane of all vaults, each under its own host. It listens nowhere: the API's server hands it the requests that
 * come for a vault.
 */
export async function createVaultApp(options: VaultAppOptions): Promise<FastifyInstance> {
  const app = Fastify({ bodyLimit: limits.vaultBodyBytes, exposeHeadRoutes: false })
  const known = new WeakMap<FastifyRequest, Known>()
  const knownOf = (request: FastifyRequest): Known => known.get(request) ?? readRequest(request)
  const send = (request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply => {
    const about = knownOf(request)
    logRequest(options, request, about, answer)
    return sendAnswer(reply, answer, vaultHeaders(options, about))
  }
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, readJsonBody)
  app.addHook('onRequest', async (request, reply) => {
    const about = readRequest(request)
    known.set(request, about)
    const refusal = await admit(options, request, about)
    if (!refusal) return
    // Nothing of a body is read for somebody who may not send it.
    if (hasBody(request)) reply.header('connection', 'close')
    await send(request, reply, refusal)
  })
  app.setErrorHandler((error, request, reply) => {
    const { requestId } = knownOf(request).ids
    return send(request, reply, failureAnswer(error, options.log, requestId))
  })
  app.all('/*', async (request, reply) => {
    const { admitted, query } = knownOf(request)
    if (!admitted) throw new Error('ERR_API_ADMISSION: a request to a vault was let in unjudged')
    return send(request, reply, await perform(options, admitted, query, request.body))
  })
  app.setNotFoundHandler((request, reply) =>
    send(request, reply, vaultRefusal('NotFound', 'There is nothing at this path of a vault.')),
  )
  await app.ready()
  return app
}

function readRequest(request: FastifyRequest): Known {
  const url = request.raw.url ?? '/'
  const mark = url.indexOf('?')
  return {
    ids: requestIdsOf(request.headers),
    query: new Query(mark < 0 ? '' : url.slice(mark + 1)),
    target: vaultTargetOf(request.method, mark < 0 ? url : url.slice(0, mark)),
    startedAt: performance.now(),
  }
}

/** Why a request goes no further: no such vault, no token, no such path, no right. */
async function admit(
  options: VaultAppOptions,
  request: FastifyRequest,
  about: Known,
): Promise<Answer | undefined> {
  const { vaults, roles, verifier, now, log } = options
  const { host } = request.headers
  const name = vaults.hosts.nameOf(host) ?? ''
  const vault = await vaults.find(name)
  if (!vault)
    return vaultRefusal('VaultNotFound', `There is no vault ${name.slice(0, 63)}, or it is deleted.`)
  const verdict = await verifier.verify(request.headers.authorization, now())
  if (verdict.type === 'refused') {
    log.info({ requestId: about.ids.requestId, reason: verdict.reason }, "a vault's token was refused")
    return tokenRefusal(options, host, verdict)
  }
  if (verdict.warning !== undefined) log.warn({ requestId: about.ids.requestId }, verdict.warning)
  const { target, query } = about
  const wrong = judgeApiVersion(query.value('api-version'))
  if (wrong) return wrong
  if (target.type === 'none') return target.refusal
  const { identity } = verdict
  const { operation, words } = target.route
  const kind = words[0]?.replace('deleted', '') ?? ''
  const refused = judgeVaultRight(roles, vault, identity, {
    operation,
    ...(target.name !== '' && { object: `${kind}/${target.name}` }),
  })
  about.admitted = { vault, url: vaults.hosts.urlOf(vault.name, host), identity, target }
  return refused
}

/**
 * Every 401 tells where to get a token, and for what: that is how Key Vault's clients begin. What it is for has the port
 * by which they came: the client in Python compares it with its own.
 */
function tokenRefusal(
  { authorizationUri, vaults }: VaultAppOptions,
  host: string | undefined,
  { status, message }: Pick<TokenRefusal, 'status' | 'message'>,
): Answer {
  if (status === 503) return vaultRefusal('ServiceUnavailable', message)
  const resource = `https://${vaults.hosts.domainOf(host)}`
  const headers = { 'www-authenticate': vaultChallenge(authorizationUri, resource) }
  return vaultRefusal('Unauthorized', message, { headers })
}

function judgeApiVersion(version: string | undefined): Answer | undefined {
  if (version !== undefined && API_VERSION.test(version)) return undefined
  const problem = version === undefined ? 'is missing' : `'${version.slice(0, 40)}' is not supported`
  return vaultRefusal('BadParameter', `The query parameter api-version ${problem}. Use 7.4 or 2025-07-01.`)
}

async function perform(
  { vaults }: VaultAppOptions,
  { vault, url, identity, target }: Admitted,
  query: Query,
  body: unknown,
): Promise<Answer> {
  const { route, name, version } = target
  const opened = vaults.open(vault, identity.objectId, url)
  try {
    const list = listOptionsOf(query)
    const result = await route.run(opened, { name, version, body, list })
    return resultAnswer(result, route.status, next => nextLinkOf(`${url}${target.path}`, query, next))
  } catch (error) {
    if (error instanceof VaultError) return vaultErrorAnswer(error)
    throw error
  }
}

function resultAnswer(result: VaultResult, status: number, linkTo: (next: string) => string): Answer {
  switch (result.type) {
    case 'value':
      return { status, body: result.value }
    case 'page': {
      const { value, next } = result.page
      return { status, body: { value, ...(next !== undefined && { nextLink: linkTo(next) }) } }
    }
    case 'nothing':
      return { status }
    default:
      return result satisfies never
  }
}

/** The answer to a request that cannot be read, or that we failed at. What failed is for the log alone. */
function failureAnswer(error: unknown, log: Logger, requestId: string): Answer {
  if (error instanceof BodyError)
    return vaultRefusal('BadParameter', `The request body could not be read: ${error.problem}.`)
  switch ((error as { readonly code?: unknown }).code) {
    case errorCodes.FST_ERR_CTP_BODY_TOO_LARGE().code:
      return vaultRefusal(
        'RequestEntityTooLarge',
        `The request body is larger than ${limits.vaultBodyBytes} bytes.`,
      )
    case errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE().code:
    case errorCodes.FST_ERR_CTP_INVALID_TYPE().code:
      return vaultRefusal('UnsupportedMediaType', 'The content type must be application/json.')
    case errorCodes.FST_ERR_CTP_INVALID_CONTENT_LENGTH().code:
      return vaultRefusal('BadParameter', 'The request body has another length than its Content-Length says.')
    default:
      log.error({ requestId, err: error }, 'a request to a vault failed')
      return vaultRefusal(
        'InternalServerError',
        'The vault could not do it. The log of the gateway says why, under the x-ms-request-id of this answer.',
      )
  }
}

function vaultHeaders({ now, region }: VaultAppOptions, { ids }: Known): Record<string, string> {
  return { ...envelopeHeaders(ids, now(), region), 'x-ms-keyvault-region': region }
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** One line for each request: who, what, how it ended. Neither headers nor bodies, and so no value. */
function logRequest({ log }: VaultAppOptions, request: FastifyRequest, about: Known, answer: Answer): void {
  const { ids, target, startedAt, admitted } = about
  const line = {
    requestId: ids.requestId,
    method: request.method,
    host: request.headers.host,
    path: (request.raw.url ?? '').split('?')[0],
    operation: target.type === 'operation' ? target.route.operation : undefined,
    status: answer.status,
    milliseconds: Math.round(performance.now() - startedAt),
    caller: admitted?.identity.objectId,
  }
  if (answer.status >= 500) log.error(line, 'vault request')
  else log.info(line, 'vault request')
}
