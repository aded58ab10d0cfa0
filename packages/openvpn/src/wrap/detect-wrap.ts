import type { CryptoPort } from '@causeway/crypto'
import type { ControlPacket } from '../wire/control-packet.ts'
import { carriesWrappedKey, OPCODES, peekOpcode } from '../wire/opcode.ts'
import { type ControlWrap, NO_WRAP, type Unwrapped, type WrapFault } from './control-wrap.ts'
import type { KeyDirection } from './static-key.ts'
import { createTlsAuth, type TlsAuthDigest } from './tls-auth.ts'
import { createTlsCrypt } from './tls-crypt.ts'
import { openTlsCryptV2 } from './tls-crypt-v2.ts'

/** The wraps that a server accepts on one port; what is absent is refused. */
export interface ServerWrapOptions {
  /** 256 bytes. */
  readonly tlsAuth?: {
    readonly staticKey: Uint8Array
    /** Tried in turn. */
    readonly digests: readonly TlsAuthDigest[]
    /** The server's. Tried in turn: usually 0, and `bidirectional` for profiles without `key-direction`. */
    readonly directions: readonly KeyDirection[]
  }
  /** 256 bytes. */
  readonly tlsCrypt?: { readonly staticKey: Uint8Array }
  /** 128 bytes. */
  readonly tlsCryptV2?: { readonly serverKey: Uint8Array }
  readonly allowNone: boolean
}

/** {@link ServerWrapOptions} with the keys made ready once. */
export interface ServerWraps {
  readonly crypto: CryptoPort
  readonly keyed: readonly ControlWrap[]
  readonly tlsCryptV2ServerKey: Uint8Array | undefined
  readonly allowNone: boolean
}

/** The wrap of a client's packet, and the packet. */
export interface DetectedWrap {
  readonly type: 'detected'
  /** For every later packet of this session. */
  readonly wrap: ControlWrap
  readonly unwrapped: Unwrapped
  /** Metadata of the client's tls-crypt-v2 key, type byte included. */
  readonly metadata?: Uint8Array
}

/** Makes the server's wraps ready. */
export function createServerWraps(crypto: CryptoPort, options: ServerWrapOptions): ServerWraps {
  const keyed: ControlWrap[] = []
  if (options.tlsCrypt) keyed.push(createTlsCrypt({ crypto, ...options.tlsCrypt, role: 'server' }))
  const { staticKey, digests = [], directions = [] } = options.tlsAuth ?? {}
  for (const digest of digests)
    for (const direction of directions)
      if (staticKey) keyed.push(createTlsAuth({ crypto, staticKey, digest, direction }))
  return {
    crypto,
    keyed,
    tlsCryptV2ServerKey: options.tlsCryptV2?.serverKey,
    allowNone: options.allowNone,
  }
}

/**
 * Finds the wrap of a packet from an address that has no session: by its opcode for tls-crypt-v2,
 * else by whose MAC fits, else none if that is allowed. Nothing is kept for the packet.
 */
export function detectWrap(wraps: ServerWraps, bytes: Uint8Array): DetectedWrap | WrapFault {
  if (carriesWrappedKey(peekOpcode(bytes))) return detectTlsCryptV2(wraps, bytes)
  for (const wrap of wraps.keyed) {
    const unwrapped = wrap.unwrap(bytes)
    if (unwrapped.type === 'packet') return { type: 'detected', wrap, unwrapped }
  }
  if (!wraps.allowNone) return { type: 'fault', reason: 'no-wrap' }
  const unwrapped = NO_WRAP.unwrap(bytes)
  if (unwrapped.type === 'fault') return unwrapped
  if (!looksUnwrapped(unwrapped.packet)) return { type: 'fault', reason: 'no-wrap' }
  return { type: 'detected', wrap: NO_WRAP, unwrapped }
}

/**
 * Without a MAC any bytes look like a packet. A reset in the clear has nothing but its number 0
 * and, when the server's reset has arrived, the acknowledgement of that; so one that was wrapped
 * with a key we do not have is not answered in the clear.
 */
function looksUnwrapped(packet: ControlPacket): boolean {
  if (packet.opcode !== OPCODES.HARD_RESET_CLIENT_V2) return true
  const acknowledges = packet.acks.length === 0 || (packet.acks.length === 1 && packet.acks[0] === 0)
  return packet.packetId === 0 && acknowledges && packet.payload.length === 0
}

function detectTlsCryptV2(wraps: ServerWraps, bytes: Uint8Array): DetectedWrap | WrapFault {
  if (!wraps.tlsCryptV2ServerKey) return { type: 'fault', reason: 'no-wrap' }
  const opened = openTlsCryptV2(wraps.crypto, wraps.tlsCryptV2ServerKey, bytes)
  return 'reason' in opened ? opened : { type: 'detected', ...opened }
}
