import { formatHex } from '@causeway/wire'

/** What the field sends, by its beginning in hex. Observed; there is no registry. */
const KNOWN: readonly (readonly [prefix: string, software: string])[] = [
  // MD5 of "MS NT5 ISAKMPOAKLEY", then four bytes of version.
  ['1e2b516905991c7d7c96fcbfb587e461', 'Windows'],
  // MD5 of "MS-Negotiation Discovery Capable".
  ['fb1de3cdf341b7ea16b7e5be0855f120', 'Windows'],
  // MD5 of "strongSwan".
  ['882fe56d6fd20dbc2251613b2ebe5beb', 'strongSwan'],
]

/** Vendor ids that are plain text. */
const SPELLED: readonly (readonly [prefix: string, software: string])[] = [
  ['OE-Libreswan-', 'libreswan'],
  ['strongSwan ', 'strongSwan'],
  ['CISCO', 'Cisco'],
  ['FLEXVPN-SUPPORTED', 'Cisco'],
]

/**
 * Which software sends such vendor ids; empty when none tells. openiked, Apple's and Android's clients send none
 * that would.
 */
export function recognizeSoftware(vendorIds: readonly Uint8Array[]): string {
  for (const vendorId of vendorIds) {
    const hex = formatHex(vendorId)
    const text = String.fromCharCode(...vendorId.subarray(0, 32))
    const known =
      KNOWN.find(([prefix]) => hex.startsWith(prefix)) ?? SPELLED.find(([prefix]) => text.startsWith(prefix))
    if (known) return known[1]
  }
  return ''
}
