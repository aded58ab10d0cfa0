/** Somebody in the directory. */
export interface TenantUser {
  /** User principal name: what one types to sign in. */
  readonly upn: string
  readonly name: string
  readonly password: string
  /** Object id. */
  readonly oid: string
  /** Object ids of the groups. */
  readonly groups?: readonly string[]
  /** How long an access token holds; an hour by default. */
  readonly tokenSeconds?: number
}

/** From Entra's documentation: a JWT names so many groups at most, and else says that there are more. */
const GROUPS_IN_TOKEN = 200

/** Who there is, and who of them may sign in now. */
export class TenantDirectory {
  readonly #users: readonly TenantUser[]
  readonly #disabled = new Set<string>()

  constructor(users: readonly TenantUser[]) {
    this.#users = users
  }

  setEnabled(upn: string, isEnabled: boolean): void {
    if (isEnabled) this.#disabled.delete(upn)
    else this.#disabled.add(upn)
  }

  /** The user with this object id, who is not disabled. */
  find(oid: string): TenantUser | undefined {
    return this.#users.find(user => user.oid === oid && !this.#disabled.has(user.upn))
  }

  /** A user or why not, in Entra's words. */
  signIn(upn: string, password: string): TenantUser | string {
    const user = this.#users.find(one => one.upn === upn && one.password === password)
    if (!user) return 'AADSTS50126: Error validating credentials due to invalid username or password.'
    return this.find(user.oid) ?? 'AADSTS50057: The user account is disabled.'
  }
}

/** What tokens say of a user: claims of Entra's versions 1.0 and 2.0. */
export function userClaims(user: TenantUser, tenantId: string): Readonly<Record<string, unknown>> {
  const { oid, upn, name } = user
  const names = { name, upn, unique_name: upn, preferred_username: upn }
  return { oid, tid: tenantId, ...names, ...groupClaims(user, tenantId) }
}

function groupClaims({ oid, groups = [] }: TenantUser, tenantId: string): Readonly<Record<string, unknown>> {
  if (groups.length === 0) return {}
  if (groups.length <= GROUPS_IN_TOKEN) return { groups }
  const endpoint = `https://graph.windows.net/${tenantId}/users/${oid}/getMemberObjects`
  return { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint } } }
}
