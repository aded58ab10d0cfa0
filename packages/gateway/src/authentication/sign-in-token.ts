/**
 * So begin the tokens that a client is given when its user has signed in elsewhere. When it connects anew it brings
 * one as its password, which then says nothing but that the user has to sign in again.
 */
export const SIGN_IN_TOKEN_START = 'signed-in-'

const signInToken = /^signed-in-[A-Za-z0-9_-]{43}$/

/**
 * What profiles for sign-in through the browser have as their password: OpenVPN connects with no profile that has
 * neither a certificate nor a name and a password. It is in all of them and says nothing.
 */
export const BROWSER_CREDENTIALS = { username: 'browser', password: 'sign-in-by-browser' } as const

/** Whether a password is none: no user has it, and no server need be asked about it. */
export function isNoPassword(password: string): boolean {
  return password === '' || password === BROWSER_CREDENTIALS.password || signInToken.test(password)
}
