import { Reader } from '@causeway/wire'
import type { ChildSa } from '../child/children.ts'
import { closeChild, handOver } from '../child/close-child.ts'
import { deletePayload } from '../child/delete-child.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import { PROTOCOL } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'
import { sendingLast } from './delete-child-task.ts'

/**
 * Answers the Delete payloads of Child SAs in an INFORMATIONAL request (RFC 7296 §1.4.1, §2.25.1): with the SPIs by
 * which we received, but for those that we do not have and those whose deletion we have asked for ourselves.
 */
export function answerChildDeletes(sa: IkeSa, payloads: readonly Payload[]): Payload[] {
  const spis = payloads.flatMap(payload =>
    payload.type === 'D' && payload.protocol === PROTOCOL.ESP ? payload.spis : [],
  )
  const named = new Set<ChildSa>()
  for (const bytes of spis) {
    const spi = new Reader(bytes).u32('SPI')
    const child = sa.children.bySendSpi(spi)
    if (child) named.add(child)
    else sa.exchanges.running?.peerDeleted?.(spi)
  }
  const deleted = sendingLast([...named]).filter(child => goes(sa, child))
  return deleted.length > 0 ? [deletePayload(deleted.map(({ receiveSpi }) => receiveSpi))] : []
}

/**
 * Both have asked: the answer to our own request closes it. Until then it receives, and is sent by no more where
 * there is another.
 */
function goes(sa: IkeSa, child: ChildSa): boolean {
  if (child.state === 'deleting') {
    handOver(sa, child)
    return false
  }
  closeChild(sa, child, { reason: 'the peer has deleted it', byPeer: true })
  return true
}
