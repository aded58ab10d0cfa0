import { writeCertificateRequest } from '../auth/certificates.ts'
import { findNotify, findPayload, notify } from '../exchange/notify.ts'
import { VENDOR_ID_BYTES, VENDOR_IDS } from '../limits.ts'
import type { PeerTerms } from '../peer-terms.ts'
import type { PeerAbilities } from '../sa/ike-sa.ts'
import { NOTIFY } from '../wire/numbers.ts'
import type { Payload, Proposal } from '../wire/payload.ts'
import { recognizeSoftware } from './vendor-ids.ts'

/** What every IKE_SA_INIT that leads to keys holds (RFC 7296 §1.2). */
export interface InitialOffer {
  readonly proposals: readonly Proposal[]
  readonly group: number
  readonly publicValue: Uint8Array
  readonly nonce: Uint8Array
}

/** Nobody has asked for one before IKE_AUTH. */
const NO_ADDRESSES = { ipv4: false, ipv6: false } as const
/** Bytes of our nonces: at least half of what any PRF here has as key (RFC 7296 §2.10). */
export const NONCE_BYTES = 32
/** Hash functions that we verify and sign with (RFC 7427 §4): SHA-256, SHA-384, SHA-512. SHA-1 only the old way. */
const SIGNATURE_HASHES = [2, 3, 4] as const

/** A text: what is missing. */
export function readInitialOffer(payloads: readonly Payload[]): InitialOffer | string {
  for (const type of ['SA', 'KE', 'NONCE'] as const)
    if (payloads.filter(payload => payload.type === type).length !== 1) return `not one ${type} payload`
  const sa = findPayload(payloads, 'SA')
  const ke = findPayload(payloads, 'KE')
  const nonce = findPayload(payloads, 'NONCE')
  if (!sa || !ke || !nonce) return 'a payload is missing'
  return { proposals: sa.proposals, group: ke.group, publicValue: ke.data, nonce: nonce.data }
}

/** What the peer's first message shows that it can do. */
export function readAbilities(payloads: readonly Payload[]): PeerAbilities {
  const vendorIds = payloads
    .flatMap(payload =>
      payload.type === 'V' && payload.data.length <= VENDOR_ID_BYTES ? [payload.data] : [],
    )
    .slice(0, VENDOR_IDS)
  return {
    fragmentation: findNotify(payloads, NOTIFY.IKEV2_FRAGMENTATION_SUPPORTED) !== undefined,
    mobike: false,
    childless: findNotify(payloads, NOTIFY.CHILDLESS_IKEV2_SUPPORTED) !== undefined,
    signatureHashes: readSignatureHashes(payloads),
    vendorIds,
    software: recognizeSoftware(vendorIds),
    authLifetimeSeconds: undefined,
    askedAddresses: NO_ADDRESSES,
  }
}

/** What we show as initiator. */
export function initiatorAbilities(): Payload[] {
  return [notify(NOTIFY.IKEV2_FRAGMENTATION_SUPPORTED), signatureHashes()]
}

/** What we show as responder: only what the initiator has shown that it understands, to stay small. */
export function responderAbilities(peer: PeerAbilities, terms: PeerTerms): Payload[] {
  const payloads: Payload[] = []
  if (peer.fragmentation) payloads.push(notify(NOTIFY.IKEV2_FRAGMENTATION_SUPPORTED))
  if (peer.signatureHashes.size > 0) payloads.push(signatureHashes())
  payloads.push(notify(NOTIFY.CHILDLESS_IKEV2_SUPPORTED))
  if (terms.peer.certificate) payloads.push(...writeCertificateRequest(terms.authorityKeyHashes))
  return payloads
}

function signatureHashes(): Payload {
  return notify(
    NOTIFY.SIGNATURE_HASH_ALGORITHMS,
    Uint8Array.from(SIGNATURE_HASHES.flatMap(hash => [0, hash])),
  )
}

function readSignatureHashes(payloads: readonly Payload[]): ReadonlySet<number> {
  const data = findNotify(payloads, NOTIFY.SIGNATURE_HASH_ALGORITHMS)?.data ?? new Uint8Array()
  const hashes = new Set<number>()
  // Registered numbers fit one byte; what does not is none of ours.
  for (let at = 0; at + 1 < data.length; at += 2) if (data[at] === 0) hashes.add(data[at + 1] as number)
  return hashes
}
