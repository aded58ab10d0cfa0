import type { Instant } from '@causeway/engine'
import { answerRequest } from '../engine/answer-request.ts'
import { findError, notify } from '../exchange/notify.ts'
import type { Answer } from '../exchange/task.ts'
import type { Path } from '../path.ts'
import type { OpenedWhole } from '../protection/message-protection.ts'
import type { Reassembly } from '../protection/reassembly.ts'
import type { ReceivedHeader } from '../wire/header.ts'
import { NOTIFY } from '../wire/numbers.ts'
import type { PayloadFault } from '../wire/payload.ts'
import { followPath } from './follow-path.ts'
import type { LiveIkeSa } from './live-ike-sa.ts'

/** A datagram of an IKE SA and the path it came by. */
export interface Arrival {
  readonly header: ReceivedHeader
  readonly bytes: Uint8Array
  readonly path: Path
}

type Whole = Exclude<OpenedWhole, { readonly type: 'rejected' }>

/** Takes in a datagram that carries the SPIs of this IKE SA: everything but its SPIs is still to be proven. */
export function receive(sa: LiveIkeSa, arrival: Arrival, now: Instant): void {
  if (arrival.header.response) receiveResponse(sa, arrival, now)
  else receiveRequest(sa, arrival, now)
}

function receiveResponse(sa: LiveIkeSa, arrival: Arrival, now: Instant): void {
  const { requests } = sa.exchanges
  const { messageId, exchange } = arrival.header
  if (!requests.awaits(messageId, exchange)) {
    sa.drop('a response that nothing waits for', now)
    return
  }
  const whole = open(sa, sa.responseFragments, arrival, now)
  if (!whole) return
  noteHeard(sa, arrival.path, now)
  if (whole.type === 'faulty') {
    requests.spoil(now)
    sa.surroundings.deleteIkeSa(sa, `malformed response: ${describeFault(whole.fault)}`, now)
    return
  }
  // RFC 7296 §2.21.3: the peer has already forgotten the IKE SA.
  if (sa.state !== 'initial' && findError(whole.payloads)?.notify === NOTIFY.INVALID_SYNTAX) {
    sa.end('the peer found our request malformed', true, now)
    return
  }
  requests.handleResponse(whole, now)
}

function receiveRequest(sa: LiveIkeSa, arrival: Arrival, now: Instant): void {
  const standing = sa.exchanges.responses.standing(arrival.header.messageId)
  switch (standing) {
    case 'outside':
      sa.drop('a request out of the window', now)
      return
    case 'busy':
      sa.drop('a request that is being answered', now)
      return
    case 'repeat':
      repeatResponse(sa, arrival, now)
      return
    case 'new':
      takeRequest(sa, arrival, now)
      return
    default:
      standing satisfies never
  }
}

function takeRequest(sa: LiveIkeSa, arrival: Arrival, now: Instant): void {
  const { path } = arrival
  const whole = open(sa, sa.requestFragments, arrival, now)
  if (!whole) return
  noteHeard(sa, path, now)
  const answerIt = (): Answer =>
    whole.type === 'faulty' ? answerFault(sa, whole.fault) : answerRequest(sa, whole, path, now)
  sa.exchanges.responses.handleRequest(whole.header, path, answerIt, now)
  sa.reschedule()
}

/** RFC 7383 §2.6.1: of a repeated request in fragments only the first is answered. */
function repeatResponse(sa: LiveIkeSa, { header, bytes, path }: Arrival, now: Instant): void {
  const opened = sa.protection.open(header, bytes)
  if (opened.type === 'rejected') sa.drop(opened.reason, now)
  else if (opened.type !== 'fragment' || opened.fragment.number === 1)
    sa.exchanges.responses.repeat(path, now)
}

/** The whole message, when the datagram is authentic and there is nothing more to wait for. */
function open(
  sa: LiveIkeSa,
  fragments: Reassembly,
  { header, bytes }: Arrival,
  now: Instant,
): Whole | undefined {
  const opened = sa.protection.open(header, bytes)
  const whole = opened.type === 'fragment' ? fragments.add(opened.header, opened.fragment, now) : opened
  if (whole === 'incomplete') {
    sa.reschedule()
    return undefined
  }
  if (whole.type !== 'rejected') return whole
  sa.drop(whole.reason, now)
  return undefined
}

function noteHeard(sa: LiveIkeSa, path: Path, now: Instant): void {
  sa.heard = true
  sa.heardAt = now
  if (sa.timers.deadline('liveness') !== undefined)
    sa.timers.set('liveness', now + 1000 * sa.terms.livenessSeconds)
  followPath(sa, path)
}

/** RFC 7296 §2.21.2 and §2.21.3: bad syntax ends the IKE SA, an unknown critical payload only IKE_AUTH's. */
function answerFault(sa: LiveIkeSa, fault: PayloadFault): Answer {
  const reason = `malformed request: ${describeFault(fault)}`
  switch (fault.type) {
    case 'invalid-syntax':
      return { type: 'respond-and-end', payloads: [notify(NOTIFY.INVALID_SYNTAX)], reason, byPeer: true }
    case 'unsupported-critical-payload': {
      const data = Uint8Array.of(fault.payload)
      const payloads = [notify(NOTIFY.UNSUPPORTED_CRITICAL_PAYLOAD, data)]
      if (sa.state === 'initial') return { type: 'respond-and-end', payloads, reason, byPeer: true }
      return { type: 'respond', payloads }
    }
    default:
      return fault satisfies never
  }
}

/** In words, for a log. */
export function describeFault(fault: PayloadFault): string {
  return fault.type === 'invalid-syntax' ? fault.detail : `unknown critical payload ${fault.payload}`
}
