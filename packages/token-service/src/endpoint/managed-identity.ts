import { createHash, timingSafeEqual } from 'node:crypto'
import { limits } from '../limits.ts'
import type { ManagedIdentity } from '../principals/principal.ts'
import { quoted } from '../quoted.ts'

/** Who may ask for tokens of managed identities. */
export interface IdentityHosts {
  /** The secrets of those who ask in App Service's form (`IDENTITY_HEADER`), each with who has it: an ARM id. */
  headerSecrets(): Promise<readonly IdentityHeaderSecret[]>
  /** The identities that are assigned to a resource now, its own one first. */
  identitiesOf(resourceId: string): Promise<readonly ManagedIdentity[]>
}

export interface IdentityHeaderSecret {
  readonly resourceId: string
  readonly secret: string
}

/** `appService`: 2019-08-01, `imds`: 2018-02-01. */
export type IdentityForm = 'appService' | 'imds'

/** The parameters by which each form names an identity. */
const SELECTORS = {
  appService: {
    client_id: 'clientId',
    mi_res_id: 'resourceId',
    object_id: 'principalId',
    principal_id: 'principalId',
  },
  imds: {
    client_id: 'clientId',
    msi_res_id: 'resourceId',
    mi_res_id: 'resourceId',
    object_id: 'principalId',
  },
} as const satisfies Record<IdentityForm, Readonly<Record<string, keyof ManagedIdentity>>>

const API_VERSIONS = {
  appService: ['2019-08-01'],
  imds: ['2018-02-01', '2019-06-01', '2019-08-01', '2020-06-01'],
} as const satisfies Record<IdentityForm, readonly string[]>

/** A request that gets no token. */
export interface IdentityRefusal {
  readonly type: 'refused'
  readonly status: number
  /** IMDS's word for it. */
  readonly error: 'invalid_request' | 'invalid_resource' | 'unauthorized'
  readonly problem: string
}

export interface IdentityRequest {
  readonly type: 'request'
  readonly resource: string
  readonly selector:
    | { readonly property: keyof ManagedIdentity; readonly name: string; readonly value: string }
    | undefined
}

/** Reads the query of either form. */
export function readIdentityRequest(
  query: URLSearchParams,
  form: IdentityForm,
): IdentityRequest | IdentityRefusal {
  const version = query.get('api-version') ?? ''
  const versions: readonly string[] = API_VERSIONS[form]
  if (!versions.includes(version))
    return refuse(`The api-version ${quoted(version)} is not supported. Use ${versions.join(' or ')}.`)
  const resource = query.get('resource') ?? ''
  if (resource === '') return refuse("The parameter 'resource' is missing. Name what the token is for.")
  const named = Object.entries<keyof ManagedIdentity>(SELECTORS[form]).filter(([name]) => query.get(name))
  const [first, ...more] = named
  if (
    more.length > 0 ||
    [...Object.keys(SELECTORS[form]), 'resource'].some(name => query.getAll(name).length > 1)
  )
    return refuse(`Name one identity, by one of ${Object.keys(SELECTORS[form]).join(', ')}.`)
  if (!first) return { type: 'request', resource, selector: undefined }
  const value = query.get(first[0]) ?? ''
  if (value.length > limits.parameterCharacters || resource.length > limits.parameterCharacters)
    return refuse(`A parameter has more than ${limits.parameterCharacters} characters.`)
  return { type: 'request', resource, selector: { name: first[0], property: first[1], value } }
}

/** The identity that is asked for, among those that are assigned. */
export function selectIdentity(
  { selector }: IdentityRequest,
  identities: readonly ManagedIdentity[],
): ManagedIdentity | IdentityRefusal {
  if (selector) {
    const wanted = selector.value.toLowerCase()
    const found = identities.find(identity => identity[selector.property].toLowerCase() === wanted)
    return found ?? refuse(`Identity not found: none with this ${selector.name} is assigned to the resource.`)
  }
  const own = identities.find(({ kind }) => kind === 'systemAssigned')
  const [only, ...more] = identities
  const identity = own ?? (more.length === 0 ? only : undefined)
  if (identity) return identity
  return identities.length === 0
    ? refuse('Identity not found: none is assigned to the resource.')
    : refuse(
        'Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request.',
      )
}

/**
 * Whose secret a header holds. Every secret is compared, each in the same time, whichever is the right one.
 */
export function holderOf(
  header: string | undefined,
  secrets: readonly IdentityHeaderSecret[],
): string | undefined {
  const given = digest(header ?? '')
  let holder: string | undefined
  for (const { resourceId, secret } of secrets)
    if (timingSafeEqual(given, digest(secret)) && secret !== '') holder ??= resourceId
  return holder
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function refuse(problem: string): IdentityRefusal {
  return { type: 'refused', status: 400, error: 'invalid_request', problem }
}
