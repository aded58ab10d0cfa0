import { type IssuedCertificate, issueClientCertificate, issueRoot } from '@causeway/x509'
import { decodeJwt, decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters } from 'jose'
import type { HttpAnswer } from './endpoint/answer.ts'
import type { IdentityHosts } from './endpoint/managed-identity.ts'
import { createResourceTable, managementAudiences, vaultAudiences } from './endpoint/resource-table.ts'
import type { KeyStore } from './keys/key-store.ts'
import { openSigningKeys, type SigningKeys } from './keys/signing-keys.ts'
import { createClientSecret, type NewSecret } from './principals/client-secret.ts'
import { MemoryDocuments } from './principals/memory-documents.suite.ts'
import { createPrincipalStore, type PrincipalStore } from './principals/principal-store.ts'
import {
  createTokenService,
  type TokenRequest,
  type TokenService,
  type TokenServiceOptions,
} from './token-service.ts'

export const TENANT = '11111111-2222-4333-8444-555555555555'
export const BASE = 'https://gateway.example:8443'
export const VAULT = 'https://vault.gateway.example'
export const NOW = 1_800_000_000
export const GATEWAY =
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworkGateways/gw'

/** A clock that tests put forward. */
export interface TestClock {
  now: number
}

/** Keys in memory; tests look at and damage what is stored. */
export function memoryKeyStore(): KeyStore & { readonly stored: Map<string, Uint8Array> } {
  const stored = new Map<string, Uint8Array>()
  return {
    stored,
    read: async name => stored.get(name),
    write: async (name, bytes) => {
      stored.set(name, bytes)
    },
  }
}

/** A service with its parts, and a principal that has a secret. */
export interface TestService {
  readonly clock: TestClock
  readonly service: TokenService
  readonly keys: SigningKeys
  readonly principals: PrincipalStore
  readonly appId: string
  readonly objectId: string
  readonly secret: string
  /** Asks for a token; `undefined` takes a parameter out. */
  ask(
    form?: Readonly<Record<string, string | undefined>>,
    request?: Partial<TokenRequest>,
  ): Promise<HttpAnswer>
}

let keysOnce: Promise<SigningKeys> | undefined
let secretOnce: Promise<NewSecret> | undefined

/** Keys that all tests may share: making one takes long. */
export function sharedKeys(): Promise<SigningKeys> {
  keysOnce ??= openSigningKeys({ store: memoryKeyStore(), now: NOW })
  return keysOnce
}

export async function testService(changes: Partial<TokenServiceOptions> = {}): Promise<TestService> {
  const clock: TestClock = { now: NOW }
  const keys = changes.keys ?? (await sharedKeys())
  const documents = new MemoryDocuments()
  const principals = createPrincipalStore(documents, () => clock.now)
  secretOnce ??= createClientSecret({ displayName: 'first', now: NOW, lifetimeSeconds: 63_072_000 })
  const secret = await secretOnce
  const added = await principals.addServicePrincipal({ displayName: 'deployer' })
  if (added.type === 'refused') throw new Error(added.message)
  const { appId, objectId } = added.principal
  await documents.write(`principals/${appId}`, { ...added.principal, secrets: [secret.stored] }, 1)
  const service = createTokenService({
    keys,
    directory: principals,
    hosts: noHosts,
    resources: createResourceTable([...managementAudiences([BASE]), ...vaultAudiences([VAULT])]),
    tenant: TENANT,
    baseUrls: [BASE],
    now: () => clock.now,
    ...changes,
  })
  const usual = {
    grant_type: 'client_credentials',
    client_id: appId,
    client_secret: secret.text,
    scope: `${BASE}/.default`,
  }
  const ask: TestService['ask'] = (form = {}, request = {}) =>
    service.token({ ...requestOf({ ...usual, ...form }), ...request })
  return { clock, service, keys, principals, appId, objectId, secret: secret.text, ask }
}

const noHosts: IdentityHosts = { headerSecrets: async () => [], identitiesOf: async () => [] }

export function requestOf(form: Readonly<Record<string, string | undefined>>): TokenRequest {
  const entries = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const common = { version: 'v2', tenant: TENANT, baseUrl: BASE, source: '192.0.2.1', headers: {} } as const
  return { ...common, form: new URLSearchParams(entries) }
}

/** The token of an answer, read without a check. */
export function tokenOf(answer: HttpAnswer): {
  readonly text: string
  readonly claims: JWTPayload
  readonly header: ProtectedHeaderParameters
} {
  const { access_token: accessToken } = answer.body
  const text = String(accessToken)
  return { text, claims: decodeJwt(text), header: decodeProtectedHeader(text) }
}

/** A certificate to sign assertions with. */
export async function clientCertificate(
  validity: { readonly notBefore: number; readonly notAfter: number } = {
    notBefore: NOW - 86_400,
    notAfter: NOW + 86_400,
  },
  key: 'rsa-2048' | 'ecdsa-p256' = 'rsa-2048',
): Promise<IssuedCertificate> {
  const root = await issueRoot({
    commonName: 'test root',
    key: 'ecdsa-p256',
    notBefore: NOW - 172_800,
    notAfter: NOW + 172_800,
  })
  return issueClientCertificate(root, { commonName: 'deployer', key, ...validity })
}
