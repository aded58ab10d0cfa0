/** Why a certificate is not to be had. */
export type VaultRefusalReason =
  /** What was given is no identifier of a certificate or secret in a vault that may be asked. */
  | 'not-a-vault-url'
  /** There is no identity, it gets no token, or the vault does not take its token. */
  | 'unauthorized'
  /** The identity lacks a role at the vault. */
  | 'forbidden'
  | 'not-found'
  /** Deleted, and still to be recovered. */
  | 'deleted'
  | 'disabled'
  /** There is a certificate, and no key with it. */
  | 'no-private-key'
  /** The secret holds something else than a certificate with its key. */
  | 'unreadable'
  /** No answer, or none that counts. */
  | 'unreachable'

/** Roles that reading a certificate with its key needs at the vault. */
export type VaultRole = 'Key Vault Certificate User' | 'Key Vault Secrets User'

/** A certificate that is not to be had: a value, for policy decides what follows. */
export interface VaultRefusal {
  readonly type: 'refused'
  readonly reason: VaultRefusalReason
  /** One line: what is wrong, and what to do. Holds no secret. */
  readonly message: string
  /** Another try, a while later, may succeed with nothing changed. */
  readonly isTemporary: boolean
  /** The role that is missing, of `forbidden`. */
  readonly role?: VaultRole
}

/** What was being read when it failed. */
export interface ReadObject {
  readonly kind: 'certificate' | 'secret'
  /** As it is shown: the identifier. */
  readonly id: string
  readonly host: string
}

export function refusal(
  reason: VaultRefusalReason,
  message: string,
  more: { readonly isTemporary?: boolean; readonly role?: VaultRole } = {},
): VaultRefusal {
  return { type: 'refused', reason, message: oneLine(message), isTemporary: false, ...more }
}

/** An identity that gets no token. */
export class IdentityError extends Error {
  readonly code = 'ERR_VAULT_IDENTITY'
  readonly isTemporary: boolean

  constructor(message: string, isTemporary: boolean, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'IdentityError'
    this.isTemporary = isTemporary
  }
}

/** What the SDKs throw (`RestError` of @azure/core-rest-pipeline, and those of @azure/identity). */
interface SdkError {
  readonly name?: string
  readonly message?: string
  readonly statusCode?: number
  readonly code?: string
  readonly details?: { readonly error?: ServiceError }
}
interface ServiceError {
  readonly code?: string
  readonly message?: string
  readonly innerError?: { readonly code?: string }
}

const ROLES = { certificate: 'Key Vault Certificate User', secret: 'Key Vault Secrets User' } as const
/** Errors of @azure/identity: no identity, or none that gets a token. */
const IDENTITY_ERRORS: ReadonlySet<string> = new Set([
  'AuthenticationError',
  'AggregateAuthenticationError',
  'AuthenticationRequiredError',
  'CredentialUnavailableError',
])

/** The refusal that an error of the SDKs stands for. */
export function refusalOf(thrown: unknown, read: ReadObject): VaultRefusal {
  const error: SdkError = typeof thrown === 'object' && thrown !== null ? thrown : {}
  if (thrown instanceof IdentityError)
    return refusal('unauthorized', thrown.message, { isTemporary: thrown.isTemporary })
  if (IDENTITY_ERRORS.has(error.name ?? ''))
    return refusal('unauthorized', `The identity got no token for ${read.host}: ${error.message ?? ''}`)
  if (error.statusCode !== undefined) return answeredRefusal(error, error.statusCode, read)
  if (/challenge (?:resource|contains)/.test(error.message ?? ''))
    return refusal('unauthorized', `${read.host} asks for tokens of another place: ${error.message ?? ''}`)
  const code = error.code ?? error.name ?? 'unknown error'
  return refusal('unreachable', `${read.host} cannot be reached (${code}): ${error.message ?? ''}`, {
    isTemporary: true,
  })
}

function answeredRefusal(error: SdkError, status: number, read: ReadObject): VaultRefusal {
  const { code = error.code ?? '', innerError } = error.details?.error ?? {}
  const said = `${status} ${code}`.trim()
  switch (status) {
    case 400:
      return refusal('not-a-vault-url', `${read.id} is refused by its vault (${said}): check it.`)
    case 401:
      return refusal('unauthorized', `${read.host} does not take the identity's token (${said}).`)
    case 403:
      return forbidden(innerError?.code ?? '', read)
    case 404:
      return code === 'VaultNotFound'
        ? refusal('not-found', `There is no vault at ${read.host}, or it is deleted.`)
        : refusal('not-found', `There is no ${read.id} in its vault.`)
    default:
      return refusal('unreachable', `${read.host} could not answer (${said}).`, {
        isTemporary: status === 408 || status === 429 || status >= 500,
      })
  }
}

function forbidden(inner: string, { kind, id, host }: ReadObject): VaultRefusal {
  switch (inner) {
    case 'SecretDisabled':
      return disabled(id)
    case 'ForbiddenByFirewall':
    case 'ForbiddenByConnection':
      return refusal('unreachable', `The firewall of ${host} keeps this machine out.`)
    default: {
      const role = ROLES[kind]
      const message = `The identity may not read ${id}: give it the role ${role} at the vault.`
      return refusal('forbidden', message, { role })
    }
  }
}

export function disabled(id: string): VaultRefusal {
  return refusal('disabled', `${id} is disabled: enable it in its vault, or name another version.`)
}

/** What comes from outside may hold line ends; a message is one line. */
function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 1_000)
}
