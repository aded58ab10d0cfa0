import { type AccessToken, ManagedIdentityCredential, type TokenCredential } from '@azure/identity'
import { limits } from './limits.ts'
import { IdentityError } from './vault-refusal.ts'

/** Which of the identities that a machine has. Neither: its own one. */
export interface IdentityName {
  readonly clientId?: string
  /** ARM id of a user-assigned identity. */
  readonly resourceId?: string
}

/** As whom vaults are read. */
export type VaultIdentity =
  /** Whoever the credential is of: any of @azure/identity. */
  | { readonly type: 'credential'; readonly credential: TokenCredential }
  /** A managed identity of the machine in Azure, as @azure/identity finds it. */
  | ({ readonly type: 'azure' } & IdentityName)
  /**
   * A managed identity by an endpoint in App Service's form (2019-08-01), on this machine. @azure/identity takes its
   * endpoint from the environment, of which a process has one; this one is told.
   */
  | ({
      readonly type: 'appService'
      /** `http://127.0.0.1:PORT/msi/token`; plain HTTP goes to the loopback alone. */
      readonly endpoint: string
      /** `IDENTITY_HEADER`: a secret. */
      readonly header: string
    } & IdentityName)

/** Errors: `ERR_VAULT_OPTION` for an endpoint that is not on this machine. */
export function credentialOf(identity: VaultIdentity): TokenCredential {
  switch (identity.type) {
    case 'credential':
      return insistent(identity.credential)
    case 'azure':
      return managedIdentity(identity)
    case 'appService':
      return appServiceCredential(identity)
    default:
      return identity satisfies never
  }
}

/** No token is an error: the SDKs would only say that they failed. */
function insistent(credential: TokenCredential): TokenCredential {
  return {
    async getToken(scopes, options) {
      const token = await credential.getToken(scopes, options)
      if (!token) throw new IdentityError('The credential gives no token.', false)
      return token
    },
  }
}

/** Each of the library's overloads takes one kind of name. */
function managedIdentity({ clientId, resourceId }: IdentityName): TokenCredential {
  if (resourceId !== undefined) return new ManagedIdentityCredential({ resourceId })
  return clientId === undefined
    ? new ManagedIdentityCredential()
    : new ManagedIdentityCredential({ clientId })
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost'])

function appServiceCredential({
  endpoint,
  header,
  clientId,
  resourceId,
}: Extract<VaultIdentity, { readonly type: 'appService' }>): TokenCredential {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url?.protocol !== 'http:' || !LOOPBACK.has(url.hostname))
    throw Object.assign(new Error(`the identity endpoint ${endpoint} is not http on this machine`), {
      code: 'ERR_VAULT_OPTION',
    })
  return {
    async getToken(scopes, options) {
      const [scope = ''] = typeof scopes === 'string' ? [scopes] : scopes
      const asked = new URL(url)
      asked.searchParams.set('api-version', '2019-08-01')
      asked.searchParams.set('resource', scope.replace(/\/\.default$/, ''))
      if (clientId !== undefined) asked.searchParams.set('client_id', clientId)
      if (resourceId !== undefined) asked.searchParams.set('mi_res_id', resourceId)
      return askToken(asked, header, options?.abortSignal)
    },
  }
}

async function askToken(url: URL, header: string, abort: unknown): Promise<AccessToken> {
  const { status, told } = await ask(url, header, abort)
  const { access_token: token, expires_on: expires, error_description: description } = told
  if (status !== 200) {
    const said = typeof description === 'string' ? `: ${description}` : '.'
    const isTemporary = status >= 500 || status === 429
    throw new IdentityError(`The identity endpoint gives no token (${status})${said}`, isTemporary)
  }
  if (typeof token !== 'string' || !(Number(expires) > 0))
    throw new IdentityError('The identity endpoint gave an answer that holds no token.', false)
  return { token, expiresOnTimestamp: Number(expires) * 1_000 }
}

async function ask(
  url: URL,
  header: string,
  abort: unknown,
): Promise<{ readonly status: number; readonly told: Readonly<Record<string, unknown>> }> {
  const timeout = AbortSignal.timeout(limits.requestMilliseconds)
  const signal = abort instanceof AbortSignal ? AbortSignal.any([abort, timeout]) : timeout
  try {
    const headers = { 'x-identity-header': header }
    const answer = await fetch(url, { headers, signal, redirect: 'error' })
    const told: unknown = await answer.json().catch(() => undefined)
    return { status: answer.status, told: isObject(told) ? told : {} }
  } catch (cause) {
    throw new IdentityError(`The identity endpoint ${url.host} does not answer.`, true, cause)
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
