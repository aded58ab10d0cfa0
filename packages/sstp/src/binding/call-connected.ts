import type { CryptoPort } from '@causeway/crypto'
import type { PppKeys } from '@causeway/ppp'
import type { CertificateHashes } from '../sstp-command.ts'
import type { CryptoBinding } from '../wire/crypto-binding.ts'
import { writeControlPacket } from '../wire/packet.ts'
import { type BindingHash, certificateField, chosenHash, HASH_PROTOCOLS, hashBytes } from './binding-hash.ts'
import { acceptedKeys, COMPOUND_MAC_OFFSET, compoundMac } from './compound-mac.ts'

/** What a client binds, and by which hash. */
export interface BindingTerms {
  readonly hash: BindingHash
  /** Of the server's request, 32 bytes. */
  readonly nonce: Uint8Array
  readonly certificate: CertificateHashes
  /** {@link higherLayerKey}. */
  readonly key: Uint8Array
}

/** A client's Call Connected message with its proof. */
export function writeCallConnected(crypto: Pick<CryptoPort, 'hmac'>, terms: BindingTerms): Uint8Array {
  const { hash, nonce, certificate, key } = terms
  const binding: CryptoBinding = {
    hashProtocol: HASH_PROTOCOLS[hash],
    nonce,
    certificateHash: certificateField(certificate, hash),
    compoundMac: new Uint8Array(hashBytes(hash)),
  }
  const packet = writeControlPacket({ type: 'call-connected', binding })
  packet.set(compoundMac(crypto, hash, key, packet), COMPOUND_MAC_OFFSET)
  return packet
}

/** A Call Connected message whose nonce and certificate are right, and whose MAC is still to be checked. */
export interface ClaimedBinding {
  readonly hash: BindingHash
  /** The whole message, 112 bytes. */
  readonly packet: Uint8Array
}

/** What a server checks a binding against. */
export interface ExpectedBinding {
  readonly hashes: readonly BindingHash[]
  readonly nonce: Uint8Array
  readonly certificate: CertificateHashes
}

/**
 * Checks all that can be checked before authentication has ended. Text: why it does not hold. `packet` is copied.
 */
export function claimBinding(
  crypto: Pick<CryptoPort, 'equal'>,
  { hashProtocol, nonce, certificateHash }: CryptoBinding,
  packet: Uint8Array,
  expected: ExpectedBinding,
): ClaimedBinding | string {
  const hash = chosenHash(hashProtocol, expected.hashes)
  if (!hash) return 'a hash that was not offered'
  const length = hashBytes(hash)
  const ours = certificateField(expected.certificate, hash).subarray(0, length)
  if (!crypto.equal(nonce, expected.nonce)) return 'another nonce'
  if (!crypto.equal(certificateHash.subarray(0, length), ours)) return 'another certificate'
  return { hash, packet: packet.slice() }
}

/** Whether the compound MAC of a claimed binding is one that authentication's keys make; they are from our side. */
export function bindingHolds(
  crypto: Pick<CryptoPort, 'equal' | 'hmac'>,
  { hash, packet }: ClaimedBinding,
  keys: PppKeys | undefined,
): boolean {
  const mac = packet.subarray(COMPOUND_MAC_OFFSET, COMPOUND_MAC_OFFSET + hashBytes(hash))
  return acceptedKeys(keys).some(key => crypto.equal(mac, compoundMac(crypto, hash, key, packet)))
}
