import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { createNodeCrypto } from '@causeway/crypto-node'
import type { EapPeerReply } from '@causeway/eap'
import { mschapv2Keys } from '@causeway/ppp'

type Response = Extract<EapPeerReply, { readonly type: 'mschapv2-response' }>

const LEGACY = ['-provider', 'legacy', '-provider', 'default']
/** RFC 2759 §8.7. */
const MAGIC_1 = 'Magic server to client signing constant'
const MAGIC_2 = 'Pad to make it do more than one iteration'

/** A user's answer to a challenge of MS-CHAPv2 (RFC 2759 §8). MD4 and DES are the `openssl` program's. */
export function respond(user: string, password: string, authenticatorChallenge: Uint8Array): Response {
  const peerChallenge = new Uint8Array(randomBytes(16))
  const challenge = sha1(peerChallenge, authenticatorChallenge, user).subarray(0, 8)
  const passwordHash = md4(Buffer.from(password, 'utf16le'))
  const passwordHashHash = md4(passwordHash)
  const ntResponse = challengeResponse(challenge, passwordHash)
  const proof = sha1(sha1(passwordHashHash, ntResponse, MAGIC_1), challenge, MAGIC_2)
  const keys = mschapv2Keys(createNodeCrypto(), passwordHashHash, ntResponse).server
  return {
    type: 'mschapv2-response',
    username: user,
    peerChallenge,
    ntResponse,
    authenticatorResponse: `S=${proof.toString('hex').toUpperCase()}`,
    keys: { serverReceive: keys.receive, serverSend: keys.send },
  }
}

/** What directories keep of a password for MS-CHAP: hexadecimal digits (RFC 2759 §8.3). */
export function ntHash(password: string): string {
  return md4(Buffer.from(password, 'utf16le')).toString('hex').toUpperCase()
}

/** RFC 2759 §8.5: the hash, made longer by zeros, is three keys. */
function challengeResponse(challenge: Uint8Array, passwordHash: Uint8Array): Uint8Array {
  const padded = Buffer.concat([passwordHash, Buffer.alloc(5)])
  const parts = [0, 7, 14].map(at => des(padded.subarray(at, at + 7), challenge))
  return new Uint8Array(Buffer.concat(parts))
}

function md4(data: Uint8Array): Buffer {
  return openssl(['dgst', '-md4', '-binary', ...LEGACY], data)
}

/** Seven bits of the key in each byte, of which the lowest bit does not count. */
function des(key: Uint8Array, block: Uint8Array): Buffer {
  const bits = [...key].map(byte => byte.toString(2).padStart(8, '0')).join('')
  const bytes = (bits.match(/.{7}/g) ?? []).map(seven => Number.parseInt(`${seven}0`, 2))
  const hex = Buffer.from(bytes).toString('hex')
  return openssl(['enc', '-des-ecb', '-K', hex, '-nopad', ...LEGACY], block)
}

function openssl(args: readonly string[], input: Uint8Array): Buffer {
  const done = spawnSync('openssl', args, { input })
  if (done.status !== 0) throw new Error(`openssl ${args[0]}: ${done.stderr}`)
  return done.stdout
}

function sha1(...parts: readonly (Uint8Array | string)[]): Buffer {
  const hash = createHash('sha1')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
