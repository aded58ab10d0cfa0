import type { Instant } from '@causeway/engine'
import type { IkeSa } from '../sa/ike-sa.ts'
import { createChildTask, type WantedChild } from './create-child-task.ts'

/** The command `create-child`. */
export function createChild(sa: IkeSa, wanted: WantedChild, now: Instant): void {
  sa.exchanges.begin(createChildTask(sa, wanted), now)
}
