import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

const SECRET_BYTES = 32
const secretForm = /^[A-Za-z0-9_-]{43}$/

/**
 * What tells a form of ours from one that another site had the browser send. The browser keeps a secret in a cookie
 * that no other site can set; the form has a token of it and of the one thing that the form is about. Nothing is kept
 * here.
 */
export class FormTokens {
  readonly #key = randomBytes(SECRET_BYTES)

  /** The secret that a browser has already, or a new one. */
  secretOf(cookie: string | undefined): string {
    return cookie !== undefined && secretForm.test(cookie)
      ? cookie
      : randomBytes(SECRET_BYTES).toString('base64url')
  }

  token(secret: string, subject: string): string {
    return this.#mac(secret, subject).toString('base64url')
  }

  isGood(token: string, secret: string | undefined, subject: string): boolean {
    if (secret === undefined || !secretForm.test(secret)) return false
    const wanted = this.#mac(secret, subject)
    const given = Buffer.from(token, 'base64url')
    return given.length === wanted.length && timingSafeEqual(given, wanted)
  }

  #mac(secret: string, subject: string): Buffer {
    return createHmac('sha256', this.#key).update(`${secret}\n${subject}`).digest()
  }
}
