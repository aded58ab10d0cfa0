import { BUILT_IN_ROLE_IDS, type RoleAssignment } from '@causeway/access'
import { openMemoryStore, type SqliteDocumentStore } from '@causeway/store'
import {
  createPrincipalStore,
  type PrincipalStore,
  type TokenService,
  type TokenVerifier,
} from '@causeway/token-service'
import { formatPem, issueRoot, issueServerCertificate } from '@causeway/x509'
import { type Logger, pino } from 'pino'
import { RoleStore } from './rights/role-store.ts'
import { createManagementApi } from './server/management-api.ts'
import type { ManagementApi, ManagementApiOptions, ServerCertificate, VaultPlane } from './server/options.ts'

export const TENANT = '11111111-2222-4333-8444-555555555555'
export const SUBSCRIPTION = '22222222-3333-4444-8555-666666666666'
export const BASE = 'https://gateway.example:8443'
export const NOW = 1_800_000_000
export const SUB = `/subscriptions/${SUBSCRIPTION}`
export const GROUP = `${SUB}/resourceGroups/rg`
export const NETWORK = `${GROUP}/providers/Microsoft.Network`
export const GATEWAYS = `${NETWORK}/localNetworkGateways`
export const VERSION = '2025-05-01'

/** Object ids of those who call, whose tokens are their names. */
export const PEOPLE = {
  owner: 'aaaaaaaa-0000-4000-8000-000000000001',
  reader: 'aaaaaaaa-0000-4000-8000-000000000002',
  network: 'aaaaaaaa-0000-4000-8000-000000000003',
  nobody: 'aaaaaaaa-0000-4000-8000-000000000004',
} as const
export type Person = keyof typeof PEOPLE

export interface Told {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into
  readonly body: any
  readonly headers: Readonly<Record<string, string | undefined>> & {
    readonly etag?: string
    readonly location?: string
  }
}

/** One request; `as` is who makes it, and `undefined` makes it without a token. */
export interface Asked {
  readonly as?: Person | undefined
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** `''`: without one. */
  readonly version?: string
}

export interface TestApi {
  readonly api: ManagementApi
  readonly store: SqliteDocumentStore
  readonly principals: PrincipalStore
  readonly logged: string[]
  ask(method: string, path: string, asked?: Asked): Promise<Told>
  /** Polls an operation until it has ended, and answers its state. */
  ended(told: Told): Promise<Told>
}

/** The API on a store in memory, with an owner of everything, a reader, a network contributor of `rg`, and nobody. */
export async function testApi(changes: Partial<ManagementApiOptions> = {}): Promise<TestApi> {
  const store = (changes.store as SqliteDocumentStore | undefined) ?? (await openMemoryStore())
  const principals = createPrincipalStore(store, () => NOW)
  const logged: string[] = []
  if (!changes.store) await givePeopleRoles(store)
  const api = await createManagementApi({
    store,
    secrets: store.secrets,
    tokens: { service: {} as TokenService, verifier: verifierOfNames },
    principals,
    installation: {
      tenant: { id: TENANT, displayName: 'Causeway' },
      subscriptions: [{ id: SUBSCRIPTION, displayName: 'Causeway' }],
      location: { name: 'local', displayName: 'Local' },
    },
    baseUrls: [BASE],
    certificate: await certificate(),
    version: '0.1.0',
    log: logTo(logged),
    now: () => NOW,
    pause: async () => undefined,
    ...changes,
  })
  const ask: TestApi['ask'] = (method, path, asked = {}) => askApi(api, method, path, asked)
  return { api, store, principals, logged, ask, ended: told => ended(ask, told) }
}

/** As {@link testApi}, with the group `rg`. */
export async function apiWithGroup(changes: Partial<ManagementApiOptions> = {}): Promise<TestApi> {
  const made = await testApi(changes)
  const told = await made.ask('PUT', GROUP, { body: { location: 'local' }, version: '2021-04-01' })
  if (told.status !== 201) throw new Error(JSON.stringify(told.body))
  return made
}

