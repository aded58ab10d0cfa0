import { openDataDirectory } from '@causeway/store'
import { openSigningKeys } from '@causeway/token-service'
import { decodeJwt, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

/** A signer of tokens like another one, each with something changed. */
export type Forger = (changes: JWTPayload) => Promise<string>

/** Signs with the installation's own key. Errors: its gateway runs, and has the data directory to itself. */
export async function forgerOf(data: string, token: string): Promise<Forger> {
  const directory = await openDataDirectory(data)
  try {
    const keys = await openSigningKeys({ store: directory.secrets, now: Math.floor(Date.now() / 1_000) })
    const { keyId, privateKey } = await keys.signer(Math.floor(Date.now() / 1_000))
    return signer(token, keyId, privateKey)
  } finally {
    directory.close()
  }
}

/** Signs with a key of a stranger. */
export async function strangerOf(token: string, keyId: string): Promise<Forger> {
  const { privateKey } = await generateKeyPair('RS256')
  return signer(token, keyId, privateKey)
}

function signer(token: string, keyId: string, key: Parameters<SignJWT['sign']>[0]): Forger {
  const claims = decodeJwt(token)
  return changes =>
    new SignJWT({ ...claims, ...changes })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: keyId })
      .sign(key)
}
