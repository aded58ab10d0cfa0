import {
  configurationOf,
  type Documents,
  type Installation,
  type Prepared,
  type ShownIdentity,
  showIdentity,
  type WrittenDocuments,
  writeDocuments,
} from '../quick-start/index.ts'
import type { Gateway } from '../runtime/gateway.ts'

export interface PresentGatewayOptions {
  readonly installation: Installation
  readonly prepared: Prepared
  /** Absent: the gateway does not run, and only its data directory is at hand. */
  readonly gateway?: Gateway
}

/**
 * What is in force: the documents of an installation, and the gateway that runs with them. Whoever wants to change it,
 * operator or management plane, does so in its turn.
 */
export class PresentGateway {
  readonly installation: Installation
  /** Absent: it does not run. */
  readonly gateway: Gateway | undefined
  #prepared: Prepared
  #tail: Promise<unknown> = Promise.resolve()

  constructor({ installation, prepared, gateway }: PresentGatewayOptions) {
    this.installation = installation
    this.gateway = gateway
    this.#prepared = prepared
  }

  get prepared(): Prepared {
    return this.#prepared
  }

  get isLive(): boolean {
    return this.gateway !== undefined
  }

  /** The documents of all that was prepared. */
  get documents(): Documents {
    const { settings, settingsSecrets } = this.#prepared
    if (!this.#prepared.resource) return { settings, settingsSecrets }
    const { resource, secrets, network, connections } = this.#prepared
    return { settings, settingsSecrets, resource, secrets, ...(network && { network }), connections }
  }

  /** Runs a change when those before it are done. {@link take} and {@link show} are for within it. */
  inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const result = this.#tail.then(change)
    this.#tail = result.catch(() => undefined)
    return result
  }

  /**
   * Runs with these documents and then stores them; when the disk refuses, runs with the former ones again. Errors:
   * `CommandError` `InvalidParameter`, `Conflict`, `StoreError`, those of `Gateway.apply`.
   */
  async take(documents: Documents): Promise<WrittenDocuments> {
    const {
      configuration: former,
      connections: stored,
      authority,
      tenancy,
      identity,
      server,
    } = this.#prepared
    const configuration = configurationOf(documents)
    await this.gateway?.apply(configuration)
    try {
      // Another GUID and new host names want another certificate of our own.
      await this.show(await showIdentity(this.installation, authority, { ...documents, tenancy }))
      const written = await writeDocuments(this.installation.data, documents, stored ?? [])
      const { server: shownServer, identity: shownIdentity } = this.#prepared
      const shown = { server: shownServer, identity: shownIdentity }
      this.#prepared = { ...documents, ...shown, configuration, authority, tenancy }
      return written
    } catch (error) {
      await this.show({ identity, server })
      await this.gateway?.apply(former)
      throw error
    }
  }

  /**
   * Shows this certificate and then stores it; when the disk refuses, shows the former one again. Answers whether it is
   * another one. Errors: those of `store` and of `Gateway.replaceIdentity`.
   */
  async show(shown: ShownIdentity, store: () => Promise<unknown> = async () => undefined): Promise<boolean> {
    const former = this.#prepared.identity
    const changed = shown.identity.certificateChain !== former.certificateChain
    const isOther = changed || shown.identity.radius?.certificateChain !== former.radius?.certificateChain
    if (isOther) await this.gateway?.replaceIdentity(shown.identity)
    try {
      await store()
    } catch (error) {
      if (isOther) await this.gateway?.replaceIdentity(former)
      throw error
    }
    this.#prepared = { ...this.#prepared, ...shown }
    return changed
  }
}
