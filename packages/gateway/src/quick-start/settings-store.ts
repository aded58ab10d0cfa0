import {
  type DocumentSecrets,
  type GatewaySettings,
  secretsOf,
  withoutSecrets,
  withSecrets,
} from '@causeway/api-contract'
import { settingsOf } from './document-shape.ts'
import { DOCUMENTS, SECRETS } from './installation.ts'
import { readSealed, type SealedDocuments, type SealedPlace, sealedDraft } from './sealed-document.ts'
import type { Draft } from './stored.ts'

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

/** The draft of settings with their secrets. Errors: `StoreError`. */
export function settingsDraft(
  store: SealedDocuments,
  { settings, settingsSecrets }: SettingsWithSecrets,
): Promise<Draft> {
  return sealedDraft(store, PLACE, { value: settings, secrets: settingsSecrets })
}
