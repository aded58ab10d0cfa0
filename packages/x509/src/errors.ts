/** The stable codes of {@link X509Error}. */
export type X509ErrorCode =
  /** Nothing in the input, or no certificate in it. */
  | 'ERR_X509_EMPTY'
  /** More bytes than the named limit. */
  | 'ERR_X509_TOO_LARGE'
  /** More certificates, CRLs or thumbprints than the named limit. */
  | 'ERR_X509_TOO_MANY'
  /** The text is neither PEM nor base64. */
  | 'ERR_X509_ENCODING'
  /** The bytes are not one certificate (or CRL) in DER. */
  | 'ERR_X509_MALFORMED'
  /** A PEM block of another kind, such as a private key. */
  | 'ERR_X509_UNEXPECTED_BLOCK'
  | 'ERR_X509_THUMBPRINT'
  /** An argument that makes no sense: a caller's mistake, or an operator's option. */
  | 'ERR_X509_ARGUMENT'
  /** A private key that cannot be read, or that is of a kind that does not sign here. */
  | 'ERR_X509_KEY'
  /** Certificates without a private key, where there should be one. */
  | 'ERR_X509_NO_KEY'
  /** The issuer is no authority, or would end before what it issues. */
  | 'ERR_X509_ISSUER'
  | 'ERR_X509_PKCS12_MALFORMED'
  | 'ERR_X509_PKCS12_PASSWORD'
  /** The file uses an old algorithm that needs OpenSSL's legacy provider. */
  | 'ERR_X509_PKCS12_LEGACY'
  /** The file lacks a key or a certificate, or the two do not belong together. */
  | 'ERR_X509_PKCS12_CONTENTS'
  | 'ERR_X509_ADDON'

/** The one error that this package throws. The message is a line that says what is wrong and what to do. */
export class X509Error extends Error {
  readonly code: X509ErrorCode

  constructor(code: X509ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'X509Error'
    this.code = code
  }
}
