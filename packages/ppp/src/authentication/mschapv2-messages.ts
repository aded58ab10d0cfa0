/** ERROR_AUTHENTICATION_FAILURE (RFC 2759 §6). */
export const AUTHENTICATION_FAILURE = 691

/** `S=` and the 20 bytes of the authenticator response in hexadecimal (RFC 2759 §5). */
const AUTHENTICATOR_RESPONSE = /^S=[0-9A-Fa-f]{40}$/
const AUTHENTICATOR_RESPONSE_CHARACTERS = 42

export function isAuthenticatorResponse(text: string | undefined): text is string {
  return text !== undefined && AUTHENTICATOR_RESPONSE.test(text)
}

/** The authenticator response that a Success begins with; `undefined` when it does not. */
export function authenticatorResponseOf(message: Uint8Array): string | undefined {
  let text = ''
  for (const byte of message.subarray(0, AUTHENTICATOR_RESPONSE_CHARACTERS)) text += String.fromCharCode(byte)
  return isAuthenticatorResponse(text) ? text : undefined
}
