import type { CryptoPort } from '@causeway/crypto'
import { type Endpoint, sameBytes } from '@causeway/wire'
import { notifiesOf, notify } from '../exchange/notify.ts'
import type { Path } from '../path.ts'
import { NOTIFY } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'

/** Both SPIs as they stand in the header of the message that carries the hashes. */
export interface SpiPair {
  readonly initiatorSpi: Uint8Array
  readonly responderSpi: Uint8Array
}

/** Who is behind a NAT. `undefined`: the peer sent no hashes, so it knows no NAT traversal. */
export interface NatFinding {
  readonly local: boolean
  readonly remote: boolean
}

/** RFC 7296 §2.23: SHA-1(SPIi | SPIr | address | port). */
export function natDetectionHash(crypto: CryptoPort, spis: SpiPair, { address, port }: Endpoint): Uint8Array {
  const portBytes = Uint8Array.of(port >> 8, port & 0xff)
  return crypto.hash('SHA1', [spis.initiatorSpi, spis.responderSpi, address.bytes, portBytes])
}

/**
 * The two notifications for a message that we send by this path. `forced`: our own address is hidden, so that
 * the peer finds a NAT and encapsulates.
 */
export function natDetectionPayloads(
  crypto: CryptoPort,
  spis: SpiPair,
  { local, remote }: Path,
  forced: boolean,
): Payload[] {
  const source = forced ? crypto.random(20) : natDetectionHash(crypto, spis, local)
  return [
    notify(NOTIFY.NAT_DETECTION_SOURCE_IP, source),
    notify(NOTIFY.NAT_DETECTION_DESTINATION_IP, natDetectionHash(crypto, spis, remote)),
  ]
}

/** Compares the hashes of a message that came by this path with what we see. */
export function detectNat(
  crypto: CryptoPort,
  spis: SpiPair,
  { local, remote }: Path,
  payloads: readonly Payload[],
): NatFinding | undefined {
  const sources = notifiesOf(payloads, NOTIFY.NAT_DETECTION_SOURCE_IP)
  const destinations = notifiesOf(payloads, NOTIFY.NAT_DETECTION_DESTINATION_IP)
  if (sources.length === 0 || destinations.length === 0) return undefined
  const seen = natDetectionHash(crypto, spis, remote)
  const own = natDetectionHash(crypto, spis, local)
  return {
    // "more than one NAT_DETECTION_SOURCE_IP … if none of the received hashes matches" (§2.23)
    remote: !sources.some(({ data }) => sameBytes(data, seen)),
    local: !destinations.some(({ data }) => sameBytes(data, own)),
  }
}
