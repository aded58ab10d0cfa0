import type { TenantUser } from '../harness/entra-tenant-directory.ts'

/** Directory id. */
export const TENANT = '0f4a6f5b-31c2-4a5e-9d57-6f0e7c1a2b3d'
/** The Azure VPN Client that Microsoft has registered. */
export const AUDIENCE = 'c632b3df-fb67-4d84-bdcf-b95ad541b5c8'
export const ISSUER = `https://sts.windows.net/${TENANT}/`

export const SALES = '7d1c3a52-5a3e-4c0b-8f5e-2d8a6b9c0e11'

/** A group id for each number. */
function groupId(index: number): string {
  return `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`
}

function person(name: string, more: Partial<TenantUser> = {}): TenantUser {
  const lowered = name.toLowerCase()
  const oid = `${Buffer.from(lowered.padEnd(4).slice(0, 4)).toString('hex')}-1111-4222-8333-444444444444`
  return { upn: `${lowered}@corp.example`, name, password: `${lowered}: a passphrase`, oid, ...more }
}

export const ALICE: TenantUser = person('Alice')
/** Of the sales people, and some others. */
export const BOB: TenantUser = person('Bob', { groups: [...groups(5), SALES] })
/** His token has 2.3 KB and more, as those of Entra have. */
export const FRANK: TenantUser = person('Frank', { groups: [...groups(24), SALES] })
/** Of more groups than go into a token, the sales people among them. */
export const GRACE: TenantUser = person('Grace', { groups: [...groups(200), SALES] })
/** Her tokens are short-lived. */
export const DORA: TenantUser = person('Dora', { tokenSeconds: 5 })

export const PEOPLE: readonly TenantUser[] = [ALICE, BOB, FRANK, GRACE, DORA]

function groups(count: number): string[] {
  return Array.from({ length: count }, (_, index) => groupId(index))
}
