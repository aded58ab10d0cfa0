import type { Instant } from '@causeway/engine'
import type { ChildSa } from '../child/children.ts'
import type { ChildId } from '../ids.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import { beginDelete, REPLACED } from './child-succession.ts'
import { createDeleteChildTask } from './delete-child-task.ts'
import { RekeyChildTask } from './rekey-child-task.ts'

/** Rekeys the Child SAs whose time has come, and deletes those that nobody has rekeyed, or deleted once rekeyed. */
export function handleChildTimeout(sa: IkeSa, now: Instant): void {
  for (const child of [...sa.children.all.values()])
    if (isDue(child.expireAt, now)) end(sa, child, 'its lifetime is over and nobody has rekeyed it', now)
    else if (isDue(child.rekeyAt, now)) rekeyDue(sa, child, now)
  sa.surroundings.reschedule(sa)
}

/** The command `rekey-child`. */
export function rekeyChild(sa: IkeSa, id: ChildId, now: Instant): void {
  const child = sa.children.ofChild(id).findLast(({ state }) => state === 'installed')
  if (child) beginRekey(sa, child, now)
}

/** The command `delete-child`: all that replace each other. */
export function deleteChild(sa: IkeSa, id: ChildId, now: Instant): void {
  const closing = { reason: 'deleted on request', byPeer: false }
  sa.exchanges.begin(
    createDeleteChildTask(sa, ({ children }) => children.ofChild(id), closing),
    now,
  )
}

/** The command `soft-limit`. */
export function handleSoftLimit(sa: IkeSa, receiveSpi: number, now: Instant): void {
  const child = sa.children.all.get(receiveSpi)
  if (child?.state === 'installed') beginRekey(sa, child, now)
}

/** The command `hard-limit`: it carries nothing any more. */
export function handleHardLimit(sa: IkeSa, receiveSpi: number, now: Instant): void {
  const child = sa.children.all.get(receiveSpi)
  if (child) end(sa, child, 'it has carried all that its keys may, and nobody has rekeyed it', now)
  sa.surroundings.reschedule(sa)
}

function rekeyDue(sa: IkeSa, child: ChildSa, now: Instant): void {
  child.rekeyAt = undefined
  if (child.state === 'installed') beginRekey(sa, child, now)
  else if (child.state === 'rekeyed') beginDelete(sa, child, REPLACED, now)
}

/** Not twice: a second task for the same one would only find that it is done. */
function beginRekey(sa: IkeSa, child: ChildSa, now: Instant): void {
  const { running, waiting } = sa.exchanges
  const isUnderWay = [running, ...waiting].some(
    task => task instanceof RekeyChildTask && task.child === child,
  )
  child.rekeyAt = undefined
  if (!isUnderWay) sa.exchanges.begin(new RekeyChildTask(sa, child), now)
}

function end(sa: IkeSa, child: ChildSa, reason: string, now: Instant): void {
  child.rekeyAt = undefined
  child.expireAt = undefined
  if (child.state !== 'deleting') beginDelete(sa, child, reason, now)
}

function isDue(at: Instant | undefined, now: Instant): boolean {
  return at !== undefined && at <= now
}
