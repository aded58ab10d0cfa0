import type { JsonObject } from '../json-object.ts'
import { limits } from '../limits.ts'
import { type Answer, postForm } from '../provider/document.ts'
import type { OpenIdProvider } from '../provider/open-id-provider.ts'
import { quoted } from '../quoted.ts'
import { type Fault, fault } from '../result.ts'

/** The gateway as the provider knows it. */
export interface ClientRegistration {
  readonly clientId: string
  /** None for a public client: PKCE protects the code either way. */
  readonly clientSecret: string | undefined
}

/** Tokens of a successful answer (RFC 6749 §5.1, OpenID Connect Core 1.0 §3.1.3.3). Secret. */
export interface Grant {
  readonly type: 'grant'
  readonly idToken: string | undefined
  readonly accessToken: string | undefined
  readonly refreshToken: string | undefined
}

/** The provider said no to this user: RFC 6749 §5.2, and OpenID Connect Core 1.0 §3.1.2.6. */
export interface RefusedGrant {
  readonly type: 'refused'
  readonly reason: string
}

/** Asks the token endpoint. A fault: it could not be asked, or it says that the gateway asks wrongly. */
export async function requestGrant(
  provider: OpenIdProvider,
  client: ClientRegistration,
  form: Readonly<Record<string, string>>,
  now: number,
): Promise<Grant | RefusedGrant | Fault> {
  const metadata = await provider.metadata(now)
  if (metadata.type === 'fault') return metadata
  const { tokenEndpoint, secretMethod } = metadata.value
  if (tokenEndpoint === undefined) return fault('the metadata has no token_endpoint')
  const body = new URLSearchParams({ ...form, client_id: client.clientId })
  const { clientId, clientSecret } = client
  if (clientSecret !== undefined && secretMethod === 'post') body.set('client_secret', clientSecret)
  const isBasic = clientSecret !== undefined && secretMethod === 'basic'
  const headers = isBasic ? { authorization: basicCredentials(clientId, clientSecret) } : {}
  const answer = await postForm(tokenEndpoint, body, headers, provider.fetchOptions)
  return answer.type === 'fault' ? answer : readGrant(answer)
}

/** Errors that are about this user or this sign-in. All others are about the gateway, or pass. */
const userErrors: readonly unknown[] = [
  'invalid_grant',
  'access_denied',
  'interaction_required',
  'login_required',
  'consent_required',
  'account_selection_required',
]

function readGrant({ status, object }: Answer): Grant | RefusedGrant | Fault {
  if (status === 200 && object) return readTokens(object)
  const said = describeError(object)
  const { error } = object ?? {}
  if ([400, 401, 403].includes(status) && userErrors.includes(error))
    return { type: 'refused', reason: `the provider refuses: ${said}` }
  return fault(`the token endpoint answers with status ${status}: ${said}`)
}

function readTokens(object: JsonObject): Grant | Fault {
  const { id_token, access_token, refresh_token } = object
  const tokens = [id_token, access_token, refresh_token].map(optionalToken)
  if (tokens.includes(false)) return fault('the token endpoint answers with a token that is no text')
  const [idToken, accessToken, refreshToken] = tokens.map(token => token || undefined)
  return { type: 'grant', idToken, accessToken, refreshToken }
}

/** `false` for what is there and is no token. */
function optionalToken(value: unknown): string | undefined | false {
  if (value === undefined || value === null || value === '') return undefined
  return typeof value === 'string' && value.length <= limits.tokenCharacters ? value : false
}

/** `error`, and Entra's number of it (`AADSTS50057`: disabled). Descriptions are free text, and are left out. */
function describeError(object: JsonObject | undefined): string {
  if (!object) return 'no JSON'
  const { error, error_description: description } = object
  const number = numberOf(description)
  return [quoted(error), ...(number === undefined ? [] : [number])].join(' ')
}

/** Entra's number of an error, which is the one part of a description that is repeated. */
export function numberOf(description: unknown): string | undefined {
  return typeof description === 'string' ? /AADSTS[0-9]{1,10}/.exec(description)?.[0] : undefined
}

/** RFC 6749 §2.3.1: both are form-encoded before they are joined. */
function basicCredentials(clientId: string, clientSecret: string): string {
  const [id, secret] = [clientId, clientSecret].map(text =>
    new URLSearchParams({ t: text }).toString().slice(2),
  )
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
}
