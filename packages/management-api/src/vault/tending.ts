import type { Logger } from 'pino'
import { type DeletedVault, isDeleted, type StoredClaim } from './vault-claims.ts'
import { vaultPropertiesOf } from './vault-properties.ts'
import type { Vaults } from './vaults.ts'

/** What was done for the vaults of an installation. */
export interface VaultsTended {
  /** Certificates that have a new version: `VAULT/NAME`. */
  readonly renewed: readonly string[]
  /** What was deleted and is gone now: `VAULT/NAME`, and `VAULT` for a whole vault. */
  readonly purged: readonly string[]
}

/** By whom the history says that it was done. */
const SELF = 'installation'

/**
 * What vaults do by themselves: makes new versions of certificates whose policies say so, and purges what was deleted and
 * whose time has come, deleted vaults with all that is in them. To be called now and then; a vault that cannot be tended
 * is logged, and holds no other up.
 */
export async function tendVaults(vaults: Vaults, log: Logger): Promise<VaultsTended> {
  const [renewed, purged]: [string[], string[]] = [[], []]
  for (const stored of await vaults.claims.all()) {
    const { name } = stored.claim
    try {
      const told = await tendOne(vaults, stored, log)
      renewed.push(...told.renewed)
      purged.push(...told.purged)
    } catch (error) {
      log.error({ vault: name, err: error }, 'a vault could not be tended')
    }
  }
  return { renewed, purged }
}

/** Removes a deleted vault for good, with all that is in it. `false`: it is not deleted any more. */
export function purgeVault(vaults: Vaults, { name, id }: DeletedVault, who: string): Promise<boolean> {
  // Nobody recovers it while its contents go.
  return vaults.holding(id, async () => {
    const stored = await vaults.claims.read(name)
    if (!stored || !isDeleted(stored.claim)) return false
    const properties = vaultPropertiesOf(stored.claim.deleted.body)
    await vaults.open({ name, properties }, who).removeContents()
    const action = 'Microsoft.KeyVault/locations/deletedVaults/purge/action'
    return vaults.claims.release(stored, { at: vaults.now(), who, action })
  })
}

async function tendOne(vaults: Vaults, stored: StoredClaim, log: Logger): Promise<VaultsTended> {
  const { claim } = stored
  if (isDeleted(claim)) {
    const isDue = claim.deleted.scheduledPurgeDate <= vaults.now()
    const isGone = isDue && (await purgeVault(vaults, claim, SELF))
    return { renewed: [], purged: isGone ? [claim.name] : [] }
  }
  const vault = await vaults.find(claim.name)
  if (!vault) return { renewed: [], purged: [] }
  const opened = vaults.open(vault, SELF)
  const placed = (name: string): string => `${claim.name}/${name}`
  const purged = (await opened.purgeExpired()).map(placed)
  const { renewed, failed } = await opened.renewCertificates()
  for (const { name, error } of failed)
    log.warn({ vault: claim.name, certificate: name, err: error }, 'a certificate could not be renewed')
  return { renewed: renewed.map(placed), purged }
}
