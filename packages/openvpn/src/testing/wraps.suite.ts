import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import type { OpenVpnClientOptions } from '../client/client-options.ts'
import type { OpenVpnServerOptions } from '../server/server-options.ts'
import { createTlsCryptV2ClientKey, createTlsCryptV2ServerKey } from '../wrap/client-key.ts'
import { createTlsAuth } from '../wrap/tls-auth.ts'
import { createTlsCrypt } from '../wrap/tls-crypt.ts'
import { createTlsCryptV2Client } from '../wrap/tls-crypt-v2.ts'

export const WRAPS = ['none', 'tls-auth', 'tls-crypt', 'tls-crypt-v2'] as const
export type Wrap = (typeof WRAPS)[number]

const crypto = createSeededCrypto('keys of the wraps in tests')
const staticKey = crypto.random(256)
const serverKey = createTlsCryptV2ServerKey(crypto)
/** Metadata in the tls-crypt-v2 client key, without its type byte. */
export const METADATA: Uint8Array = Uint8Array.of(1, 2, 3)
const clientKey = createTlsCryptV2ClientKey(crypto, serverKey, { type: 'user', data: METADATA })

/** Both sides' options for one wrap. */
export function wrapOptions(wrap: Wrap): {
  readonly server: Partial<OpenVpnServerOptions>
  readonly client: Partial<OpenVpnClientOptions>
} {
  switch (wrap) {
    case 'none':
      return { server: {}, client: {} }
    case 'tls-auth': {
      const tlsAuth = { staticKey, digests: ['SHA256'] as const, directions: [0] as const }
      const clientWrap = createTlsAuth({ crypto, staticKey, digest: 'SHA256', direction: 1 })
      return { server: { wraps: { allowNone: false, tlsAuth } }, client: { wrap: clientWrap } }
    }
    case 'tls-crypt':
      return {
        server: { wraps: { allowNone: false, tlsCrypt: { staticKey } } },
        client: { wrap: createTlsCrypt({ crypto, staticKey, role: 'client' }) },
      }
    case 'tls-crypt-v2':
      return {
        server: { wraps: { allowNone: false, tlsCryptV2: { serverKey } } },
        client: { wrap: createTlsCryptV2Client(crypto, clientKey) },
      }
    default:
      return wrap satisfies never
  }
}
