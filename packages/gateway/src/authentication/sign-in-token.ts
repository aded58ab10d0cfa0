/**
 * So begin the tokens that a client is given when its user has signed in elsewhere. When it connects anew it brings
 * one as its password, which then says nothing but that the user has to sign in again.
 */
export const SIGN_IN_TOKEN_START = 'signed-in-'

const signInToken = /^signed-in-[A-Za-z0-9_-]{43}$/

export function isSignInToken(password: string): boolean {
  return signInToken.test(password)
}
