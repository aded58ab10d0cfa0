import { createNodeCrypto } from '@causeway/crypto-node'

/** One crypto port for all targets. */
export const crypto = createNodeCrypto()

/** Keys that never change, so that the corpus stays valid. */
export const STATIC_KEY: Uint8Array = Uint8Array.from({ length: 256 }, (_, i) => (i * 7 + 3) & 0xff)
export const CLIENT_KEY: Uint8Array = Uint8Array.from({ length: 256 }, (_, i) => (i * 11 + 5) & 0xff)
export const SERVER_KEY: Uint8Array = Uint8Array.from({ length: 128 }, (_, i) => (i * 13 + 1) & 0xff)
