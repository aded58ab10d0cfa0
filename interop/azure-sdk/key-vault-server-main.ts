// The management API with vaults, in a process of its own, and its managed identities. The folder for its store in; it
// says where it is, and stays.
import { BUILT_IN_ROLE_IDS, type RoleDefinition } from '@causeway/access'
import { APP_SERVICE_PATH } from '@causeway/management-api'
import { openSigningKeys, type SigningKeys } from '@causeway/token-service'
import { type JWTPayload, SignJWT } from 'jose'
import {
  type Grant,
  type IdentityHolder,
  now,
  SUBSCRIPTION,
  startApiServer,
  stay,
  TENANT,
  VAULT_DOMAIN,
} from './api-server.ts'
import type { VaultPerson, VaultPlace, WrongToken } from './key-vault-plan.ts'
import type { Person } from './network-plan.ts'

const SUB = `/subscriptions/${SUBSCRIPTION}`
const GATEWAY = `${SUB}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworkGateways/gw`
const IDENTITY = `${SUB}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/gw`

/** What a certificate's user may do who is to see no key: less than Azure's role of that name. */
const CERTIFICATE_READER: RoleDefinition = {
  id: '99999999-0000-4000-8000-000000000001',
  roleName: 'Certificate Reader',
  description: 'Reads certificates, and no secrets.',
  type: 'CustomRole',
  permissions: [
    {
      actions: [],
      notActions: [],
      dataActions: ['Microsoft.KeyVault/vaults/certificates/read'],
      notDataActions: [],
    },
  ],
  assignableScopes: [SUB],
}

/** What each may do, and where. */
const ROLES: Readonly<Record<VaultPerson, readonly Grant[]>> = {
  owner: [
    [BUILT_IN_ROLE_IDS.owner, '/'],
    [BUILT_IN_ROLE_IDS.keyVaultAdministrator, SUB],
  ],
  reader: [[BUILT_IN_ROLE_IDS.keyVaultReader, SUB]],
  certificateUser: [[CERTIFICATE_READER.id, SUB]],
  secretsUser: [[BUILT_IN_ROLE_IDS.keyVaultSecretsUser, SUB]],
  nobody: [],
}

const holder: IdentityHolder = { id: GATEWAY, headerSecret: 'the-secret-of-the-gateway', identities: [] }
const server = await startApiServer({ directory: process.argv[2] ?? '', holder })
const identity = await server.principals.ensureManagedIdentity(IDENTITY, 'userAssigned')
holder.identities.push(identity)
await server.define(CERTIFICATE_READER)
const people = Object.fromEntries(
  await Promise.all(
    Object.entries(ROLES).map(async ([name, grants]) => [name, await server.person(name, grants)]),
  ),
) as VaultPlace['people']
stay(server, {
  port: server.port,
  baseUrl: server.baseUrl,
  domain: VAULT_DOMAIN,
  tenantId: TENANT,
  subscriptionId: SUBSCRIPTION,
  people,
  identityEndpoint: `${server.identityUrl}${APP_SERVICE_PATH}`,
  identityHeader: holder.headerSecret,
  identityId: IDENTITY,
  identityPrincipalId: identity.principalId,
  wrongTokens: await wrongTokensOf(people.owner),
} satisfies VaultPlace)

/** Good but for one thing, and signed with our own key but for the last. */
async function wrongTokensOf({ objectId, clientId }: Person): Promise<Readonly<Record<WrongToken, string>>> {
  const keys = await openSigningKeys({ store: server.data.secrets, now: now() })
  const { keyId, privateKey } = await keys.signer(now())
  const { keyId: _, privateKey: foreign } = await strangersKeys()
  const sign = (changes: JWTPayload, key = privateKey): Promise<string> =>
    new SignJWT({
      aud: `https://${VAULT_DOMAIN}`,
      iss: server.tokens.service.issuers[0] ?? '',
      iat: now(),
      nbf: now(),
      exp: now() + 3_600,
      appid: clientId,
      oid: objectId,
      sub: objectId,
      tid: TENANT,
      ver: '2.0',
      ...changes,
    })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: keyId })
      .sign(key)
  return {
    audience: await sign({ aud: server.baseUrl }),
    issuer: await sign({ iss: `https://login.example/${TENANT}/v2.0` }),
    tenant: await sign({ tid: SUBSCRIPTION }),
    age: await sign({ iat: now() - 7_200, nbf: now() - 7_200, exp: now() - 3_600 }),
    signature: await sign({}, foreign),
  }
}

async function strangersKeys(): ReturnType<SigningKeys['signer']> {
  const stored = new Map<string, Uint8Array>()
  const memory = {
    read: async (name: string) => stored.get(name),
    write: async (name: string, bytes: Uint8Array) => void stored.set(name, bytes),
  }
  return (await openSigningKeys({ store: memory, now: now() })).signer(now())
}
