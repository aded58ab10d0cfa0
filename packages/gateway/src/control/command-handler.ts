import {
  type ApplyResult,
  type ChangedCertificate,
  type ControlResults,
  completeGatewaySettings,
  type GatewayRequest,
  type GatewayStatus,
  type RevokedClient,
} from '@causeway/api-contract'
import { formatIpPrefix } from '@causeway/wire'
import { describeCertificate, readCertificates } from '@causeway/x509'
import type { SessionLimits, SessionRecord } from '../configuration.ts'
import { formatListenerAddress } from '../listener/listener-address.ts'
import { addClient, listClients, markRevoked, validThumbprints, withRevoked } from '../profile/index.ts'
import {
  type CertificateFiles,
  CommandError,
  checkGivenCertificate,
  configurationOf,
  ensureIdentity,
  ensureOwnCertificate,
  type GatewayDocuments,
  type Installation,
  type PreparedGateway,
  removeGivenCertificate,
  type ServerCertificate,
  type ShownIdentity,
  separateSecrets,
  separateSettings,
  showIdentity,
  storeGivenCertificate,
  withGuid,
  writeResource,
  writeSettings,
} from '../quick-start/index.ts'
import type { Written } from '../quick-start/stored.ts'
import type { Gateway } from '../runtime/gateway.ts'
import { certificateView } from './certificate-view.ts'

/** What the commands work on. */
export interface CommandContext {
  readonly installation: Installation
  readonly prepared: PreparedGateway
  /** Absent: the gateway does not run, and only its data directory is at hand. */
  readonly gateway?: Gateway
  /** Of the program. */
  readonly version: string
}

/** Answers the operator's commands, one after the other. Errors: `CommandError`, `StoreError`, those of `Gateway.apply`. */
export interface CommandHandler {
  answer(request: GatewayRequest): Promise<ControlResults[GatewayRequest['method']]>
  /** Renews the gateway's own certificate when it is time. Answers the one that is shown then. Errors: as `answer`. */
  renewCertificate(): Promise<ServerCertificate>
}

export function createCommandHandler(context: CommandContext): CommandHandler {
  return new Commands(context)
}

class Commands implements CommandHandler {
  readonly #installation: Installation
  readonly #gateway: Gateway | undefined
  readonly #version: string
  readonly #startedAt: number
  #prepared: PreparedGateway
  #tail: Promise<unknown> = Promise.resolve()

  constructor({ installation, prepared, gateway, version }: CommandContext) {
    this.#installation = installation
    this.#prepared = prepared
    this.#gateway = gateway
    this.#version = version
    this.#startedAt = installation.unixSeconds()
  }

  /** In turn, because commands change the documents; what only looks does not wait. */
  answer(request: GatewayRequest): Promise<ControlResults[GatewayRequest['method']]> {
    if (request.method === 'status' || request.method === 'sessions') return this.#run(request)
    return this.#inTurn(() => this.#run(request))
  }

