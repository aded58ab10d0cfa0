import { type CryptoPort, type GroupName, type KeyAgreement, PUBLIC_VALUE_BYTES } from '@causeway/crypto'
import { concatBytes, Reader, utf8Bytes, Writer } from '@causeway/wire'

/** Length of the shared secret in bytes. */
const SECRET_BYTES: Readonly<Record<GroupName, number>> = {
  'MODP-1024': 128,
  'MODP-2048': 256,
  'MODP-2048-256': 256,
  'ECP-256': 32,
  'ECP-384': 48,
  X25519: 32,
}

/** A prime, and a number to multiply with. */
const TOY_PRIME = (1n << 61n) - 1n
const TOY_BASE = 0x1234_5678_9abc_def1n
const TOY_VALUE_BYTES = 8

/**
 * Not a key agreement: public values and secrets have the group's lengths and both ends get the same secret,
 * but anyone who sees a public value can divide. For simulations, where agreement is all that counts.
 *
 * Private x, public x·b mod p in the last 8 bytes, secret a hash of x·y·b mod p and the group's name. Refused
 * are wrong lengths, 0, values from p on, and anything but zeros before the number.
 */
export function createToyAgreement(
  crypto: Pick<CryptoPort, 'random' | 'hash'>,
  group: GroupName,
): KeyAgreement {
  const x = (new Reader(crypto.random(TOY_VALUE_BYTES)).u64('x') % (TOY_PRIME - 1n)) + 1n
  return {
    group,
    publicValue: formatPublicValue(group, (x * TOY_BASE) % TOY_PRIME),
    agree(peer) {
      const value = parsePublicValue(group, peer)
      return value === undefined ? undefined : secretOf(crypto, group, (x * value) % TOY_PRIME)
    },
  }
}

function formatPublicValue(group: GroupName, value: bigint): Uint8Array {
  return concatBytes([
    new Uint8Array(PUBLIC_VALUE_BYTES[group] - TOY_VALUE_BYTES),
    new Writer(TOY_VALUE_BYTES).u64(value).finish(),
  ])
}

function parsePublicValue(group: GroupName, bytes: Uint8Array): bigint | undefined {
  const valueAt = PUBLIC_VALUE_BYTES[group] - TOY_VALUE_BYTES
  if (bytes.length !== PUBLIC_VALUE_BYTES[group]) return undefined
  if (bytes.subarray(0, valueAt).some(byte => byte !== 0)) return undefined
  const value = new Reader(bytes.subarray(valueAt)).u64('public value')
  return value > 0n && value < TOY_PRIME ? value : undefined
}

function secretOf(crypto: Pick<CryptoPort, 'hash'>, group: GroupName, shared: bigint): Uint8Array {
  const blocks: Uint8Array[] = []
  const label = utf8Bytes(`toy ${group}`)
  const number = new Writer(TOY_VALUE_BYTES).u64(shared).finish()
  for (let have = 0; have < SECRET_BYTES[group]; have += 64)
    blocks.push(crypto.hash('SHA512', [label, number, Uint8Array.of(blocks.length)]))
  return concatBytes(blocks).slice(0, SECRET_BYTES[group])
}
