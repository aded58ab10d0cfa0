import type { CryptoPort } from '@causeway/crypto'
import type { ControlWrap, WrapRole } from './control-wrap.ts'
import { mixStaticKeys } from './static-key.ts'
import { createTlsCrypt } from './tls-crypt.ts'

/** TLS exporter label of the key (RFC 5705), no context, 256 bytes. */
export const DYNAMIC_TLS_CRYPT_LABEL = 'EXPORTER-OpenVPN-dynamic-tls-crypt'

export interface DynamicTlsCryptOptions {
  readonly crypto: CryptoPort
  readonly role: WrapRole
  /** 256 bytes exported from the TLS connection of the session's first key (key id 0). */
  readonly exported: Uint8Array
  /** The session's own wrap, whose static key, if it has one, is mixed in. */
  readonly wrap: ControlWrap
}

/**
 * Dynamic tls-crypt (OpenVPN 2.6, `protocol-flags dyn-tls-crypt`): the control packets of every
 * key id above 0 are wrapped with a tls-crypt key of the session's own, with a count of stamps of
 * its own. Key id 0 keeps the session's first wrap.
 */
export function createDynamicTlsCrypt(options: DynamicTlsCryptOptions): ControlWrap {
  const { crypto, role, exported, wrap } = options
  const staticKey = wrap.staticKey ? mixStaticKeys(exported, wrap.staticKey) : exported
  return createTlsCrypt({ crypto, staticKey, role })
}
