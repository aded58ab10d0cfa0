export { createSeededCrypto } from './seeded-crypto.ts'
