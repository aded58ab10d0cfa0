/**
 * So begin the tokens that a client is given when its user has signed in elsewhere. When it connects anew it brings
 * one as its password, which then says nothing but that the user has to sign in again.
 */
export const SIGN_IN_TOKEN_START = 'signed-in-'

/** So begin all others, which stand in place of a password while a session lasts. */
export const SESSION_TOKEN_START = 'session-'

const token = /^(signed-in|session)-[A-Za-z0-9_-]{43}$/
const signInToken = /^signed-in-[A-Za-z0-9_-]{43}$/

/**
 * What profiles for sign-in through the browser have as their password: OpenVPN connects with no profile that has
 * neither a certificate nor a name and a password. It is in all of them and says nothing.
 */
export const BROWSER_CREDENTIALS = { username: 'browser', password: 'sign-in-by-browser' } as const

/** Whether a password is a token of a session: elsewhere it says nothing, and as a password it would count as wrong. */
export function isToken(password: string): boolean {
  return token.test(password)
}

/** Whether a password is none: no user has it, and no server need be asked about it. */
export function isNoPassword(password: string): boolean {
  return password === '' || password === BROWSER_CREDENTIALS.password || signInToken.test(password)
}
