export { createNodeCrypto } from './node-crypto.ts'
