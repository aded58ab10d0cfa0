import { limits } from '../limits.ts'
import { quoted } from '../quoted.ts'
import { type OAuthRefusal, refuse } from './oauth-error.ts'

/** A request for a token that was read. */
export interface TokenForm {
  readonly type: 'form'
  readonly clientId: string
  readonly credential: ClientCredential
  /** The resource as the client names it: of `resource`, or of a scope that ends in `/.default`. */
  readonly resource: string
}

export type ClientCredential =
  | { readonly type: 'secret'; readonly text: string }
  | { readonly type: 'assertion'; readonly token: string }

export const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

const PARAMETERS = [
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion_type',
  'client_assertion',
  'scope',
  'resource',
] as const

type Parameters = Readonly<Record<(typeof PARAMETERS)[number], string | undefined>>

/** Scopes that clients add by habit; without a user they mean nothing. */
const HABITUAL_SCOPES = ['openid', 'profile', 'offline_access', 'email']
const DEFAULT_SCOPE = '/.default'

/** Reads the form of RFC 6749 §4.4.2 and RFC 7523 §2.2; `authorization`: HTTP Basic, if the client used it. */
export function readTokenForm(
  form: URLSearchParams,
  authorization: string | undefined,
): TokenForm | OAuthRefusal {
  const parameters = readParameters(form)
  if ('type' in parameters) return parameters
  const grant = parameters.grant_type
  if (grant === undefined) return missing('grant_type')
  if (grant !== 'client_credentials')
    return refuse(
      'unsupportedGrant',
      `The app requested an unsupported grant type ${quoted(grant)}. Only 'client_credentials' is supported.`,
    )
  const client = readClient(parameters, authorization)
  if (client.type === 'refused') return client
  const resource = readResource(parameters)
  return typeof resource === 'string' ? { ...client, type: 'form', resource } : resource
}

/** RFC 6749 §3.2: a parameter without a value is as if it were not there, and none may be there twice. */
function readParameters(form: URLSearchParams): Parameters | OAuthRefusal {
  const read: Partial<Record<(typeof PARAMETERS)[number], string>> = {}
  for (const name of PARAMETERS) {
    const [value, ...more] = form.getAll(name)
    if (more.length > 0) return refuse('malformedRequest', `The parameter '${name}' is there more than once.`)
    const most = name === 'client_assertion' ? limits.assertionCharacters : limits.parameterCharacters
    if (value !== undefined && value.length > most)
      return refuse('malformedRequest', `The parameter '${name}' has more than ${most} characters.`)
    if (value) read[name] = value
  }
  return read as Parameters
}

function readClient(
  parameters: Parameters,
  authorization: string | undefined,
):
  | { readonly type: 'client'; readonly clientId: string; readonly credential: ClientCredential }
  | OAuthRefusal {
  const basic = authorization === undefined ? undefined : readBasic(authorization)
  if (authorization !== undefined && !basic)
    return refuse(
      'malformedRequest',
      "The 'Authorization' header is not HTTP Basic with a client ID and a secret.",
    )
  const { client_assertion: token, client_assertion_type: assertionType, client_secret: secret } = parameters
  const clientId = parameters.client_id ?? basic?.clientId
  if (clientId === undefined) return missing('client_id')
  if (basic && (basic.clientId !== clientId || secret !== undefined || token !== undefined))
    return refuse('malformedRequest', 'The client authenticates in two ways. Use one.')
  if (token !== undefined && secret !== undefined)
    return refuse('malformedRequest', 'The client authenticates in two ways. Use one.')
  if (token !== undefined) {
    if (assertionType !== ASSERTION_TYPE)
      return refuse(
        'malformedAssertion',
        `The parameter 'client_assertion_type' must be '${ASSERTION_TYPE}'.`,
      )
    return { type: 'client', clientId, credential: { type: 'assertion', token } }
  }
  const text = secret ?? basic?.secret
  if (text !== undefined) return { type: 'client', clientId, credential: { type: 'secret', text } }
  return refuse(
    'missingCredential',
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  )
}

/** RFC 6749 §2.3.1: both parts are form-encoded. */
function readBasic(
  authorization: string,
): { readonly clientId: string; readonly secret: string } | undefined {
  const encoded = /^basic ([A-Za-z0-9+/]+={0,2})$/i.exec(
    authorization.slice(0, limits.parameterCharacters * 3),
  )?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon <= 0 || colon === text.length - 1) return undefined
  const [clientId, secret] = [decodeForm(text.slice(0, colon)), decodeForm(text.slice(colon + 1))]
  return clientId && secret ? { clientId, secret } : undefined
}

function decodeForm(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    // A percent sign that begins no octet: the client did not encode.
    return undefined
  }
}

function readResource({ resource, scope }: Parameters): string | OAuthRefusal {
  if (resource !== undefined) return resource
  if (scope === undefined) return missing('scope')
  const scopes = scope.split(' ').filter(text => text !== '' && !HABITUAL_SCOPES.includes(text))
  const [first = '', ...more] = scopes.slice(0, limits.scopes)
  if (more.length === 0 && first.toLowerCase().endsWith(DEFAULT_SCOPE) && first.length > DEFAULT_SCOPE.length)
    return first.slice(0, -DEFAULT_SCOPE.length)
  return refuse(
    'wrongScope',
    `The provided value for scope ${quoted(scope)} is not valid. Client credential flows must have one scope value with /.default suffixed to the resource identifier (application ID URI).`,
  )
}

function missing(name: string): OAuthRefusal {
  return refuse('missingParameter', `The request body must contain the following parameter: '${name}'.`)
}
