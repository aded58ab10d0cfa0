export {
  type AeadName,
  type CryptoPort,
  type GroupName,
  HASH_BYTES,
  type HashName,
  type KeyAgreement,
  PUBLIC_VALUE_BYTES,
  type SignatureScheme,
} from './crypto-port.ts'
