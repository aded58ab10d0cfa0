import type { Instant } from '@causeway/engine'
import { type IpAddress, ipAddress, sameBytes, sameIpAddress } from '@causeway/wire'
import { findNotify, notifiesOf, notify } from '../exchange/notify.ts'
import type { Task } from '../exchange/task.ts'
import { detectNat, natDetectionPayloads } from '../initial/nat-detection.ts'
import { ADDITIONAL_ADDRESSES, COOKIE2_BYTES } from '../limits.ts'
import type { Path } from '../path.ts'
import { moveTo, usesMobike } from '../sa/follow-path.ts'
import type { LiveIkeSa } from '../sa/live-ike-sa.ts'
import { startKeepalive } from '../sa/start-timers.ts'
import { EXCHANGE, NOTIFY } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'

/** What MOBIKE (RFC 4555) has in an INFORMATIONAL request that came by this path, and what we answer. */
export function answerMobility(
  sa: LiveIkeSa,
  payloads: readonly Payload[],
  path: Path,
  now: Instant,
): Payload[] {
  if (findNotify(payloads, NOTIFY.NO_NATS_ALLOWED) && natBetween(payloads, path))
    return [notify(NOTIFY.UNEXPECTED_NAT_DETECTED)]
  const asked = findNotify(payloads, NOTIFY.UPDATE_SA_ADDRESSES) !== undefined
  if (asked && usesMobike(sa) && sa.sessionRole === 'responder') updateAddresses(sa, payloads, path, now)
  tellAddresses(sa, payloads)
  const cookie = findNotify(payloads, NOTIFY.COOKIE2)
  return [
    ...(detectsNat(payloads) ? natDetectionPayloads(sa.crypto, sa, path, sa.terms.forceEncapsulation) : []),
    // RFC 4555 §4.2.5: "the responder MUST copy the notification".
    ...(cookie ? [notify(NOTIFY.COOKIE2, cookie.data)] : []),
  ]
}

/**
 * The session goes where the request came from. The request is authentic, but its source address is not: who sits
 * on the way could point our traffic at somebody. A new address has to show that it hears us (§3.7).
 */
function updateAddresses(sa: LiveIkeSa, payloads: readonly Payload[], path: Path, now: Instant): void {
  const elsewhere = !sameIpAddress(sa.path.remote.address, path.remote.address)
  const nat = detectNat(sa.crypto, sa, path, payloads)
  if (nat) Object.assign(sa.nat, nat)
  moveTo(sa, path)
  startKeepalive(sa, now)
  if (elsewhere) sa.exchanges.begin(createRoutabilityTask(sa), now)
}

/** COOKIE2 to the new address: without an answer, or with another cookie, the session ends. */
function createRoutabilityTask(sa: LiveIkeSa): Task {
  const cookie = sa.crypto.random(COOKIE2_BYTES)
  return {
    name: 'return routability',
    exchange: EXCHANGE.INFORMATIONAL,
    request: () => [notify(NOTIFY.COOKIE2, cookie)],
    response: ({ payloads }, now) => {
      const returned = findNotify(payloads, NOTIFY.COOKIE2)?.data
      if (!returned || !sa.crypto.equal(returned, cookie))
        sa.surroundings.deleteIkeSa(sa, 'the new address did not return our cookie', now)
      return 'done'
    },
    abandon: () => {},
    moveTo: createRoutabilityTask,
  }
}

/** RFC 4555 §4.2.6: source and destination address and port as the sender sees them. */
function natBetween(payloads: readonly Payload[], { local, remote }: Path): boolean {
  const claimed = findNotify(payloads, NOTIFY.NO_NATS_ALLOWED)?.data
  const port = (value: number) => [value >> 8, value & 0xff]
  const seen = [...remote.address.bytes, ...local.address.bytes, ...port(remote.port), ...port(local.port)]
  return !claimed || !sameBytes(claimed, Uint8Array.from(seen))
}

function detectsNat(payloads: readonly Payload[]): boolean {
  return findNotify(payloads, NOTIFY.NAT_DETECTION_SOURCE_IP) !== undefined
}

/** Further addresses of the peer (§3.6): of use to who may move the session. */
function tellAddresses(sa: LiveIkeSa, payloads: readonly Payload[]): void {
  const none = findNotify(payloads, NOTIFY.NO_ADDITIONAL_ADDRESSES) !== undefined
  const addresses = readAdditionalAddresses(payloads)
  if (!usesMobike(sa) || (addresses.length === 0 && !none)) return
  const event = { type: 'peer-addresses', addresses } as const
  sa.surroundings.emit({ type: 'event', session: sa.session, event })
}

/** ADDITIONAL_IP4_ADDRESS and ADDITIONAL_IP6_ADDRESS; what has another length is passed over. */
export function readAdditionalAddresses(payloads: readonly Payload[]): IpAddress[] {
  const ofLength = (type: number, length: number) =>
    notifiesOf(payloads, type).filter(({ data }) => data.length === length)
  return [...ofLength(NOTIFY.ADDITIONAL_IP4_ADDRESS, 4), ...ofLength(NOTIFY.ADDITIONAL_IP6_ADDRESS, 16)]
    .slice(0, ADDITIONAL_ADDRESSES)
    .map(({ data }) => ipAddress(data))
}
