import type { Instant } from '@causeway/engine'
import type { ChildId } from '../output.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import type { ChildScope } from './children.ts'
import { createChildTask } from './create-child-task.ts'
import { createDeleteChildTask } from './delete-child.ts'

/** The command `create-child`. */
export function createChild(sa: IkeSa, scope: ChildScope, now: Instant): void {
  sa.exchanges.begin(createChildTask(sa, scope), now)
}

/** The command `delete-child`: all that replace each other, each by its own exchange. */
export function deleteChild(sa: IkeSa, id: ChildId, now: Instant): void {
  const closing = { reason: 'deleted on request', byPeer: false }
  for (const child of sa.children.ofChild(id))
    if (child.state !== 'deleting') sa.exchanges.begin(createDeleteChildTask(sa, child, closing), now)
}

/** The command `hard-limit`: the SA is used up, and nobody has rekeyed it in time. */
export function endUsedUp(sa: IkeSa, receiveSpi: number, now: Instant): void {
  const child = sa.children.all.get(receiveSpi)
  if (!child || child.state === 'deleting') return
  const closing = { reason: 'it has carried all that its keys may, and nobody has rekeyed it', byPeer: false }
  sa.exchanges.begin(createDeleteChildTask(sa, child, closing), now)
}
