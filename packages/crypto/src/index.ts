export { type CryptoPort, HASH_BYTES, type HashName } from './crypto-port.ts'
