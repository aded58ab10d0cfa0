import type { Instant } from '@causeway/engine'
import type { IkeSa } from '../sa/ike-sa.ts'
import type { ChildSa } from './children.ts'
import { createDeleteChildTask } from './delete-child.ts'

/** Rekeys the Child SAs whose time has come, and deletes those that nobody has rekeyed. */
export function handleChildTimeout(sa: IkeSa, now: Instant): void {
  for (const child of [...sa.children.all.values()])
    if (isDue(child.expireAt, now)) expire(sa, child, now)
    else if (isDue(child.rekeyAt, now)) child.rekeyAt = undefined
  sa.surroundings.reschedule(sa)
}

function expire(sa: IkeSa, child: ChildSa, now: Instant): void {
  child.rekeyAt = undefined
  child.expireAt = undefined
  if (child.state === 'deleting') return
  const reason = 'its lifetime is over and nobody has rekeyed it'
  sa.exchanges.begin(createDeleteChildTask(sa, child, { reason, byPeer: false }), now)
}

function isDue(at: Instant | undefined, now: Instant): boolean {
  return at !== undefined && at <= now
}
