export { createPermissiveCrypto } from './permissive-crypto.ts'
export { createSeededCrypto, type SeededCryptoOptions } from './seeded-crypto.ts'
