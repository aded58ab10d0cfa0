import type { Instant } from '@causeway/engine'
import type { ChildSa } from '../child/children.ts'
import { REPLACED_MS } from '../limits.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import { createDeleteChildTask } from './delete-child-task.ts'
import { nextTry, OUT_OF_STEP } from './retry.ts'

/** Whether it still is one of the session's. */
export function isThere(sa: IkeSa, child: ChildSa): boolean {
  return sa.children.all.get(child.receiveSpi) === child
}

/** A successor is there. Who has made that deletes this one; if it is the peer and it does not, then we do. */
export function markReplaced(child: ChildSa, now: Instant): void {
  if (child.state === 'deleting') return
  child.state = 'rekeyed'
  child.rekeyAt = now + REPLACED_MS
}

/** Why one goes that has a successor. */
export const REPLACED = 'it was rekeyed'

/** We want it to go. */
export function beginDelete(sa: IkeSa, child: ChildSa, reason: string, now: Instant): void {
  sa.exchanges.begin(
    createDeleteChildTask(sa, () => [child], { reason, byPeer: false }),
    now,
  )
}

/** The peer is busy (RFC 7296 §2.25): rekey later. */
export function putOff(sa: IkeSa, child: ChildSa, now: Instant): void {
  const { surroundings } = sa
  child.refusals++
  child.rekeyAt = nextTry(surroundings.crypto, child.refusals, now)
  if (child.rekeyAt === undefined) surroundings.deleteIkeSa(sa, OUT_OF_STEP, now)
  else surroundings.reschedule(sa)
}

export function tellRekeyed({ session, surroundings }: IkeSa, { id }: ChildSa, byPeer: boolean): void {
  surroundings.emit({ type: 'event', session, event: { type: 'child-rekeyed', child: id, byPeer } })
}
