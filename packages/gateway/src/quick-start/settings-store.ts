import {
  type DocumentSecrets,
  type GatewaySettings,
  secretsOf,
  withoutSecrets,
  withSecrets,
} from '@causeway/api-contract'
import type { DataDirectory } from '@causeway/store'
import { settingsOf } from './document-shape.ts'
import { DOCUMENTS, SECRETS } from './installation.ts'
import { readSealed, type SealedDocuments, type SealedPlace, writeSealed } from './sealed-document.ts'
import type { Written } from './stored.ts'

/** Settings as they are stored and shown, and apart from them their secrets: that of the gateway at its provider. */
export interface SettingsWithSecrets {
  /** Their secrets read `[secret]`. */
  readonly settings: GatewaySettings
  readonly settingsSecrets: DocumentSecrets
}

const PLACE: SealedPlace = { document: DOCUMENTS.settings, secrets: SECRETS.settings }

/**
 * Takes a document apart. A secret that it shows as `[secret]` is the one that is known. Errors: `CommandError`
 * `InvalidParameter`, which names no secret.
 */
export function separateSettings(document: unknown, known: DocumentSecrets = new Map()): SettingsWithSecrets {
  const settings = settingsOf(withSecrets(document, known))
  return { settings: withoutSecrets(settings), settingsSecrets: secretsOf(settings) }
}

/**
 * The stored settings, `undefined` where there are none yet. Errors: `CommandError` `InvalidParameter`, `StoreError`.
 */
export async function readStoredSettings(store: SealedDocuments): Promise<SettingsWithSecrets | undefined> {
  const stored = await readSealed(store, PLACE)
  return stored && separateSettings(stored.value, stored.secrets)
}

/** Stores settings and their secrets, at one moment. Errors: `CommandError` `Conflict`, `StoreError`. */
export function writeSettings(
  data: Pick<DataDirectory, 'documents' | 'secrets'>,
  { settings, settingsSecrets }: SettingsWithSecrets,
): Promise<Written> {
  return writeSealed(data, PLACE, { value: settings, secrets: settingsSecrets })
}
