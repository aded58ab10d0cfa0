import { parseResourceId } from '@causeway/api-contract'
import { openVault, type Vault } from '@causeway/key-vault'
import type { DocumentStore, SecretStore } from '@causeway/store'
import type { Body } from '../resources/document.ts'
import type { Locks } from '../resources/locks.ts'
import type { ResourceStore } from '../resources/resource-store.ts'
import { isDeleted, VaultClaims } from './vault-claims.ts'
import type { VaultHosts } from './vault-hosts.ts'
import { type VaultProperties, vaultPropertiesOf } from './vault-properties.ts'

/** A vault that is there. */
export interface LiveVault {
  /** ARM id. */
  readonly id: string
  readonly name: string
  readonly location: string
  readonly properties: VaultProperties
}

export interface VaultsOptions {
  readonly store: DocumentStore
  readonly secrets: Pick<SecretStore, 'read'>
  readonly resources: ResourceStore
  readonly hosts: VaultHosts
  readonly locks: Locks
  /** Unix seconds. */
  readonly now: () => number
}

/** The vaults of an installation: their names, and what is in them. Errors of every method: the store's. */
export class Vaults {
  readonly claims: VaultClaims
  readonly hosts: VaultHosts
  readonly #options: VaultsOptions

  constructor(options: VaultsOptions) {
    this.#options = options
    this.claims = new VaultClaims(options.store)
    this.hosts = options.hosts
  }

  now(): number {
    return Math.floor(this.#options.now())
  }

  /** Does something while nobody changes the resource of a vault. */
  holding<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    return this.#options.locks.holding({ changes: [id.toLowerCase()], relies: [] }, work)
  }

  /** A vault by name; `undefined`: there is none, or it is deleted. */
  async find(name: string): Promise<LiveVault | undefined> {
    const stored = await this.claims.read(name)
    if (!stored || isDeleted(stored.claim)) return undefined
    const read = parseResourceId(stored.claim.id)
    const resource = read.type === 'good' ? await this.#options.resources.read(read.id) : undefined
    if (!resource || resource.document.state === 'Deleting') return undefined
    const { id, body } = resource.document
    return liveVault(id, stored.claim.name, body)
  }

  /** A vault as one caller sees it, whose rights were judged. `url`: by which the caller came. */
  open(
    { name, properties }: Pick<LiveVault, 'name' | 'properties'>,
    who: string,
    url: string = this.hosts.urlOf(name),
  ): Vault {
    const { store, secrets } = this.#options
    return openVault({
      data: { documents: store, secrets },
      folder: `vaults/${name.toLowerCase()}`,
      url,
      softDelete: properties.softDelete,
      unixSeconds: () => this.now(),
      who,
    })
  }
}

/** A vault's resource, as its data plane sees it. */
export function liveVault(id: string, name: string, body: Body): LiveVault {
  const { location } = body
  return {
    id,
    name,
    location: typeof location === 'string' ? location : '',
    properties: vaultPropertiesOf(body),
  }
}
