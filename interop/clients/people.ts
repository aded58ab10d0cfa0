import type { TenantUser } from '../harness/entra-tenant-directory.ts'
import { ALICE, ALICE_PASSWORD } from '../radius/people.ts'

// There is one person. What she knows, and what sessions call her by it.

/** What she types. */
export const USER_NAME = 'alice'
export const PASSWORD: string = ALICE_PASSWORD
/** By RADIUS, in the words of its server. */
export const PASSWORD_USER: string = ALICE

/** At her tenant. With so many groups her tokens have the size of those that Entra writes. */
export const TENANT_USER: TenantUser = {
  upn: 'alice@contoso.example',
  name: 'Alice',
  password: 'a passphrase of the tenant',
  oid: 'aaaaaaaa-0000-4000-8000-000000000001',
  groups: Array.from({ length: 25 }, (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`),
}
