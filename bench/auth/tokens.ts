import { createOpenIdProvider, createTokenValidator } from '@causeway/entra'
import type { JWK } from 'jose'
import { aliceClaims, signToken } from '../../interop/entra/forged-token.ts'
import { AUDIENCE, ISSUER, PEOPLE, TENANT } from '../../interop/entra/people.ts'
import { entraEndpoints } from '../../interop/entra/scenario.ts'
import { type Credential, createAuthority, issue } from '../../interop/harness/certificates.ts'
import { createSigningKey, EntraTenant } from '../../interop/harness/entra-tenant.ts'
import * as fake from '../../packages/entra/src/testing/fake-provider.suite.ts'
import { type Ground, INSIDE } from '../ground.ts'
import type { Person } from '../load/sign-in-plan.ts'

/** A tenant that the gateway can reach, and what leads to its certificate. */
export interface Tenant {
  readonly key: JWK
  readonly authority: Credential
  stop(): Promise<void>
}

/** An OpenID provider at the inside host: asked for its keys once. */
export async function startTenant(ground: Ground): Promise<Tenant> {
  const authority = await createAuthority('Tenant Root', 'ecp-256')
  const names = { commonName: 'login.example', alternativeNames: [`IP:${INSIDE}`] }
  const credential = await issue(authority, { ...names, usage: 'serverAuth', key: 'ecp-256' })
  const key = await createSigningKey('first')
  const tenant = await EntraTenant.start({
    namespace: ground.inside,
    address: INSIDE,
    credential,
    endpoints: entraEndpoints(TENANT, ISSUER),
    users: PEOPLE,
    apps: [{ clientId: AUDIENCE, redirectUris: [] }],
    keys: [key],
  })
  return { key, authority, stop: () => tenant.stop() }
}

/** So many people with a token each (RS256, 2,048 bits). */
export function tokenHolders(count: number, key: JWK): Promise<Person[]> {
  const claims = aliceClaims()
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const upn = `user-${i}@corp.example`
      const oid = `00000000-1111-4222-8333-${String(i).padStart(12, '0')}`
      const password = await signToken({ ...claims, upn, oid, sub: oid }, { key })
      return { username: 'AzureAD', password }
    }),
  )
}

/** How many tokens a second the gateway's validator judges, its keys fetched before, with nothing else to do. */
export async function measureValidations(seconds: number): Promise<number> {
  const key = await fake.createSigningKey('first')
  const tokens = await Promise.all(
    Array.from({ length: DIFFERENT }, (_, i) =>
      fake.signToken(key, fake.accessTokenClaims({ upn: `user-${i}@corp.example` })),
    ),
  )
  const issuers = [fake.ISSUER]
  const { fetch } = fake.createFakeProvider(key)
  const keys = createOpenIdProvider({ authority: fake.AUTHORITY, issuers, fetch })
  const { TENANT: tenant, AUDIENCE: audience, NOW: now } = fake
  const validator = createTokenValidator({ tenant, issuers, audiences: [audience], keys })
  const judge = async (milliseconds: number): Promise<number> => {
    const start = performance.now()
    let count = 0
    for (; performance.now() - start < milliseconds; count++) {
      const verdict = await validator.validate(tokens[count % DIFFERENT] ?? '', now)
      if (verdict.type === 'deny') throw new Error(verdict.reason)
    }
    return (1_000 * count) / (performance.now() - start)
  }
  await judge(WARM_UP_MS)
  return judge(1_000 * seconds)
}

const WARM_UP_MS = 500
const DIFFERENT = 50
