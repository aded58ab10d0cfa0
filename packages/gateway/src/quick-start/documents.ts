import { withSecrets } from '@causeway/api-contract'
import { readGatewayConfiguration } from '../arm/index.ts'
import type { GatewayConfiguration } from '../configuration.ts'
import { configurationRefused } from './command-error.ts'
import { type ResourceWithSecrets, readStoredResource } from './resource-store.ts'
import type { SealedDocuments } from './sealed-document.ts'
import { readStoredSettings, type SettingsWithSecrets } from './settings-store.ts'

/** The two documents of a gateway, and their secrets. */
export interface GatewayDocuments extends ResourceWithSecrets, SettingsWithSecrets {}

/**
 * The stored documents; what is not stored yet is `undefined`. Errors: `CommandError` `InvalidParameter`, `StoreError`.
 */
export async function readDocuments(store: SealedDocuments): Promise<Partial<GatewayDocuments>> {
  return { ...(await readStoredResource(store)), ...(await readStoredSettings(store)) }
}

/** What the documents mean together. Errors: `CommandError` `InvalidParameter`. */
export function configurationOf(documents: GatewayDocuments): GatewayConfiguration {
  const { resource, secrets, settings, settingsSecrets } = documents
  const read = readGatewayConfiguration(
    withSecrets(resource, secrets),
    withSecrets(settings, settingsSecrets),
  )
  if (read.type === 'bad') throw configurationRefused(read.faults)
  return read.value
}
