import { withSecrets } from '@causeway/api-contract'
import type { DataDirectory } from '@causeway/store'
import {
  type ConfigurationFault,
  type ConnectionResource,
  type GatewayNetwork,
  readGatewayConfiguration,
} from '../arm/index.ts'
import type { GatewayConfiguration } from '../configuration.ts'
import { configurationRefused } from './command-error.ts'
import { connectionDrafts, readStoredConnections, type StoredConnections } from './connection-store.ts'
import { DOCUMENTS } from './installation.ts'
import {
  type NoResource,
  type ResourceWithSecrets,
  readStoredResource,
  resourceDraft,
} from './resource-store.ts'
import { readStoredSettings, type SettingsWithSecrets, settingsDraft } from './settings-store.ts'
import { commitDrafts, draftOf, type Written } from './stored.ts'

/** A gateway's resource, its secrets, the network that it is in, and its connections to sites. */
export interface GatewayPart extends ResourceWithSecrets {
  /** Absent: the resource names no subnet, and the settings say what lies inside. */
  readonly network?: GatewayNetwork
  /** Secrets and all, each with an id of its own. One that a change does not concern stays the same object. */
  readonly connections: readonly ConnectionResource[]
}

/** In its place: there is no gateway. */
export interface NoGatewayPart extends NoResource {
  readonly network?: undefined
  readonly connections?: undefined
}

/** The documents of an installation with a gateway. */
export interface GatewayDocuments extends GatewayPart, SettingsWithSecrets {}

/** The documents of an installation without one. */
export interface IdleDocuments extends NoGatewayPart, SettingsWithSecrets {}

/** The documents of an installation. `resource` tells which they are. */
export type Documents = GatewayDocuments | IdleDocuments

/** What is stored. What is not stored yet is `undefined`. */
export interface StoredDocuments {
  readonly gateway: GatewayPart | undefined
  /** There is to be no gateway; else the first start makes one. */
  readonly isIdle: boolean
  readonly settings: SettingsWithSecrets | undefined
}

/** Errors: `CommandError` `InvalidParameter`, `StoreError`. */
export async function readDocuments(store: StoredConnections): Promise<StoredDocuments> {
  const gateway = await readStoredResource(store)
  const network = (await store.documents.read(DOCUMENTS.network))?.value as GatewayNetwork | undefined
  const connections = gateway ? await readStoredConnections(store) : []
  return {
    gateway: gateway && { ...gateway, ...(network && { network }), connections },
    isIdle: (await store.documents.read(DOCUMENTS.idle)) !== undefined,
    settings: await readStoredSettings(store),
  }
}

/** What became of each of the two documents that the operator gives. */
export interface WrittenDocuments {
  /** With its network. */
  readonly gateway: Written
  readonly settings: Written
}

/**
 * Stores what has changed, all of it at one moment. Errors: `CommandError` `Conflict`, `StoreError`.
 *
 * @param former the connections that are stored.
 */
export async function writeDocuments(
  data: Pick<DataDirectory, 'documents' | 'secrets'>,
  documents: Documents,
  former: readonly ConnectionResource[],
): Promise<WrittenDocuments> {
  const [settings, gateway, network] = await commitDrafts(data.documents, [
    await settingsDraft(data, documents),
    await resourceDraft(data, documents),
    await draftOf(data.documents, DOCUMENTS.network, documents.network),
    await draftOf(data.documents, DOCUMENTS.idle, documents.resource ? undefined : {}),
    ...(await connectionDrafts(data, documents.connections ?? [], former)),
  ])
  if (!settings || !gateway || !network) throw new RangeError('each draft has an outcome')
  return { settings, gateway: { ...gateway, changed: gateway.changed || network.changed } }
}

/** What the documents mean together. Errors: `CommandError` `InvalidParameter`. */
export function configurationOf(documents: Documents): GatewayConfiguration {
  const read = readTogether(documents)
  if (read.type === 'bad') throw configurationRefused(read.faults)
  return read.value
}

/** What is wrong with the documents beyond their shapes. */
export function faultsOf(documents: Documents): readonly ConfigurationFault[] {
  const read = readTogether(documents)
  return read.type === 'bad' ? read.faults : []
}

function readTogether(documents: Documents): ReturnType<typeof readGatewayConfiguration> {
  const { settings, settingsSecrets, network, connections } = documents
  const resource = documents.resource && withSecrets(documents.resource, documents.secrets)
  return readGatewayConfiguration(resource, withSecrets(settings, settingsSecrets), network, connections)
}
