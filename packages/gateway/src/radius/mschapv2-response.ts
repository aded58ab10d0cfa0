import { createCipheriv, createHash } from 'node:crypto'
import type { AccessCredential } from '@causeway/radius'
import { md4 } from './md4.ts'

type Mschapv2Credential = Extract<AccessCredential, { readonly type: 'mschapv2' }>

/** What a peer of MS-CHAPv2 has chosen by chance: 16 octets each. */
export interface Mschapv2Challenges {
  readonly challenge: Uint8Array
  readonly peerChallenge: Uint8Array
}

/** A response, and the words by which a server proves that it knows the password too. */
export interface Mschapv2Response {
  readonly credential: Mschapv2Credential
  /** `S=` and 40 hexadecimal digits. */
  readonly proof: string
}

/** From the specification (RFC 2759 §8.7). */
const MAGIC_1 = 'Magic server to client signing constant'
const MAGIC_2 = 'Pad to make it do more than one iteration'

const IDENTIFIER = 1

/** Both ends of MS-CHAPv2 but the server's check (RFC 2759 §8), for a password that is here in the clear. */
export function respondMschapv2(
  userName: string,
  password: string,
  { challenge, peerChallenge }: Mschapv2Challenges,
): Mschapv2Response {
  const passwordHash = md4(Buffer.from(password, 'utf16le'))
  const hash = sha1(peerChallenge, challenge, withoutDomain(userName)).subarray(0, 8)
  const ntResponse = challengeResponse(hash, passwordHash)
  const digest = sha1(md4(passwordHash), ntResponse, MAGIC_1)
  const proof = `S=${sha1(digest, hash, MAGIC_2).toString('hex').toUpperCase()}`
  passwordHash.fill(0)
  return {
    credential: { type: 'mschapv2', identifier: IDENTIFIER, challenge, peerChallenge, ntResponse },
    proof,
  }
}

/** RFC 2759 §4: a domain before the name is no part of it. */
function withoutDomain(userName: string): string {
  return userName.slice(userName.lastIndexOf('\\') + 1)
}

/** RFC 2759 §8.5: the hash, made longer by zeros, is three keys of DES. */
function challengeResponse(hash: Uint8Array, passwordHash: Uint8Array): Uint8Array {
  const keys = new Uint8Array(21)
  keys.set(passwordHash)
  return new Uint8Array(Buffer.concat([0, 7, 14].map(at => des(keys.subarray(at, at + 7), hash))))
}

/** OpenSSL 3 has no DES alone; three times with one key it is the same. */
function des(key: Uint8Array, block: Uint8Array): Buffer {
  const spread = spreadKey(key)
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([spread, spread, spread]), null)
  cipher.setAutoPadding(false)
  return Buffer.concat([cipher.update(block), cipher.final()])
}

/** RFC 2759 §8.6: seven bits in each octet; the lowest is parity, which nobody looks at. */
function spreadKey(key: Uint8Array): Buffer {
  const bits = key.reduce((all, octet) => (all << 8n) | BigInt(octet), 0n)
  return Buffer.from(Array.from({ length: 8 }, (_, i) => Number((bits >> BigInt(49 - 7 * i)) & 0x7fn) << 1))
}

function sha1(...parts: readonly (Uint8Array | string)[]): Buffer {
  const hash = createHash('sha1')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
