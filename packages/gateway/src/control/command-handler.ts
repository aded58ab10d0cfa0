import {
  type ApplyResult,
  type ChangedCertificate,
  type ConnectionView,
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
import type { OperatorChanges, PresentGateway } from '../managed/index.ts'
import {
  addClient,
  listClients,
  markRevoked,
  requirePointToSite,
  validThumbprints,
  withRevoked,
} from '../profile/index.ts'
import {
  type CertificateFiles,
  CommandError,
  checkGivenCertificate,
  type Documents,
  ensureIdentity,
  ensureOwnCertificate,
  type Installation,
  operatorGateway,
  type Prepared,
  removeGivenCertificate,
  type ServerCertificate,
  type ShownIdentity,
  separateSettings,
  serverGuid,
  showIdentity,
  storeGivenCertificate,
  type WrittenDocuments,
} from '../quick-start/index.ts'
import type { Gateway } from '../runtime/gateway.ts'
import { certificateView } from './certificate-view.ts'
import { connectionNamed, connectionViews } from './connection-view.ts'
import { historyView } from './history-view.ts'
import { checkInbound } from './inbound-check.ts'
import { issueDeviceCertificate } from './site-certificate.ts'

/** What the commands work on. */
export interface CommandContext {
  readonly present: PresentGateway
  /** Who is told of what they change. Absent: nobody. */
  readonly changes?: OperatorChanges
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

/** Commands that change nothing. */
const LOOKING: ReadonlySet<string> = new Set(['status', 'sessions', 'history', 'connections', 'cert.check'])

class Commands implements CommandHandler {
  readonly #present: PresentGateway
  readonly #changes: OperatorChanges | undefined
  readonly #version: string
  readonly #startedAt: number

  constructor({ present, changes, version }: CommandContext) {
    this.#present = present
    this.#changes = changes
    this.#version = version
    this.#startedAt = present.installation.unixSeconds()
  }

  get #installation(): Installation {
    return this.#present.installation
  }

  get #prepared(): Prepared {
    return this.#present.prepared
  }

  /** In turn, because commands change the documents; what only looks does not wait. */
  answer(request: GatewayRequest): Promise<ControlResults[GatewayRequest['method']]> {
    if (LOOKING.has(request.method)) return this.#run(request)
    return this.#present.inTurn(() => this.#run(request))
  }

  renewCertificate(): Promise<ServerCertificate> {
    return this.#present.inTurn(async () => {
      const shown = await showIdentity(this.#installation, this.#prepared.authority, this.#prepared)
      await this.#present.show(shown)
      return this.#prepared.server
    })
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
        return addClient(this.#installation, requirePointToSite(this.#prepared), request.params)
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
      case 'history':
        return { entries: await historyView(this.#installation.data.documents, request.params) }
      case 'connections':
        return { connections: this.#connections() }
      case 'connection.reset':
        return this.#resetConnection(request.params.name)
      case 'cert.device':
        return issueDeviceCertificate(this.#installation, this.#prepared.authority, request.params)
      case 'cert.check':
        return checkInbound(request.params, this.#installation.unixSeconds())
      default:
        return request satisfies never
    }
  }

  #status(): GatewayStatus {
    const gateway = this.#running()
    const { configuration, identity, resource } = this.#prepared
    const { pool, insidePrefixes, sessionLimits, name, authentication } = configuration
    const [certificate] = readCertificates(identity.certificateChain)
    return {
      ...(resource && { name }),
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

  #connections(): readonly ConnectionView[] {
    return connectionViews(this.#prepared.configuration.sites, this.#running().connections())
  }

  #resetConnection(wanted: string): ControlResults['connection.reset'] {
    const { id, name } = connectionNamed(this.#connections(), wanted)
    if (this.#running().resetConnection(id)) return { id, name }
    throw new CommandError('Conflict', `the connection ${name} is just being changed; try again`)
  }

  async #apply(document: unknown): Promise<ApplyResult> {
    const isResource = typeof document === 'object' && document !== null && 'properties' in document
    const next = isResource ? this.#withResource(document) : this.#withSettings(document)
    const written = await this.#take(next)
    const kind = isResource ? 'gateway' : 'settings'
    return { document: kind, ...written[kind], live: this.#present.isLive }
  }

  #withResource(document: unknown): Documents {
    const { settings, settingsSecrets } = this.#prepared
    return { settings, settingsSecrets, ...operatorGateway(document, this.#prepared, this.#prepared.tenancy) }
  }

  #withSettings(document: unknown): Documents {
    return { ...this.#present.documents, ...separateSettings(document, this.#prepared.settingsSecrets) }
  }

  async #revoke(name: string): Promise<RevokedClient> {
    const prepared = requirePointToSite(this.#prepared)
    const thumbprints = await validThumbprints(this.#installation, name)
    if (thumbprints.length === 0)
      throw new CommandError('Conflict', `the client ${name} is revoked already; there is nothing to do`)
    const { settings, settingsSecrets, secrets, network, connections } = prepared
    const resource = withRevoked(prepared.resource, name, thumbprints)
    const gateway = { resource, secrets, ...(network && { network }), connections }
    await this.#take({ settings, settingsSecrets, ...gateway })
    await markRevoked(this.#installation, name)
    return { name, thumbprints, live: this.#present.isLive }
  }

  async #take(documents: Documents): Promise<WrittenDocuments> {
    const written = await this.#present.take(documents)
    if (written.gateway.changed || written.settings.changed) await this.#changes?.made()
    return written
  }

  async #setCertificate(files: CertificateFiles): Promise<ChangedCertificate> {
    const { settings, authority } = this.#prepared
    const { hostNames } = completeGatewaySettings(settings)
    const given = checkGivenCertificate(files, hostNames, this.#installation.unixSeconds())
    const server: ServerCertificate = { source: 'given', ...given }
    const identity = await ensureIdentity(this.#installation, authority, server)
    return this.#show({ server, identity }, () => storeGivenCertificate(this.#installation, given))
  }

  async #resetCertificate(): Promise<ChangedCertificate> {
    const { settings, authority } = this.#prepared
    const { hostNames } = completeGatewaySettings(settings)
    const guid = serverGuid(this.#prepared)
    const server = await ensureOwnCertificate(this.#installation, authority, guid, hostNames)
    const identity = await ensureIdentity(this.#installation, authority, server)
    return this.#show({ server, identity }, () => removeGivenCertificate(this.#installation))
  }

  async #show(shown: ShownIdentity, store: () => Promise<unknown>): Promise<ChangedCertificate> {
    const changed = await this.#present.show(shown, store)
    return { ...certificateView(this.#prepared), changed, live: this.#present.isLive }
  }

  #running(): Gateway {
    const { gateway } = this.#present
    if (gateway) return gateway
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
