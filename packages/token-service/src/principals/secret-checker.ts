import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { limits } from '../limits.ts'
import { HashingGate } from '../pace/hashing-gate.ts'
import { isClientSecret, mayBeSecret } from './client-secret.ts'
import type { StoredSecret } from './principal.ts'

/**
 * Checks secrets, each right one with scrypt once: of those that were right it keeps a digest under a key that ends with
 * the process. A thousand programs that start with one secret are then no thousand hashes.
 */
export class SecretChecker {
  readonly #gate: HashingGate
  readonly #key = randomBytes(32)
  /** Digests of texts that were right, by the hash that they fit. */
  readonly #right = new Map<string, Buffer>()
  /** Checks under way, by hash and digest. */
  readonly #pending = new Map<string, Promise<boolean | 'busy'>>()

  constructor(gate: HashingGate = new HashingGate()) {
    this.#gate = gate
  }

  /** Whether `text` is the secret; `'busy'` when too many others are being checked. */
  async check(text: string, stored: StoredSecret): Promise<boolean | 'busy'> {
    if (!mayBeSecret(text, stored)) return false
    const digest = createHmac('sha256', this.#key).update(text).digest()
    const known = this.#right.get(stored.hash)
    if (known && timingSafeEqual(known, digest)) return true
    const name = `${stored.hash} ${digest.toString('base64')}`
    const pending = this.#pending.get(name) ?? this.#hash(text, stored, digest)
    this.#pending.set(name, pending)
    try {
      return await pending
    } finally {
      this.#pending.delete(name)
    }
  }

  async #hash(text: string, stored: StoredSecret, digest: Buffer): Promise<boolean | 'busy'> {
    const isRight = await this.#gate.run(() => isClientSecret(text, stored))
    if (isRight !== true) return isRight
    for (const oldest of this.#right.keys()) {
      if (this.#right.size < limits.rememberedSecrets) break
      this.#right.delete(oldest)
    }
    this.#right.set(stored.hash, digest)
    return true
  }
}
