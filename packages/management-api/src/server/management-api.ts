import type { ResourceTypeName } from '@causeway/api-contract'
import type { GatewayResource } from '@causeway/gateway'
import type { FastifyInstance, InjectOptions } from 'fastify'
import type { Services } from '../call/services.ts'
import { type DeployRequest, deployAs } from '../deployments/deploy-as.ts'
import type { DeploymentOutcome } from '../deployments/run.ts'
import { createBaseUrls } from '../envelope/base-urls.ts'
import { limits } from '../limits.ts'
import { packageRoutes } from '../network/package-routes.ts'
import { createPackageUrls, openPackageKey } from '../network/package-urls.ts'
import { rejoinNetwork } from '../network/rejoining.ts'
import { metricsRoutes } from '../observation/metrics-routes.ts'
import { runningBody } from '../resources/changing.ts'
import type { ServedResource } from '../resources/resource-server.ts'
import { servedResource } from '../resources/resource-view.ts'
import { INSTALLATION } from '../rights/caller.ts'
import { tokenRoutes } from '../tokens/token-routes.ts'
import { tendVaults, type VaultsTended } from '../vault/tending.ts'
import { armRoutes } from './arm-routes.ts'
import { dispatch } from './dispatch.ts'
import { createHttpsServer } from './https-server.ts'
import {
  answerInstallation,
  endOfOperation,
  type InstallationAnswer,
  type InstallationRequest,
} from './installation-calls.ts'
import { openServices } from './open-services.ts'
import type {
  InjectedAnswer,
  InjectedRequest,
  ManagementApi,
  ManagementApiOptions,
  ServerCertificate,
} from './options.ts'
import { publicRoutes } from './public-routes.ts'
import { openVaultApp, sendToVaults } from './vault-plane.ts'

/**
 * Makes the management API on a store: ends what the last process left undone, and waits to be told where to listen.
 * Errors: the store's, and OpenSSL's for a certificate that is none.
 */
export async function createManagementApi(options: ManagementApiOptions): Promise<ManagementApi> {
  const { store, secrets, now, log, running, installation } = options
  const packages = running && createPackageUrls(await openPackageKey(store, secrets), now)
  const services = await openServices(options, packages)
  const urls = createBaseUrls(options.baseUrls)
  const app = createHttpsServer(options)
  const vaultApp = await openVaultApp(options, services)
  if (vaultApp) sendToVaults(app, vaultApp, services)
  await app.register(publicRoutes, { options, urls, vaults: services.vaults })
  await app.register(tokenRoutes, { service: options.tokens.service, urls })
  const location = installation.location.name
  if (running && packages)
    await app.register(packageRoutes, { packages, gateway: running.gateway, location, now, log })
  const { verifier } = options.tokens
  await app.register(metricsRoutes, { verifier, services, metrics: options.metrics })
  await app.register(armRoutes, { options, services, urls })
  await app.ready()
  return new RunningApi(app, services, options.baseUrls[0])
}

class RunningApi implements ManagementApi {
  readonly #app: FastifyInstance
  readonly services: ManagementApi['services']
  readonly #services: Services
  readonly #baseUrl: string

  constructor(app: FastifyInstance, services: Services, baseUrl: string) {
    this.#app = app
    this.services = services
    this.#services = services
    this.#baseUrl = baseUrl
  }

  async listen({ host, port }: { readonly host: string; readonly port: number }): Promise<number> {
    await this.#app.listen({ host, port })
    const address = this.#app.server.address()
    return typeof address === 'object' && address ? address.port : port
  }

  replaceCertificate({ cert, key }: ServerCertificate): void {
    const server = this.#app.server as unknown as import('node:https').Server
    server.setSecureContext({ cert: Buffer.from(cert), key: Buffer.from(key), minVersion: 'TLSv1.2' })
  }

  async running(type: ResourceTypeName): Promise<readonly ServedResource[]> {
    const { resources } = this.#services
    const found: ServedResource[] = []
    for await (const resource of resources.below(undefined)) {
      if (resource.document.type !== type) continue
      const body = runningBody(resource, await resources.bodiesOf(resource))
      if (body) found.push(servedResource(resource.id, resource.document, body))
    }
    return found
  }

  async tendVaults(): Promise<VaultsTended> {
    const { vaults, log } = this.#services
    return vaults ? tendVaults(vaults, log) : { renewed: [], purged: [] }
  }

  async adopt(present: GatewayResource | undefined): Promise<void> {
    const { adoption } = this.#services
    if (!adoption) throw new Error('ERR_API_ADOPT: this API was made without a gateway (option `running`)')
    await adoption.adopt(present)
  }

  async rejoin(): Promise<void> {
    const { network } = this.#services
    if (network) await rejoinNetwork(this.#services, network)
  }

  asInstallation(request: InstallationRequest): Promise<InstallationAnswer> {
    return answerInstallation(this.#services, this.#baseUrl, request)
  }

  waitFor(answer: InstallationAnswer): Promise<InstallationAnswer> {
    return endOfOperation(this.#services, this.#baseUrl, answer)
  }

  deploy(request: DeployRequest): Promise<DeploymentOutcome> {
    return deployAs(this.#services, dispatch, INSTALLATION, request)
  }

  async close(): Promise<void> {
    const { background, log, resources, roles } = this.#services
    await within(limits.closingMilliseconds, this.#app.close(), () => this.#app.server.closeAllConnections())
    // What does not end by then has failed when the process starts again.
    await within(limits.closingMilliseconds, Promise.all(background), () =>
      log.warn({ operations: background.size }, 'operations did not end before the API closed'),
    )
    resources.close()
    roles.close()
  }

  async inject(request: InjectedRequest): Promise<InjectedAnswer> {
    const answer = await this.#app.inject(request as InjectOptions)
    return {
      status: answer.statusCode,
      headers: answer.headers as InjectedAnswer['headers'],
      text: answer.payload,
    }
  }
}

/** Waits for work, and no longer than it may take. */
async function within(milliseconds: number, work: Promise<unknown>, late: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>(resolve => {
    timer = setTimeout(() => {
      late()
      resolve()
    }, milliseconds)
  })
  await Promise.race([work, patience])
  clearTimeout(timer)
}
