import {
  type Checked,
  type DocumentFault,
  type GatewaySettings,
  readGatewaySettings,
  readVirtualNetworkGateway,
  type VirtualNetworkGateway,
} from '@causeway/api-contract'
import type { DocumentStore } from '@causeway/store'
import { type DocumentName, readGatewayConfiguration } from '../arm/index.ts'
import type { GatewayConfiguration } from '../configuration.ts'
import { configurationRefused } from './command-error.ts'
import { DOCUMENTS } from './installation.ts'

/** The two documents of a gateway. */
export interface GatewayDocuments {
  readonly resource: VirtualNetworkGateway
  readonly settings: GatewaySettings
}

/** The stored documents; what is not stored yet is `undefined`. Errors: `InvalidParameter`. */
export async function readDocuments(documents: DocumentStore): Promise<Partial<GatewayDocuments>> {
  const gateway = await documents.read(DOCUMENTS.gateway)
  const settings = await documents.read(DOCUMENTS.settings)
  return {
    ...(gateway && { resource: resourceOf(gateway.value) }),
    ...(settings && { settings: settingsOf(settings.value) }),
  }
}

/** The resource, its shape checked. Errors: `CommandError` `InvalidParameter`. */
export function resourceOf(value: unknown): VirtualNetworkGateway {
  return accepted(readVirtualNetworkGateway(value), 'gateway')
}

/** The settings, their shape checked. Errors: `CommandError` `InvalidParameter`. */
export function settingsOf(value: unknown): GatewaySettings {
  return accepted(readGatewaySettings(value), 'settings')
}

/** What the documents mean together. Errors: `CommandError` `InvalidParameter`. */
export function configurationOf({ resource, settings }: GatewayDocuments): GatewayConfiguration {
  const read = readGatewayConfiguration(resource, settings)
  if (read.type === 'bad') throw configurationRefused(read.faults)
  return read.value
}

function accepted<Value>(read: Checked<Value, DocumentFault>, document: DocumentName): Value {
  if (read.type === 'bad') throw configurationRefused(read.faults.map(fault => ({ ...fault, document })))
  return read.value
}
