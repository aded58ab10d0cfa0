import type { GroupName } from '@causeway/crypto'
import { Reader } from '@causeway/wire'
import { acceptedChildSuites, offeredChildSuites } from '../child/child-suites.ts'
import { findNotify } from '../exchange/notify.ts'
import type { PeerTerms } from '../peer-terms.ts'
import type { EspSuite } from '../proposal/suite.ts'
import { groupName } from '../proposal/transform-ids.ts'
import { NOTIFY } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'

/** What to propose in one round of a rekeying. */
export interface ChildBid {
  readonly suites: readonly EspSuite[]
  /** For the KE payload; `undefined`: without one. */
  readonly group: GroupName | undefined
}

export function firstBid(terms: PeerTerms): ChildBid {
  const suites = offeredChildSuites(terms)
  return { suites, group: suites[0]?.group }
}

/**
 * What to propose when the peer refuses a bid because of its group: INVALID_KE_PAYLOAD names another one or NONE
 * (RFC 7296 §1.3), NO_PROPOSAL_CHOSEN may mean that it wants one where there was none, or none where there was
 * one. Never anything but what the terms allow. `undefined`: there is no other bid.
 */
export function nextBid(
  terms: PeerTerms,
  last: ChildBid,
  payloads: readonly Payload[],
): ChildBid | undefined {
  const wanted = findNotify(payloads, NOTIFY.INVALID_KE_PAYLOAD)
  if (wanted?.data.length === 2) return bidOf(terms, last, new Reader(wanted.data).u16('group'))
  if (!findNotify(payloads, NOTIFY.NO_PROPOSAL_CHOSEN)) return undefined
  return last.group ? withoutGroup(terms, last) : withGroup(terms, last, undefined)
}

const NO_GROUP = 0

function bidOf(terms: PeerTerms, last: ChildBid, number: number): ChildBid | undefined {
  if (number === NO_GROUP) return withoutGroup(terms, last)
  const group = groupName(number)
  return group && withGroup(terms, last, group)
}

function withGroup(terms: PeerTerms, last: ChildBid, group: GroupName | undefined): ChildBid | undefined {
  if (terms.rekeyWithoutGroup) return undefined
  const suites = terms.espSuites.filter(suite => suite.group !== undefined)
  const found = group ? suites.find(suite => suite.group === group)?.group : suites[0]?.group
  return found && found !== last.group ? { suites, group: found } : undefined
}

function withoutGroup(terms: PeerTerms, last: ChildBid): ChildBid | undefined {
  const suites = acceptedChildSuites(terms, false)
  return last.group && suites.length > 0 ? { suites, group: undefined } : undefined
}
