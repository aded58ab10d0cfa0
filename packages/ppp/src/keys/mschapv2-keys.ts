import type { CryptoPort } from '@causeway/crypto'
import { asciiBytes } from '@causeway/wire'
import type { PppKeys } from '../authentication.ts'
import { PppError } from '../ppp-error.ts'

const HASH_HASH_BYTES = 16
const NT_RESPONSE_BYTES = 24
const KEY_BYTES = 16

/** Constants of RFC 3079 §3.4. */
const MASTER = asciiBytes('This is the MPPE Master Key')
const CLIENT_SENDS = asciiBytes(
  'On the client side, this is the send key; on the server side, it is the receive key.',
)
const SERVER_SENDS = asciiBytes(
  'On the client side, this is the receive key; on the server side, it is the send key.',
)
const PAD_1 = new Uint8Array(40)
const PAD_2 = new Uint8Array(40).fill(0xf2)

/** The keys of one authentication at both ends: what one sends with, the other receives with. */
export interface BothEndsKeys {
  readonly server: PppKeys
  readonly client: PppKeys
}

/**
 * The master keys of MS-CHAPv2, 16 bytes each (RFC 3079 §3.3, MasterSendKey and MasterReceiveKey for 128 bits): of the
 * NT hash of the NT password hash (RFC 2759 §8.4), 16 bytes, and the NT-Response, 24 bytes.
 * Errors: `ERR_PPP_KEYS` on other lengths.
 */
export function mschapv2Keys(
  crypto: Pick<CryptoPort, 'hash'>,
  passwordHashHash: Uint8Array,
  ntResponse: Uint8Array,
): BothEndsKeys {
  if (passwordHashHash.length !== HASH_HASH_BYTES || ntResponse.length !== NT_RESPONSE_BYTES)
    throw new PppError('ERR_PPP_KEYS', `MS-CHAPv2 has ${HASH_HASH_BYTES} and ${NT_RESPONSE_BYTES} bytes`)
  const master = crypto.hash('SHA1', [passwordHashHash, ntResponse, MASTER]).subarray(0, KEY_BYTES)
  const startKey = (magic: Uint8Array): Uint8Array =>
    crypto.hash('SHA1', [master, PAD_1, magic, PAD_2]).slice(0, KEY_BYTES)
  const [clientSend, serverSend] = [startKey(CLIENT_SENDS), startKey(SERVER_SENDS)]
  return {
    server: { send: serverSend, receive: clientSend },
    client: { send: clientSend.slice(), receive: serverSend.slice() },
  }
}
