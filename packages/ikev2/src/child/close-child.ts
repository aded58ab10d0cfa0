import type { IkeSa } from '../sa/ike-sa.ts'
import type { ChildSa } from './children.ts'

/** Why a Child SA goes, and who wanted it. */
export interface Closing {
  readonly reason: string
  readonly byPeer: boolean
}

/**
 * Takes one pair of SAs out, at once. When none is left of those that replace each other, the flow closes and the
 * gateway is told by `child-closed`.
 */
export function closeChild(sa: IkeSa, child: ChildSa, { reason, byPeer }: Closing): void {
  if (!sa.children.remove(child.receiveSpi)) return
  const { session, surroundings } = sa
  const { id, receiveSpi } = child
  surroundings.emit({ type: 'remove-sa', session, child: id, receiveSpi })
  surroundings.freeEspSpi(receiveSpi)
  if (sa.children.ofChild(id).length === 0) {
    surroundings.emit({ type: 'close-flow', session, child: id })
    surroundings.emit({ type: 'event', session, event: { type: 'child-closed', child: id, byPeer, reason } })
  }
  surroundings.reschedule(sa)
}

/** All of them: the session ends. */
export function closeChildren(sa: IkeSa, closing: Closing): void {
  for (const child of [...sa.children.all.values()]) closeChild(sa, child, closing)
}
