/** Our certificate with its key, as far as the connection knows it. The key is held outside. */
export interface Material {
  /** Of the vault: differs for every other certificate. */
  readonly version: string
  /** Unix time. */
  readonly notAfterSeconds: number
  /** SHA-256 of the leaf, hex. */
  readonly fingerprint: string
}

/** Why there is no certificate. `VaultRefusalReason` of `@causeway/vault-client`, and two of our own. */
export type MaterialRefusalReason =
  | 'not-a-vault-url'
  /** The gateway has no user-assigned identity. */
  | 'no-identity'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'deleted'
  | 'disabled'
  | 'no-private-key'
  | 'unreadable'
  | 'unreachable'
  /** It breaks a rule for outbound certificates: key length, usages, subject. */
  | 'unfit'

export interface MaterialRefusal {
  readonly reason: MaterialRefusalReason
  /** One line: what is wrong, and what to do. */
  readonly message: string
  /** Another try may succeed with nothing changed. */
  readonly isTemporary: boolean
}

/**
 * Whether the refusal takes back what was given before: the right to use it is gone. Where it is only the newest
 * version that is no good, or the vault that is silent, the version before goes on being used.
 */
const WITHDRAWS: Readonly<Record<MaterialRefusalReason, boolean>> = {
  'not-a-vault-url': true,
  'no-identity': true,
  unauthorized: true,
  forbidden: true,
  'not-found': true,
  deleted: true,
  disabled: true,
  'no-private-key': false,
  unreadable: false,
  unreachable: false,
  unfit: false,
}

/** May not begin new sessions with what it gave before. */
export function withdraws({ reason, isTemporary }: MaterialRefusal): boolean {
  return WITHDRAWS[reason] && !isTemporary
}
