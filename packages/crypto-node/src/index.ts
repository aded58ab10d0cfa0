export { CryptoNodeError, type CryptoNodeErrorCode } from './errors.ts'
export { createNodeCrypto } from './node-crypto.ts'
export { createSigner, type Signer, type SignerKey } from './signer.ts'