async function askApi(api: ManagementApi, method: string, path: string, asked: Asked): Promise<Told> {
  const { body, headers = {}, version = VERSION } = asked
  const as = 'as' in asked ? asked.as : 'owner'
  const query = version === '' ? '' : `${path.includes('?') ? '&' : '?'}api-version=${version}`
  const payload = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body)
  const told = await api.inject({
    method,
    url: `${path}${query}`,
    headers: {
      host: new URL(BASE).host,
      ...(as && { authorization: `Bearer ${as}` }),
      ...(payload !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload !== undefined && { payload }),
  })
  return {
    status: told.status,
    headers: told.headers as Told['headers'],
    body: told.text === '' ? undefined : JSON.parse(told.text),
  }
}

async function ended(ask: TestApi['ask'], { headers }: Told): Promise<Told> {
  const path = (headers['azure-asyncoperation'] ?? '').replace(BASE, '')
  for (let tries = 0; tries < 1_000; tries++) {
    const told = await ask('GET', path, { version: '' })
    if (told.body.status !== 'InProgress') return told
    await new Promise(setImmediate)
  }
  throw new Error('the operation does not end')
}

/** Believes a token that is somebody's name. */
const verifierOfNames: TokenVerifier = {
  verify: async authorization => {
    const name = authorization?.replace('Bearer ', '') as Person | undefined
    const objectId = name && PEOPLE[name]
    if (objectId === undefined)
      return {
        type: 'refused',
        status: 401,
        code: 'AuthenticationFailed',
        message: "Authentication failed. The 'Authorization' header is missing.",
        reason: 'no token',
        wwwAuthenticate: 'Bearer authorization_uri="https://login.example", error="invalid_token"',
      }
    return {
      type: 'verified',
      identity: {
        objectId,
        appId: objectId,
        displayName: name ?? '',
        tenant: TENANT,
        groups: [],
        hasMoreGroups: false,
      },
      expiresAt: NOW + 3_600,
      warning: undefined,
    }
  },
}

async function givePeopleRoles(store: SqliteDocumentStore): Promise<void> {
  const roles = await RoleStore.open(store)
  await store.commit([
    roles.putAssignment(assignment(1, PEOPLE.owner, BUILT_IN_ROLE_IDS.owner, '/')),
    roles.putAssignment(assignment(2, PEOPLE.reader, BUILT_IN_ROLE_IDS.reader, SUB)),
    roles.putAssignment(assignment(3, PEOPLE.network, BUILT_IN_ROLE_IDS.networkContributor, GROUP)),
  ])
  roles.close()
}

export function assignment(
  number: number,
  principalId: string,
  roleDefinitionId: string,
  scope: string,
): RoleAssignment {
  const at = '2026-11-22T12:00:00Z'
  return {
    id: `cccccccc-0000-4000-8000-${String(number).padStart(12, '0')}`,
    principalId,
    principalType: 'ServicePrincipal',
    roleDefinitionId,
    scope,
    createdOn: at,
    updatedOn: at,
    createdBy: '',
    updatedBy: '',
  }
}

let certificateOnce: Promise<ServerCertificate> | undefined

function certificate(): Promise<ServerCertificate> {
  certificateOnce ??= testCertificate('gateway.example')
  return certificateOnce
}

export async function testCertificate(commonName: string): Promise<ServerCertificate> {
  const at = Math.floor(Date.now() / 1_000)
  const validity = { notBefore: at - 3_600, notAfter: at + 86_400 }
  const root = await issueRoot({ commonName: 'test root', key: 'ecdsa-p256', ...validity })
  const names = { commonName, ipAddresses: ['127.0.0.1'] }
  const issued = await issueServerCertificate(root, { key: 'ecdsa-p256', ...names, ...validity })
  return { cert: formatPem(issued.certificate), key: issued.privateKey }
}

function logTo(lines: string[]): Logger {
  return pino({ level: 'debug' }, { write: line => void lines.push(line) })
}

/** Vaults below a domain, which believe names as the API does. */
export function vaultPlane(domain: string): VaultPlane {
  return { domain, verifier: verifierOfNames, authorizationUri: `${BASE}/${TENANT}` }
}

/** A local network gateway. */
export function gatewayBody(changes: object = {}): object {
  return {
    location: 'local',
    properties: {
      gatewayIpAddress: '203.0.113.1',
      localNetworkAddressSpace: { addressPrefixes: ['10.1.0.0/16'] },
    },
    ...changes,
  }
}
