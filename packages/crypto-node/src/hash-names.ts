import type { HashName } from '@causeway/crypto'

/** The names by which OpenSSL knows the hashes. */
export const OPENSSL_HASH: Readonly<Record<HashName, string>> = {
  MD5: 'md5',
  SHA1: 'sha1',
  SHA256: 'sha256',
  SHA384: 'sha384',
  SHA512: 'sha512',
}
