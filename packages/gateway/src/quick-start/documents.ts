import { type GatewaySettings, withSecrets } from '@causeway/api-contract'
import { readGatewayConfiguration } from '../arm/index.ts'
import type { GatewayConfiguration } from '../configuration.ts'
import { configurationRefused } from './command-error.ts'
import { settingsOf } from './document-shape.ts'
import { DOCUMENTS } from './installation.ts'
import { type ResourceStore, type ResourceWithSecrets, readStoredResource } from './resource-store.ts'

/** The two documents of a gateway, and the secrets of the one. */
export interface GatewayDocuments extends ResourceWithSecrets {
  readonly settings: GatewaySettings
}

/**
 * The stored documents; what is not stored yet is `undefined`. Errors: `CommandError` `InvalidParameter`, `StoreError`.
 */
export async function readDocuments(store: ResourceStore): Promise<Partial<GatewayDocuments>> {
  const settings = await store.documents.read(DOCUMENTS.settings)
  return {
    ...(await readStoredResource(store)),
    ...(settings && { settings: settingsOf(settings.value) }),
  }
}

/** What the documents mean together. Errors: `CommandError` `InvalidParameter`. */
export function configurationOf({ resource, secrets, settings }: GatewayDocuments): GatewayConfiguration {
  const read = readGatewayConfiguration(withSecrets(resource, secrets), settings)
  if (read.type === 'bad') throw configurationRefused(read.faults)
  return read.value
}
