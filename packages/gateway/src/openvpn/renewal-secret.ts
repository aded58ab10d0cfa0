import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const TOKEN_BYTES = 32

/**
 * What a client brings when it renegotiates, so that its user is not asked again: the password that it signed in with,
 * or the token that it was given in place of it. Keeps neither, only what they are compared with.
 */
export class RenewalSecret {
  /** For the client; whoever has it can renegotiate this session, and nothing else. */
  readonly token: string = randomBytes(TOKEN_BYTES).toString('base64url')
  readonly #key = randomBytes(TOKEN_BYTES)
  readonly #username: string | undefined
  readonly #digests: readonly Buffer[]

  constructor(username: string | undefined, password: string | undefined) {
    this.#username = username
    const secrets = password === undefined ? [this.token] : [password, this.token]
    this.#digests = secrets.map(secret => this.#digest(secret))
  }

  holds(username: string | undefined, password: string | undefined): boolean {
    if (password === undefined || username !== this.#username) return false
    const given = this.#digest(password)
    // All of them, so that time does not tell which.
    return this.#digests.map(digest => timingSafeEqual(digest, given)).includes(true)
  }

  #digest(secret: string): Buffer {
    return createHmac('sha256', this.#key).update(secret).digest()
  }
}
