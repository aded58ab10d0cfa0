import type { GroupName } from '@causeway/crypto'
import { Reader } from '@causeway/wire'
import { findNotify } from '../exchange/notify.ts'
import { type IkeChoice, selectIkeSuite } from '../proposal/ike-proposals.ts'
import type { IkeSuite } from '../proposal/suite.ts'
import { groupName, groupNumber } from '../proposal/transform-ids.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import { NOTIFY } from '../wire/numbers.ts'
import type { Payload, Proposal } from '../wire/payload.ts'

/**
 * The suites for a rekeying of this IKE SA: what the terms hold, and first what it is made of now. Windows takes
 * nothing whose first group is not that of before.
 */
export function rekeySuites({ terms, suite }: IkeSa): readonly IkeSuite[] {
  const same = (other: IkeSuite): boolean =>
    other.encryption === suite.encryption &&
    other.integrity === suite.integrity &&
    other.prf === suite.prf &&
    other.group === suite.group
  return [...terms.ikeSuites.filter(same), ...terms.ikeSuites.filter(other => !same(other))]
}

/** The group that the peer asks for by INVALID_KE_PAYLOAD (RFC 7296 §1.3), if it is one of ours. */
export function askedGroup(sa: IkeSa, payloads: readonly Payload[]): GroupName | undefined {
  const wanted = findNotify(payloads, NOTIFY.INVALID_KE_PAYLOAD)
  if (wanted?.data.length !== 2) return undefined
  const group = groupName(new Reader(wanted.data).u16('group'))
  return sa.terms.ikeSuites.find(suite => suite.group === group)?.group
}

/** What we choose of a peer's proposals: with the group of its KE payload where there is a choice. */
export function chooseSuite(
  sa: IkeSa,
  proposals: readonly Proposal[],
  keyExchange: number,
): IkeChoice | undefined {
  const suites = rekeySuites(sa)
  const fitting = suites.filter(({ group }) => groupNumber(group) === keyExchange)
  return selectIkeSuite(fitting, proposals, 'rekey') ?? selectIkeSuite(suites, proposals, 'rekey')
}
