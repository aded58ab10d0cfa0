import { formatHex, Reader } from '@causeway/wire'
import { childRefused } from '../child/child-refused.ts'
import { findNotify } from '../exchange/notify.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import { NOTIFY } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'

/**
 * The peer does not want our rekeying. It may do its own (Windows behind NAT does, and answers ours with its status
 * 13863); else the lifetime ends what nobody has rekeyed.
 */
export function noteRefusal(sa: IkeSa, payloads: readonly Payload[], reason: string, byPeer: boolean): void {
  const status = findNotify(payloads, NOTIFY.MICROSOFT_STATUS)
  if (status) {
    const event = { type: 'notified', notify: status.notify, detail: statusText(status.data) } as const
    sa.surroundings.emit({ type: 'event', session: sa.session, event })
  }
  childRefused(sa, reason, byPeer)
}

/** Microsoft's error codes are 32 bits. */
function statusText(data: Uint8Array): string {
  return data.length === 4 ? `error ${new Reader(data).u32('status')}` : formatHex(data.subarray(0, 64))
}
