import type {
  CertificateReader,
  CertificateRefusal,
  ManagedGateway,
  ReadCertificate,
} from '@causeway/gateway'
import {
  createVaultClient,
  parseVaultObjectId,
  type VaultAddress,
  type VaultCertificate,
  type VaultClient,
  type VaultClientOptions,
  type VaultObjectId,
  type VaultRefusal,
} from '@causeway/vault-client'
import { vaultDomainsWith } from '../vault/vault-domains.ts'

/** What the outbound certificates of connections are read with. */
export interface GatewayCertificateOptions {
  readonly gateway: Pick<ManagedGateway, 'present'>
  /** What follows the name of a vault of this installation in its host. */
  readonly vaultDomain: string
  /** Where the plane of our own vaults listens. */
  readonly vaultAddress: VaultAddress
  /** PEM, to which the certificate of that plane leads. */
  readonly authority: string
  /** The gateway's identities, in App Service's form. */
  readonly identities: { readonly endpoint: string; readonly header: string }
  /** Which of the machine's identities in Azure reads Azure's vaults; absent: its only one. */
  readonly azureClientId?: string | undefined
  /** Default: that of `@causeway/vault-client`. */
  readonly createClient?: (options: VaultClientOptions) => VaultClient
}

/** Reads certificates until it is closed. */
export interface GatewayCertificateReader extends CertificateReader {
  /** Lets go of connections. */
  close(): void
}

/**
 * Reads certificates as the gateway: vaults of this installation by the identities that are assigned to it, in their
 * order, and Azure's by the identity that its machine has there.
 */
export function createGatewayCertificateReader(options: GatewayCertificateOptions): GatewayCertificateReader {
  return new GatewayReader(options)
}

/** As whom a vault is asked. */
interface Reader {
  /** ARM id of an identity; of the machine's own: none. */
  readonly resourceId: string | undefined
  /** As it is told of. */
  readonly name: string
}

interface Tried {
  readonly reader: Reader
  readonly refusal: VaultRefusal
}

const MACHINE: Reader = { resourceId: undefined, name: "this machine's identity in Azure" }

class GatewayReader implements GatewayCertificateReader {
  readonly #options: GatewayCertificateOptions
  readonly #domains: readonly string[]
  /** By resource id, in lower case; `''`: the machine's. */
  readonly #clients = new Map<string, VaultClient>()

  constructor(options: GatewayCertificateOptions) {
    this.#options = options
    this.#domains = vaultDomainsWith(options.vaultDomain)
  }

  async readCertificate(id: string): Promise<ReadCertificate | CertificateRefusal> {
    const parsed = parseVaultObjectId(id, this.#domains)
    if (parsed.type === 'refused') return refusalOf(parsed, parsed.message)
    const assigned = this.#assigned()
    this.#keepClients(assigned)
    if (assigned.length === 0) return noIdentity(parsed, this.#options.gateway.present()?.resource.name)
    const tried: Tried[] = []
    for (const reader of this.#isOwn(parsed) ? assigned : [MACHINE]) {
      const read = await this.#readAs(reader, id)
      if (read.type === 'certificate') return certificateOf(read)
      tried.push({ reader, refusal: read })
      if (!isOfRights(read)) break
    }
    return refusedToAll(tried)
  }

  close(): void {
    this.#keepClients([])
  }

  /** A token that was had before may be of an identity that was made anew meanwhile: then another one is asked for. */
  async #readAs(reader: Reader, id: string): Promise<VaultCertificate | VaultRefusal> {
    const known = this.#clients.get(keyOf(reader))
    const read = await (known ?? this.#open(reader)).readCertificate(id)
    const isRefused = read.type === 'refused' && read.reason === 'unauthorized' && !read.isTemporary
    if (!isRefused) return read
    this.#drop(keyOf(reader))
    return known ? this.#open(reader).readCertificate(id) : read
  }

  #open(reader: Reader): VaultClient {
    const { createClient = createVaultClient } = this.#options
    const client = createClient(this.#clientOptions(reader))
    this.#clients.set(keyOf(reader), client)
    return client
  }

  #clientOptions({ resourceId }: Reader): VaultClientOptions {
    const { vaultDomain, vaultAddress, authority, identities, azureClientId } = this.#options
    if (resourceId === undefined)
      return { identity: { type: 'azure', ...(azureClientId !== undefined && { clientId: azureClientId }) } }
    return {
      identity: { type: 'appService', ...identities, resourceId },
      domains: [vaultDomain],
      ca: authority,
      lookup: () => vaultAddress,
    }
  }

  #isOwn({ host }: VaultObjectId): boolean {
    return host.endsWith(`.${this.#options.vaultDomain.toLowerCase()}`)
  }

  #assigned(): readonly Reader[] {
    const { resource } = this.#options.gateway.present() ?? {}
    return Object.keys(resource?.identity?.userAssignedIdentities ?? {}).map(resourceId => ({
      resourceId,
      name: `the identity ${resourceId.split('/').at(-1) ?? resourceId}`,
    }))
  }

  /** What is not assigned any more is let go of with its token. */
  #keepClients(assigned: readonly Reader[]): void {
    const kept = new Set(assigned.length === 0 ? [] : [...assigned, MACHINE].map(keyOf))
    for (const key of [...this.#clients.keys()]) if (!kept.has(key)) this.#drop(key)
  }

  #drop(key: string): void {
    this.#clients.get(key)?.close()
    this.#clients.delete(key)
  }
}

function keyOf({ resourceId = '' }: Reader): string {
  return resourceId.toLowerCase()
}

/** Another identity may be allowed what this one is not; what else is wrong is wrong for all. */
function isOfRights({ reason }: VaultRefusal): boolean {
  return reason === 'unauthorized' || reason === 'forbidden'
}

/** Names all that was tried. What passes by itself decides where some of it does: nobody has taken a right away then. */
function refusedToAll(tried: readonly Tried[]): CertificateRefusal {
  const last = tried.at(-1)
  if (!last) throw new Error('ERR_API_CERTIFICATE: nobody was asked')
  const deciding = isOfRights(last.refusal)
    ? (tried.find(({ refusal }) => refusal.isTemporary) ?? tried[0] ?? last)
    : last
  const words = tried.map(({ reader, refusal }) => `As ${reader.name}: ${refusal.message}`)
  return refusalOf(deciding.refusal, words.join(' '))
}

function noIdentity({ text }: VaultObjectId, name: string | undefined): CertificateRefusal {
  return {
    type: 'refused',
    reason: 'no-identity',
    message: `The gateway ${name ?? 'of this installation'} has no user-assigned identity to read ${text} with: assign one to it, which has the roles Key Vault Certificate User and Key Vault Secrets User at the vault.`,
    isTemporary: false,
  }
}

function refusalOf({ reason, isTemporary }: VaultRefusal, message: string): CertificateRefusal {
  return { type: 'refused', reason, message, isTemporary }
}

function certificateOf({ version, chain, privateKey }: VaultCertificate): ReadCertificate {
  return { type: 'certificate', version, chain, privateKey }
}
