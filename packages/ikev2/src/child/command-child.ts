import type { Instant } from '@causeway/engine'
import type { IkeSa } from '../sa/ike-sa.ts'
import type { ChildScope } from './children.ts'
import { createChildTask } from './create-child-task.ts'

/** The command `create-child`. */
export function createChild(sa: IkeSa, scope: ChildScope, now: Instant): void {
  sa.exchanges.begin(createChildTask(sa, scope), now)
}
