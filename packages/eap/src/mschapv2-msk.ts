import { concatBytes } from '@causeway/wire'
import { EapError } from './eap-error.ts'
import { MSK_BYTES } from './tls/tls-keys.ts'

/**
 * Keys of MSCHAPv2 by RFC 3079 §3.3, 16 bytes each, named from the server's side: what it receives with,
 * the peer sends with.
 */
export interface Mschapv2Keys {
  readonly serverReceive: Uint8Array
  readonly serverSend: Uint8Array
}

const KEY_BYTES = 16

/**
 * The MSK of EAP-MSCHAPv2: MasterReceiveKey ‖ MasterSendKey ‖ 32 bytes of zeros ([MS-CHAP] §3.1.5.1), both
 * from the server's side, so that it is the same at both ends.
 * Errors: `ERR_EAP_REPLY` when a key has not 16 bytes.
 */
export function mschapv2Msk({ serverReceive, serverSend }: Mschapv2Keys): Uint8Array {
  if (serverReceive.length !== KEY_BYTES || serverSend.length !== KEY_BYTES) {
    throw new EapError('ERR_EAP_REPLY', `keys of MSCHAPv2 have ${KEY_BYTES} bytes`)
  }
  return concatBytes([serverReceive, serverSend, new Uint8Array(MSK_BYTES - 2 * KEY_BYTES)])
}
