import type { SoftDelete } from '@causeway/key-vault'
import { type Body, isObject, propertiesOf } from '../resources/document.ts'

/** Whom a vault lets in that goes by access policies, and to do what. */
export interface AccessPolicy {
  readonly tenantId: string
  readonly objectId: string
  /** Words of Key Vault's, in lower case. */
  readonly secrets: readonly string[]
  readonly certificates: readonly string[]
}

/** What of a vault's resource its data plane goes by. */
export interface VaultProperties {
  readonly softDelete: SoftDelete
  /** Rights are roles; otherwise they are `policies`. */
  readonly isRbac: boolean
  readonly policies: readonly AccessPolicy[]
}

/** From the specification: how long what was deleted is kept where nothing else is said. */
export const USUAL_RETENTION_DAYS = 90

/** Reads the body of a vault, whose shape was checked. */
export function vaultPropertiesOf(body: Body): VaultProperties {
  const { enablePurgeProtection, softDeleteRetentionInDays: days } = propertiesOf(body)
  return {
    softDelete: {
      retentionDays: typeof days === 'number' ? days : USUAL_RETENTION_DAYS,
      purgeProtection: enablePurgeProtection === true,
    },
    isRbac: isRbac(body),
    policies: policiesIn(body).map(policyOf),
  }
}

/**
 * Whether rights are roles. Where the resource does not say, they are: unless somebody was given access policies, which
 * would mean nothing then.
 */
export function isRbac(body: Body): boolean {
  const { enableRbacAuthorization: isOn } = propertiesOf(body)
  return typeof isOn === 'boolean' ? isOn : policiesIn(body).length === 0
}

/** The entries of `properties.accessPolicies`. */
export function policiesIn(body: Body): readonly Body[] {
  const { accessPolicies } = propertiesOf(body)
  return Array.isArray(accessPolicies) ? accessPolicies.filter(isObject) : []
}

function policyOf({ tenantId, objectId, permissions }: Body): AccessPolicy {
  const { secrets, certificates }: Body = isObject(permissions) ? permissions : {}
  return {
    tenantId: String(tenantId).toLowerCase(),
    objectId: String(objectId).toLowerCase(),
    secrets: wordsOf(secrets),
    certificates: wordsOf(certificates),
  }
}

function wordsOf(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.map(word => String(word).toLowerCase()) : []
}
