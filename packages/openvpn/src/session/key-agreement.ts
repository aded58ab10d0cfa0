import type { CryptoPort } from '@causeway/crypto'
import type { TlsEstablished } from '../command.ts'
import type { CompressionFraming, DataCipher, DataDigest, DataKeys, KeyId } from '../data-channel.ts'
import { expandKeysByPrf, sliceDataKeys } from '../key-method/key-derivation.ts'
import {
  type KeyMethodMessage,
  type KeySource,
  PRE_MASTER_BYTES,
  RANDOM_BYTES,
} from '../key-method/key-method-2.ts'
import type { WrapRole } from '../wrap/control-wrap.ts'

/** All that both sides have told each other in one key negotiation. */
export interface KeyAgreement {
  readonly established: TlsEstablished
  /** The client's message, without its password, which nobody needs after the request. */
  readonly client: Omit<KeyMethodMessage, 'password'>
  /** The server's random material. */
  readonly server: KeySource
}

/** How a session's data channel works. Agreed with its first key and kept for all later ones. */
export interface DataTerms {
  readonly cipher: DataCipher
  /** For CBC ciphers. */
  readonly digest: DataDigest | undefined
  readonly format: 'standard' | 'epoch'
  /** Key material from the TLS exporter, or from the PRF of TLS 1.0. */
  readonly derivation: 'export' | 'prf'
  readonly compression: CompressionFraming
}

export interface DataKeyInput {
  readonly crypto: CryptoPort
  readonly role: WrapRole
  readonly keyId: KeyId
  readonly terms: DataTerms
  readonly agreement: KeyAgreement
  readonly clientSessionId: Uint8Array
  readonly serverSessionId: Uint8Array
}

/** A copy that outlives the command that brought it. */
export function keepEstablished(established: TlsEstablished): TlsEstablished {
  return {
    ...established,
    peerChain: established.peerChain.map(certificate => certificate.slice()),
    dataKeyExport: established.dataKeyExport.slice(),
    dynamicTlsCryptExport: established.dynamicTlsCryptExport.slice(),
  }
}

/** The keys of one negotiation, ready for the datapath. */
export function deriveDataKeys(input: DataKeyInput): DataKeys {
  const { keyId, role, terms } = input
  const { cipher, format, compression } = terms
  const digest = terms.digest && { digest: terms.digest }
  const keys = sliceDataKeys(keyMaterial(input), { role, cipher, format, ...digest })
  return { keyId, cipher, format, compression, ...digest, ...keys }
}

function keyMaterial({
  crypto,
  terms,
  agreement,
  clientSessionId,
  serverSessionId,
}: DataKeyInput): Uint8Array {
  const { established, client, server } = agreement
  if (terms.derivation === 'export') return established.dataKeyExport
  const { preMaster = new Uint8Array(PRE_MASTER_BYTES), ...randoms } = client.keySource
  return expandKeysByPrf(crypto, {
    client: { preMaster, ...randoms },
    server,
    clientSessionId,
    serverSessionId,
  })
}

/** Fresh random material; a client's has a pre-master. */
export function freshKeySource(crypto: CryptoPort, role: 'server'): KeySource
export function freshKeySource(crypto: CryptoPort, role: 'client'): Required<KeySource>
export function freshKeySource(crypto: CryptoPort, role: WrapRole): KeySource {
  const randoms = { random1: crypto.random(RANDOM_BYTES), random2: crypto.random(RANDOM_BYTES) }
  return role === 'client' ? { preMaster: crypto.random(PRE_MASTER_BYTES), ...randoms } : randoms
}
