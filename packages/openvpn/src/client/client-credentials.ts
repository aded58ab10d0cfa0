import type { Credentials } from '../command.ts'
import type { AuthToken } from '../push-options.ts'

/** Who a session says that its user is. Secret. */
export class ClientCredentials {
  readonly #own: Credentials | undefined
  #token: AuthToken | undefined

  /** `token`: kept from an earlier session. */
  constructor(own: Credentials | undefined, token: AuthToken | undefined) {
    this.#own = own
    this.#token = token
  }

  /** What the server gave last and has not refused since. */
  get token(): AuthToken | undefined {
    return this.#token
  }

  /** What to send: a token in place of the password, when there is a name to go with it. */
  get present(): Credentials | undefined {
    const username = this.#token?.username ?? this.#own?.username
    if (!this.#token || username === undefined) return this.#own
    return { username, password: this.#token.token }
  }

  /** The server gave a token. One without a name goes with the name of the one before. */
  renew(token: AuthToken): void {
    this.#token = { ...(this.#token?.username !== undefined && { username: this.#token.username }), ...token }
  }

  /** The server refused: the user's own credentials are good for more than the token. */
  forgetToken(): void {
    this.#token = undefined
  }
}
