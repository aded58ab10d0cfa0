import type { Task } from '../exchange/task.ts'
import type { LiveIkeSa } from '../sa/live-ike-sa.ts'
import { EXCHANGE, PROTOCOL } from '../wire/numbers.ts'

/** DELETE of the IKE SA (RFC 7296 §1.4.1): whatever the answer says, it is over then. */
export function createDeleteTask(sa: LiveIkeSa, reason: string): Task {
  return {
    name: 'delete IKE SA',
    exchange: EXCHANGE.INFORMATIONAL,
    request: () => [{ type: 'D', protocol: PROTOCOL.IKE, spis: [] }],
    response: (_, now) => {
      sa.end(reason, false, now)
      return 'done'
    },
    abandon: () => {},
  }
}
