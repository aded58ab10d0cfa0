import type { CryptoPort } from '@causeway/crypto'
import type { Instant } from '@causeway/engine'
import type { IpAddress } from '@causeway/wire'
import { COOKIE_SECRET_MS } from '../limits.ts'

/** What a cookie is bound to (RFC 7296 §2.6). */
export interface CookieSubject {
  readonly address: IpAddress
  readonly initiatorSpi: Uint8Array
  readonly nonce: Uint8Array
}

interface Secret {
  readonly version: number
  readonly key: Uint8Array
  readonly since: Instant
}

/**
 * Stateless cookies: a version and HMAC-SHA256(secret, address | SPIi | Ni). The secret changes when it has been
 * in use for {@link COOKIE_SECRET_MS}; a cookie of the one before still counts for as long again.
 */
export class Cookies {
  readonly #crypto: CryptoPort
  #present: Secret | undefined
  #former: Secret | undefined

  constructor(crypto: CryptoPort) {
    this.#crypto = crypto
  }

  create(subject: CookieSubject, now: Instant): Uint8Array {
    return this.#bake(this.#rotate(now), subject)
  }

  /** Whether we gave this cookie, to this subject, not long ago. Compares in constant time. */
  verify(cookie: Uint8Array, subject: CookieSubject, now: Instant): boolean {
    const present = this.#rotate(now)
    const secret = [present, this.#former].find(known => known?.version === cookie[0])
    return secret !== undefined && this.#crypto.equal(cookie, this.#bake(secret, subject))
  }

  #bake({ version, key }: Secret, { address, initiatorSpi, nonce }: CookieSubject): Uint8Array {
    const parts = [address.bytes, initiatorSpi, nonce]
    return Uint8Array.of(version, ...this.#crypto.hmac('SHA256', key, parts))
  }

  #rotate(now: Instant): Secret {
    const present = this.#present
    const age = present ? now - present.since : Number.POSITIVE_INFINITY
    if (present && age < COOKIE_SECRET_MS) return present
    // After a long rest the one before is too old as well.
    this.#former = age < 2 * COOKIE_SECRET_MS ? present : undefined
    const version = ((present?.version ?? 0) + 1) & 0xff
    this.#present = { version, key: this.#crypto.random(32), since: now }
    return this.#present
  }
}
