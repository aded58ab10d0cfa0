import type { CryptoPort } from '@causeway/crypto'
import { concatBytes } from '@causeway/wire'
import { carriesWrappedKey, peekOpcode } from '../wire/opcode.ts'
import { openClientKey, type TlsCryptV2ClientKey, wrappedKeyLength } from './client-key.ts'
import type { ControlWrap, Unwrapped, WrapFault } from './control-wrap.ts'
import { createTlsCrypt, TLS_CRYPT_OVERHEAD } from './tls-crypt.ts'

/** A client's wrap as the server found it in the packet that carried the client's key. */
export interface OpenedWrap {
  readonly wrap: ControlWrap
  readonly unwrapped: Unwrapped
  /** The key's metadata, type byte included: see `readClientKeyMetadata`. */
  readonly metadata: Uint8Array
}

/** The client's side: the wrapped key goes at the end of the packets that carry one. */
export function createTlsCryptV2Client(crypto: CryptoPort, key: TlsCryptV2ClientKey): ControlWrap {
  const inner = createTlsCrypt({ crypto, staticKey: key.staticKey, role: 'client' })
  return {
    ...inner,
    kind: 'tls-crypt-v2',
    overheadBytes: opcode => TLS_CRYPT_OVERHEAD + (carriesWrappedKey(opcode) ? key.wrappedKey.length : 0),
    wrap: (packet, stamp) => {
      const bytes = inner.wrap(packet, stamp)
      return carriesWrappedKey(packet.opcode) ? concatBytes([bytes, key.wrappedKey]) : bytes
    },
  }
}

/** The server's side of one session, once it knows the client's key. */
export function createTlsCryptV2Session(crypto: CryptoPort, staticKey: Uint8Array): ControlWrap {
  const inner = createTlsCrypt({ crypto, staticKey, role: 'server' })
  return {
    ...inner,
    kind: 'tls-crypt-v2',
    unwrap: bytes => {
      const packet = withoutWrappedKey(bytes)
      return packet ? inner.unwrap(packet) : { type: 'fault', reason: 'wrapped-key' }
    },
  }
}

/**
 * Opens a packet that carries its client's key: first the key with the server's, then the packet
 * with the client's. Keeps nothing.
 */
export function openTlsCryptV2(
  crypto: CryptoPort,
  serverKey: Uint8Array,
  bytes: Uint8Array,
): OpenedWrap | WrapFault {
  const length = carriesWrappedKey(peekOpcode(bytes)) ? wrappedKeyLength(bytes) : undefined
  const key = length && openClientKey(crypto, serverKey, bytes.subarray(bytes.length - length))
  if (!key) return { type: 'fault', reason: 'wrapped-key' }
  const wrap = createTlsCryptV2Session(crypto, key.staticKey)
  const unwrapped = wrap.unwrap(bytes)
  return unwrapped.type === 'fault' ? unwrapped : { wrap, unwrapped, metadata: key.metadata }
}

function withoutWrappedKey(bytes: Uint8Array): Uint8Array | undefined {
  if (!carriesWrappedKey(peekOpcode(bytes))) return bytes
  const length = wrappedKeyLength(bytes)
  return length === undefined ? undefined : bytes.subarray(0, bytes.length - length)
}
