import { armErrors, type ErrorBody } from '@causeway/api-contract'
import { errorBody, type ManagedGateway } from '@causeway/gateway'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { errorOf } from '../envelope/answer.ts'
import { envelopeHeaders, requestIdsOf } from '../envelope/request-ids.ts'
import { sendAnswer } from '../envelope/send-answer.ts'
import { limits } from '../limits.ts'
import { PACKAGES_PATH, type PackageUrls, type PackageWish } from './package-urls.ts'

export interface PackageRouteOptions {
  readonly packages: PackageUrls
  readonly gateway: Pick<ManagedGateway, 'present' | 'profilePackage'>
  /** Where the gateway is, as ARM writes places. */
  readonly location: string
  readonly now: () => number
  readonly log: Logger
}

type Made =
  | { readonly type: 'made'; readonly zip: Uint8Array; readonly name: string }
  | { readonly type: 'refused'; readonly error: ErrorBody }

/** Packages by their URLs, which are all that one needs to have them. */
export async function packageRoutes(app: FastifyInstance, options: PackageRouteOptions): Promise<void> {
  const { packages, location, now, log } = options
  const pace = new PackagePace(now)
  app.get(`${PACKAGES_PATH}/*`, async (request, reply) => {
    const [path = '', query = ''] = (request.raw.url ?? '').split('?')
    const ids = requestIdsOf(request.headers)
    const common = { ...envelopeHeaders(ids, now(), location), 'cache-control': 'no-store' }
    const wish = packages.read(path, query)
    const made: Made = wish ? await pace.making(() => packageOf(options, wish)) : refused(WRONG_URL)
    // The query is as good as a password for its hour.
    log.info({ requestId: ids.requestId, path, outcome: made.type }, 'a profile package was asked for')
    if (made.type === 'refused') return sendAnswer(reply, errorOf(made.error), common)
    const name = made.name.replace(/[^A-Za-z0-9._-]/g, '_')
    return reply
      .headers({ ...common, 'content-disposition': `attachment; filename="${name}.zip"` })
      .type('application/zip')
      .send(Buffer.from(made.zip))
  })
}

/** Says nothing of what is wrong: whoever guesses is not helped. */
const WRONG_URL: ErrorBody = {
  code: 'AuthorizationFailed',
  message: 'This URL is not valid, or not any more. Ask for another one with generatevpnclientpackage.',
}

async function packageOf(
  { gateway, log }: PackageRouteOptions,
  { guid, request }: PackageWish,
): Promise<Made> {
  const { resource } = gateway.present() ?? {}
  if (!resource || resource.properties.resourceGuid !== guid) return refused(GONE)
  try {
    const zip = await gateway.profilePackage(request)
    return { type: 'made', zip, name: resource.name ?? 'gateway' }
  } catch (error) {
    const told = errorBody(error)
    log.warn({ code: told.code, err: error }, 'a profile package could not be made')
    return refused(told)
  }
}

const GONE: ErrorBody = {
  code: 'NotFound',
  message:
    'The gateway that this package was of is not there any more. Ask for a package of the present one.',
}

function refused(error: ErrorBody): Made {
  return { type: 'refused', error }
}

/** How many packages are made, at once and in a minute: each is work, and its URL may be handed on. */
class PackagePace {
  readonly #now: () => number
  #making = 0
  #minute = 0
  #made = 0

  constructor(now: () => number) {
    this.#now = now
  }

  async making(work: () => Promise<Made>): Promise<Made> {
    const minute = Math.floor(this.#now() / 60)
    if (minute !== this.#minute) [this.#minute, this.#made] = [minute, 0]
    if (this.#making >= limits.packagesAtOnce || this.#made >= limits.packagesPerMinute)
      return refused(armErrors.tooManyRequests(60))
    this.#made++
    this.#making++
    try {
      return await work()
    } finally {
      this.#making--
    }
  }
}