  renewCertificate(): Promise<ServerCertificate> {
    return this.#inTurn(async () => {
      const { authority } = this.#prepared
      const shown = await showIdentity(this.#installation, authority, this.#prepared)
      await this.#replace(shown, () => Promise.resolve())
      return this.#prepared.server
    })
  }

  #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#tail.then(run)
    this.#tail = result.catch(() => undefined)
    return result
  }

  async #run(request: GatewayRequest): Promise<ControlResults[GatewayRequest['method']]> {
    switch (request.method) {
      case 'status':
        return this.#status()
      case 'sessions':
        return { sessions: this.#running().sessions() }
      case 'disconnect':
        return this.#disconnect(request.params.id)
      case 'apply':
        return this.#apply(request.params.document)
      case 'client.add':
        return addClient(this.#installation, this.#prepared, request.params)
      case 'client.revoke':
        return this.#revoke(request.params.name)
      case 'client.list':
        return { clients: await listClients(this.#installation) }
      case 'certificate.set':
        return this.#setCertificate(request.params)
      case 'certificate.show':
        return certificateView(this.#prepared)
      case 'certificate.reset':
        return this.#resetCertificate()
      default:
        return request satisfies never
    }
  }

  #status(): GatewayStatus {
    const gateway = this.#running()
    const { configuration, identity } = this.#prepared
    const { pool, insidePrefixes, sessionLimits, name, authentication } = configuration
    const [certificate] = readCertificates(identity.certificateChain)
    return {
      name,
      version: this.#version,
      processId: process.pid,
      startedAt: this.#startedAt,
      authentication: [...authentication].map(([tunnel, types]) => ({ tunnel, types: [...types] })),
      listeners: gateway
        .listeners()
        .map(({ transport, local }) => `${transport} ${formatListenerAddress(transport, local)}`),
      addressPools: Object.values(pool).map(formatIpPrefix),
      insidePrefixes: insidePrefixes.map(formatIpPrefix),
      ...sessionCounts(gateway.sessions(), sessionLimits),
      certificateExpiresAt: certificate ? describeCertificate(certificate).notAfter : 0,
    }
  }

  #disconnect(id: string): { readonly id: string } {
    if (this.#running().disconnect(id)) return { id }
    throw new CommandError('ResourceNotFound', `there is no session ${id}; \`causeway sessions\` shows all`)
  }

  async #apply(document: unknown): Promise<ApplyResult> {
    const isResource = typeof document === 'object' && document !== null && 'properties' in document
    const written = await this.#take(isResource ? this.#withResource(document) : this.#withSettings(document))
    const kind = isResource ? 'gateway' : 'settings'
    return { document: kind, ...written[kind], live: this.#gateway !== undefined }
  }

  #withResource(document: unknown): GatewayDocuments {
    const { resource: former, secrets: known } = this.#prepared
    const { resource, secrets } = separateSecrets(document, known)
    return { ...this.#documents(), resource: withGuid(resource, former), secrets }
  }

  #withSettings(document: unknown): GatewayDocuments {
    return { ...this.#documents(), ...separateSettings(document, this.#prepared.settingsSecrets) }
  }

  /** What is stored of all that was prepared. */
  #documents(): GatewayDocuments {
    const { resource, secrets, settings, settingsSecrets } = this.#prepared
    return { resource, secrets, settings, settingsSecrets }
  }

  async #revoke(name: string): Promise<RevokedClient> {
    const { resource } = this.#prepared
    const thumbprints = await validThumbprints(this.#installation, name)
    if (thumbprints.length === 0)
      throw new CommandError('Conflict', `the client ${name} is revoked already; there is nothing to do`)
    await this.#take({ ...this.#documents(), resource: withRevoked(resource, name, thumbprints) })
    await markRevoked(this.#installation, name)
    return { name, thumbprints, live: this.#gateway !== undefined }
  }

  async #setCertificate(files: CertificateFiles): Promise<ChangedCertificate> {
    const { settings, authority } = this.#prepared
    const { hostNames } = completeGatewaySettings(settings)
    const given = checkGivenCertificate(files, hostNames, this.#installation.unixSeconds())
    const server: ServerCertificate = { source: 'given', ...given }
    const identity = await ensureIdentity(this.#installation, authority, server)
    return this.#replace({ server, identity }, () => storeGivenCertificate(this.#installation, given))
  }

  async #resetCertificate(): Promise<ChangedCertificate> {
    const { resource, settings, authority } = this.#prepared
    const { hostNames } = completeGatewaySettings(settings)
    const guid = resource.properties.resourceGuid ?? ''
    const server = await ensureOwnCertificate(this.#installation, authority, guid, hostNames)
    const identity = await ensureIdentity(this.#installation, authority, server)
    return this.#replace({ server, identity }, () => removeGivenCertificate(this.#installation))
  }

  /** Shows this certificate and then stores it; when the disk refuses, shows the former one again. */
  async #replace(shown: ShownIdentity, store: () => Promise<unknown>): Promise<ChangedCertificate> {
    const former = this.#prepared.identity
    const changed = shown.identity.certificateChain !== former.certificateChain
    const isOther = changed || shown.identity.radius?.certificateChain !== former.radius?.certificateChain
    if (isOther) await this.#gateway?.replaceIdentity(shown.identity)
    try {
      await store()
    } catch (error) {
      if (isOther) await this.#gateway?.replaceIdentity(former)
      throw error
    }
    this.#prepared = { ...this.#prepared, ...shown }
    return { ...certificateView(this.#prepared), changed, live: this.#gateway !== undefined }
  }

  /** Runs with these documents and then stores them; when the disk refuses, runs with the former ones again. */
  async #take(documents: GatewayDocuments): Promise<{ gateway: Written; settings: Written }> {
    const { configuration: former, authority, identity, server } = this.#prepared
    const configuration = configurationOf(documents)
    await this.#gateway?.apply(configuration)
    try {
      // New host names want another certificate of our own.
      const shown = await showIdentity(this.#installation, authority, documents)
      await this.#replace(shown, () => Promise.resolve())
      const settings = await writeSettings(this.#installation.data, documents)
      const gateway = await writeResource(this.#installation.data, documents)
      this.#prepared = { ...this.#prepared, ...documents, configuration }
      return { gateway, settings }
    } catch (error) {
      await this.#replace({ identity, server }, () => Promise.resolve())
      await this.#gateway?.apply(former)
      throw error
    }
  }

  #running(): Gateway {
    if (this.#gateway) return this.#gateway
    throw new CommandError('Conflict', 'the gateway is not running; start it with `causeway up`')
  }
}

function sessionCounts(
  sessions: readonly SessionRecord[],
  { ikev2OpenVpn, sstp }: SessionLimits,
): Pick<GatewayStatus, 'sessions' | 'sstpSessions' | 'sessionLimit' | 'sstpSessionLimit'> {
  return {
    sessions: sessions.length,
    sstpSessions: sessions.filter(({ protocol }) => protocol === 'SSTP').length,
    ...(ikev2OpenVpn < Number.MAX_SAFE_INTEGER && { sessionLimit: ikev2OpenVpn }),
    ...(sstp < Number.MAX_SAFE_INTEGER && { sstpSessionLimit: sstp }),
  }
}
