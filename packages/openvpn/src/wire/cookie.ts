import type { CryptoPort } from '@causeway/crypto'
import { Writer } from '@causeway/wire'
import type { Path } from '../path.ts'
import { SESSION_ID_BYTES } from './control-packet.ts'

/**
 * The server's session id as a cookie: a client that repeats it has received it at its address, so
 * the server keeps nothing until then. It is an HMAC over the client's session id, the path and the
 * time slot, cut to 8 bytes.
 */
export interface CookieOptions {
  readonly crypto: CryptoPort
  /** From {@link createCookieSecret}; lives as long as the server. */
  readonly secret: Uint8Array
  /** How long a handshake may take, in milliseconds. A time slot is half of it. */
  readonly handWindowMilliseconds: number
}

/** Whose cookie it is. */
export interface CookieSubject {
  readonly clientSessionId: Uint8Array
  readonly path: Path
}

const SECRET_BYTES = 32
/** A cookie holds in its own slot and in the two after it. */
const SLOTS_ACCEPTED = 3

/** A fresh server secret. */
export function createCookieSecret(crypto: CryptoPort): Uint8Array {
  return crypto.random(SECRET_BYTES)
}

/** The server session id for this client now (`now` of any clock that never goes back, in milliseconds). */
export function createCookie(options: CookieOptions, subject: CookieSubject, now: number): Uint8Array {
  return cookieOfSlot(options, subject, timeSlot(options, now))
}

/** Whether the session id is a cookie of ours for this client, made in this slot or the two before. */
export function verifyCookie(
  options: CookieOptions,
  subject: CookieSubject,
  cookie: Uint8Array,
  now: number,
): boolean {
  const slot = timeSlot(options, now)
  let valid = false
  for (let age = 0; age < SLOTS_ACCEPTED; age++) {
    const matches = options.crypto.equal(cookieOfSlot(options, subject, slot - age), cookie)
    valid = matches || valid
  }
  return valid
}

function timeSlot(options: CookieOptions, now: number): number {
  return Math.floor(now / (options.handWindowMilliseconds / 2))
}

function cookieOfSlot({ crypto, secret }: CookieOptions, subject: CookieSubject, slot: number): Uint8Array {
  const { path, clientSessionId } = subject
  const writer = new Writer(64)
    .u64(BigInt.asUintN(64, BigInt(slot)))
    .u8(path.type === 'udp' ? 0 : 1)
    .u64(BigInt(path.type === 'udp' ? path.port : path.stream))
    .u8(path.remote.address.family)
    .bytes(path.remote.address.bytes)
    .u16(path.remote.port)
    .bytes(clientSessionId)
  return crypto.hmac('SHA256', secret, [writer.finish()]).slice(0, SESSION_ID_BYTES)
}
