/** The stable codes of {@link CryptoNodeError}. */
export type CryptoNodeErrorCode =
  /** Not an unencrypted private key in PEM, or not one we sign with: give an RSA key of 2048–8192 bits, or P-256, P-384 or P-521. */
  | 'ERR_PRIVATE_KEY'
  /** The key cannot sign by this scheme: choose among `Signer.schemes`. */
  | 'ERR_SIGNATURE_SCHEME'
  /** The native addon is not built, or not for this Node: run `npm run build:native`. */
  | 'ERR_CRYPTO_ADDON'

/** What our own settings or code did wrong. What a peer does wrong is never thrown. */
export class CryptoNodeError extends Error {
  readonly code: CryptoNodeErrorCode

  constructor(code: CryptoNodeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CryptoNodeError'
    this.code = code
  }
}
