import { booleanIn, type Fields, integerIn, objectIn, pathOf } from './fields.ts'
import { badParameter } from './vault-error.ts'

/** What can be set of a version. Times are Unix seconds. */
export interface SettableAttributes {
  readonly enabled?: boolean
  /** Not before. */
  readonly nbf?: number
  /** The end. */
  readonly exp?: number
}

/** Key Vault's words for how a deleted object can be had back. */
export type RecoveryLevel =
  | 'Recoverable+Purgeable'
  | 'Recoverable'
  | 'CustomizedRecoverable+Purgeable'
  | 'CustomizedRecoverable'

/** As a vault answers them. Times are Unix seconds. */
export interface Attributes extends SettableAttributes {
  readonly enabled: boolean
  readonly created: number
  readonly updated: number
  readonly recoveryLevel: RecoveryLevel
  readonly recoverableDays: number
}

/** How deleted objects are kept. */
export interface SoftDelete {
  /** 7 to 90. */
  readonly retentionDays: number
  /** Nothing can be purged before its time. */
  readonly purgeProtection: boolean
}

/** 9999-12-31. */
const LATEST_SECONDS = 253_402_300_799

/** `attributes` of a request; what the client may not set is passed over. Errors: `BadParameter`. */
export function readAttributes(body: Fields): SettableAttributes {
  const fields = objectIn(body, 'attributes')
  if (!fields) return {}
  const [enabled, nbf, exp] = [
    booleanIn(fields, 'enabled'),
    integerIn(fields, 'nbf', 0, LATEST_SECONDS),
    integerIn(fields, 'exp', 0, LATEST_SECONDS),
  ]
  if (nbf !== undefined && exp !== undefined && exp <= nbf)
    throw badParameter(pathOf(fields, 'exp'), 'must be later than nbf')
  return {
    ...(enabled !== undefined && { enabled }),
    ...(nbf !== undefined && { nbf }),
    ...(exp !== undefined && { exp }),
  }
}

/** The words for it. */
export function recoveryLevelOf({ retentionDays, purgeProtection }: SoftDelete): RecoveryLevel {
  const word = retentionDays < 90 ? 'CustomizedRecoverable' : 'Recoverable'
  return purgeProtection ? word : `${word}+Purgeable`
}
