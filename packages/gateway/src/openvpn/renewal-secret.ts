import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { AuthToken } from '@causeway/openvpn'
import type { Credentials, SessionTerms } from '../authentication/identity.ts'
import { SESSION_TOKEN_START, SIGN_IN_TOKEN_START } from '../authentication/sign-in-token.ts'

const TOKEN_BYTES = 32

/** Of a client that brought none: one without a name sends no token either. It stands for nobody. */
const NAME_OF_NOBODY = 'vpn'

/** What a client that did not sign in by a certificate is to bring. */
export function renewalSecret(
  { username, password }: Pick<Credentials, 'username' | 'password'>,
  { broughtNothing = false }: Pick<SessionTerms, 'broughtNothing'>,
): RenewalSecret {
  if (!broughtNothing) return new RenewalSecret(username, password)
  return new RenewalSecret(username || NAME_OF_NOBODY, undefined, SIGN_IN_TOKEN_START)
}

/**
 * What a client brings when it renegotiates, so that its user is not asked again: the password that it signed in with,
 * or the token that it was given in place of it. Keeps neither, only what they are compared with.
 */
export class RenewalSecret {
  /** For the client; whoever has it can renegotiate this session, and nothing else. */
  readonly authToken: AuthToken
  readonly #key = randomBytes(TOKEN_BYTES)
  readonly #username: string | undefined
  readonly #digests: readonly Buffer[]

  /** @param password `undefined`: the token alone will do. */
  constructor(
    username: string | undefined,
    password: string | undefined,
    tokenStart: string = SESSION_TOKEN_START,
  ) {
    const token = `${tokenStart}${randomBytes(TOKEN_BYTES).toString('base64url')}`
    this.authToken = username === NAME_OF_NOBODY ? { token, username } : { token }
    this.#username = username
    const secrets = password === undefined ? [token] : [password, token]
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
