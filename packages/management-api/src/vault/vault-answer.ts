import type { VaultErrorBody } from '@causeway/key-vault'
import type { Answer } from '../envelope/answer.ts'

/** Codes of what a vault's data plane refuses before the vault itself is asked, and the status of each. */
const STATUS = {
  BadParameter: 400,
  Unauthorized: 401,
  Forbidden: 403,
  VaultNotFound: 404,
  NotFound: 404,
  MethodNotAllowed: 405,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  InternalServerError: 500,
  NotSupported: 501,
  ServiceUnavailable: 503,
} as const
export type VaultRefusalCode = keyof typeof STATUS

/** Whose rules a caller has no right by. */
export type VaultForbiddenBy = 'ForbiddenByRbac' | 'AccessDenied'

/** An answer in Key Vault's form of an error. */
export function vaultRefusal(
  code: VaultRefusalCode,
  message: string,
  more: {
    readonly innererror?: VaultForbiddenBy
    readonly headers?: Readonly<Record<string, string>>
  } = {},
): Answer {
  const { innererror, headers } = more
  const inner = innererror === undefined ? {} : { innererror: { code: innererror } }
  return {
    status: STATUS[code],
    body: { error: { code, message, ...inner } },
    ...(headers && { headers }),
  }
}

/** The answer of what a vault itself refuses. */
export function vaultErrorAnswer(error: {
  readonly status: number
  readonly body: () => VaultErrorBody
}): Answer {
  return { status: error.status, body: error.body() }
}
