import { type Renewal, renew } from './certificate-renewal.ts'
import { type Certificates, vaultCertificates } from './certificates.ts'
import { type Secrets, vaultSecrets } from './secrets.ts'
import {
  removeForGood,
  untilWritten,
  type VaultContext,
  type VaultOptions,
  vaultContext,
} from './vault-context.ts'

/** A vault, as one caller sees it. Who may do what is judged before, by `dataActions`. */
export interface Vault {
  readonly certificates: Certificates
  readonly secrets: Secrets
  /** Makes a new version of each certificate whose policy says that it is time for one. */
  renewCertificates(): Promise<Renewal>
  /** Removes for good what was deleted and whose retention has ended. Answers the names. */
  purgeExpired(): Promise<readonly string[]>
  /** Removes everything for good, deleted or not and whatever protects it: the vault itself goes. */
  removeContents(): Promise<void>
}

/** A view of the vault in a folder of the store; it holds nothing itself. */
export function openVault(options: VaultOptions): Vault {
  const context = vaultContext(options)
  return {
    certificates: vaultCertificates(context),
    secrets: vaultSecrets(context),
    renewCertificates: () => renew(context),
    purgeExpired: () => purgeExpired(context),
    removeContents: () => removeContents(context),
  }
}

const PAGE = 100

async function purgeExpired({ records, object }: VaultContext): Promise<readonly string[]> {
  const purged: string[] = []
  let after: string | undefined
  for (;;) {
    const page = await records.objects(after, PAGE)
    for (const { name, deleted } of page) {
      after = name.toLowerCase()
      // Whoever asks for an object purges it, if it is time.
      if (deleted && (await object(name)) === undefined) purged.push(name)
    }
    if (page.length < PAGE) return purged
  }
}

async function removeContents(context: VaultContext): Promise<void> {
  for (;;) {
    const page = await context.records.objects(undefined, PAGE)
    for (const { name } of page)
      await untilWritten(async () => {
        const stored = await context.object(name)
        return !stored || (await removeForGood(context, stored, name)) || undefined
      })
    if (page.length < PAGE) return
  }
}
