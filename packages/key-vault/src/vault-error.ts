/** Codes of a vault's errors and the HTTP status of each, as Key Vault answers them. */
export const vaultErrorStatus = {
  BadParameter: 400,
  Forbidden: 403,
  CertificateNotFound: 404,
  SecretNotFound: 404,
  PendingCertificateNotFound: 404,
  Conflict: 409,
} as const
export type VaultErrorCode = keyof typeof vaultErrorStatus

/** What stands behind a `Forbidden` or a `Conflict`. */
export type VaultInnerCode =
  /** The name is that of something deleted, which can be recovered or purged. */
  | 'ObjectIsDeletedButRecoverable'
  | 'SecretDisabled'
  /** The secret belongs to a certificate, and changes with it alone. */
  | 'SecretManagedByCertificate'
  | 'PurgeProtectionEnabled'
  /** The name is that of the other kind: a certificate's secret has its certificate's name. */
  | 'NameInUse'

/** Key Vault's error body. */
export interface VaultErrorBody {
  readonly error: {
    readonly code: VaultErrorCode
    readonly message: string
    readonly target?: string
    readonly innererror?: { readonly code: VaultInnerCode }
  }
}

/** What a vault refuses. The message is one line that says what is wrong and what to do; it holds no secret. */
export class VaultError extends Error {
  readonly code: VaultErrorCode
  readonly innerCode: VaultInnerCode | undefined
  /** The field of the request that is wrong. */
  readonly target: string | undefined

  constructor(
    code: VaultErrorCode,
    message: string,
    { inner, target, cause }: { inner?: VaultInnerCode; target?: string; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'VaultError'
    this.code = code
    this.innerCode = inner
    this.target = target
  }

  get status(): number {
    return vaultErrorStatus[this.code]
  }

  /** As it is sent. */
  body(): VaultErrorBody {
    const { code, message, target, innerCode } = this
    return {
      error: {
        code,
        message,
        ...(target !== undefined && { target }),
        ...(innerCode !== undefined && { innererror: { code: innerCode } }),
      },
    }
  }
}

/** A field of a request that cannot be taken. */
export function badParameter(target: string, problem: string, cause?: unknown): VaultError {
  return new VaultError('BadParameter', `${target}: ${problem}`, { target, cause })
}
