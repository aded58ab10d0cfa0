import { type Body, propertiesOf } from '../resources/document.ts'
import {
  type ResourceChange,
  type ResourceServer,
  ResourceServerError,
  type ServedResource,
} from '../resources/resource-server.ts'
import { isDeleted, type StoredClaim } from './vault-claims.ts'
import { isRbac, USUAL_RETENTION_DAYS, vaultPropertiesOf } from './vault-properties.ts'
import { type VaultTenants, vaultFaults } from './vault-rules.ts'
import type { Vaults } from './vaults.ts'

const DAY_SECONDS = 86_400
/** Azure: who may not give roles may not have a vault go by anything else than roles either, nor by them again. */
const GIVE_ROLES = 'Microsoft.Authorization/roleAssignments/write'

/** What stands behind `Microsoft.KeyVault/vaults`: the vault's name, and what becomes of its contents. */
export function vaultServer(vaults: Vaults, tenants: VaultTenants): ResourceServer {
  return {
    isQuick: true,
    prepare: (next, former) => prepared(vaults, next, former),
    check: async (next, former) => vaultFaults(next.body, former?.body, tenants),
    rights: (next, former) => (former && isRbac(former.body) !== isRbac(next.body) ? [GIVE_ROLES] : []),
    apply: change => applied(vaults, change),
    view: async ({ name }) => ({ vaultUri: `${vaults.hosts.urlOf(name)}/` }),
  }
}

/** The body that is stored: the former one of a vault that is recovered, and what nobody said filled in. */
async function prepared(
  vaults: Vaults,
  next: ServedResource,
  former: ServedResource | undefined,
): Promise<Body> {
  const { createMode, vaultUri: _uri, ...properties } = propertiesOf(next.body)
  const stored = await vaults.claims.read(next.name)
  if (createMode === 'purgeAndRecover')
    throw new ResourceServerError(
      'InvalidParameter',
      "properties.createMode: 'purgeAndRecover' is not allowed; give recover, or purge the deleted vault first",
      'properties.createMode',
    )
  if (createMode === 'recover') return recoveredBody(next, stored)
  judgeName(next, stored)
  return completed({ ...next.body, properties }, former?.body)
}

/** Errors: `ResourceServerError` when the name is another vault's, or a deleted one's. */
function judgeName({ id, name }: ServedResource, stored: StoredClaim | undefined): void {
  if (!stored) return
  if (isDeleted(stored.claim))
    throw new ResourceServerError(
      'Conflict',
      `A vault with the name '${name}' is deleted and can be recovered: recover it with properties.createMode 'recover', or purge it first.`,
      name,
    )
  if (!isSame(stored.claim.id, id)) throw nameTaken(name)
}

function recoveredBody({ id, name, location }: ServedResource, stored: StoredClaim | undefined): Body {
  const target = 'properties.createMode'
  if (!stored || !isDeleted(stored.claim))
    throw new ResourceServerError(
      'InvalidParameter',
      `${target}: there is no deleted vault '${name}' to recover; give default to make a new one`,
      target,
    )
  const { body } = stored.claim.deleted
  const { location: place } = body
  if (!isSame(stored.claim.id, id) || location !== place)
    throw new ResourceServerError(
      'Conflict',
      `The deleted vault '${name}' is another one: recover it as ${stored.claim.id} in ${String(place)}, where it was.`,
      target,
    )
  return body
}

function completed(next: Body, former: Body | undefined): Body {
  const properties = propertiesOf(next)
  const {
    softDeleteRetentionInDays: daysBefore = USUAL_RETENTION_DAYS,
    enablePurgeProtection: protectionBefore,
    enableRbacAuthorization: rbacBefore = isRbac(next),
  } = former ? propertiesOf(former) : {}
  const {
    softDeleteRetentionInDays: days = daysBefore,
    enablePurgeProtection: protection = protectionBefore,
    enableRbacAuthorization: rbac = rbacBefore,
  } = properties
  return {
    ...next,
    properties: {
      accessPolicies: [],
      enableSoftDelete: true,
      ...properties,
      softDeleteRetentionInDays: days,
      enableRbacAuthorization: rbac,
      ...(protection !== undefined && { enablePurgeProtection: protection }),
    },
  }
}

async function applied(vaults: Vaults, change: ResourceChange): Promise<void> {
  // Whoever is quicker has the name; the next look says so.
  for (let tries = 0; tries < 10; tries++) {
    const isDone =
      change.type === 'put' ? await claim(vaults, change.next) : await bury(vaults, change.former)
    if (isDone) return
  }
  throw new Error("ERR_API_CONTENDED: a vault's name could not be stored")
}

/** Makes the name this vault's. Errors: `ResourceServerError` when it is another's. */
async function claim(vaults: Vaults, { id, name, body }: ServedResource): Promise<boolean> {
  const stored = await vaults.claims.read(name)
  if (stored && !isSame(stored.claim.id, id)) throw nameTaken(name)
  if (stored && !isDeleted(stored.claim)) return true
  // What a purge that was cut short may have left is not the new vault's.
  if (!stored)
    await vaults.open({ name, properties: vaultPropertiesOf(body) }, 'installation').removeContents()
  return vaults.claims.write({ name: stored?.claim.name ?? name, id }, stored?.version ?? 0)
}

/** Keeps what a deleted vault was, for as long as it may be recovered. */
async function bury(vaults: Vaults, { id, name, body }: ServedResource): Promise<boolean> {
  const stored = await vaults.claims.read(name)
  // One that never got its name has nothing to keep, and one that is deleted was kept before.
  if (!stored || isDeleted(stored.claim) || !isSame(stored.claim.id, id)) return true
  const deletedDate = vaults.now()
  const { retentionDays } = vaultPropertiesOf(body).softDelete
  const scheduledPurgeDate = deletedDate + retentionDays * DAY_SECONDS
  const deleted = { body, deletedDate, scheduledPurgeDate }
  return vaults.claims.write({ ...stored.claim, deleted }, stored.version)
}

function nameTaken(name: string): ResourceServerError {
  return new ResourceServerError(
    'VaultAlreadyExists',
    `The vault name '${name}' is already in use: names of vaults are unique in the whole installation. Choose another name.`,
    name,
  )
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
