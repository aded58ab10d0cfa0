import type { CryptoPort } from '@causeway/crypto'
import { sealRandomRequest } from '../protection/seal.ts'
import { CODES } from '../wire/code.ts'
import { AUTHENTICATOR_BYTES } from '../wire/packet.ts'
import type { Addressee, WrittenRequest } from './request-plan.ts'

/** The answers that each kind of port gives to Status-Server (RFC 5997 §4.2). */
export const STATUS_ANSWER_CODES: ReadonlySet<number> = new Set([
  CODES.ACCESS_ACCEPT,
  CODES.ACCOUNTING_RESPONSE,
])

/** Writes a Status-Server, which asks nothing but whether the server is there (RFC 5997 §3). */
export function writeStatusServer(
  crypto: Pick<CryptoPort, 'random' | 'hash' | 'hmac'>,
  { secret, own }: Addressee,
  identifier: number,
): WrittenRequest {
  const authenticator = crypto.random(AUTHENTICATOR_BYTES)
  const body = { code: CODES.STATUS_SERVER, identifier, attributes: own }
  return { authenticator, bytes: sealRandomRequest(crypto, secret, body, authenticator) }
}
