import type { IkeSa } from '../sa/ike-sa.ts'
import type { ChildSa } from './children.ts'
import { selectSa } from './install-child.ts'

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
  if (sa.children.all.get(child.receiveSpi) !== child) return
  handOver(sa, child)
  sa.children.remove(child.receiveSpi)
  const { session, surroundings } = sa
  const { id, receiveSpi } = child
  surroundings.emit({ type: 'remove-sa', session, child: id, receiveSpi })
  surroundings.freeEspSpi(receiveSpi)
  const left = sa.children.ofChild(id)
  // A successor that goes leaves its predecessor in its place.
  if (left.every(({ state }) => state === 'rekeyed'))
    for (const last of left.slice(-1)) last.state = 'installed'
  if (left.length === 0) {
    surroundings.emit({ type: 'close-flow', session, child: id })
    surroundings.emit({ type: 'event', session, event: { type: 'child-closed', child: id, byPeer, reason } })
  }
  surroundings.reschedule(sa)
}

/**
 * Who sends with this one sends with its successor from now on: the newest that is there. This is how the responder
 * of a rekeying switches over: by the DELETE of the old one its peer shows that it has the new one.
 */
export function handOver(sa: IkeSa, child: ChildSa): void {
  const others = sa.children.ofChild(child.id).filter(other => other !== child && other.state !== 'deleting')
  const next = others.findLast(({ state }) => state !== 'rekeyed') ?? others.at(-1)
  if (child.sending && next) selectSa(sa, next)
}

/** All of them: the session ends. */
export function closeChildren(sa: IkeSa, closing: Closing): void {
  // Or the flow would be handed from one to the next.
  for (const child of sa.children.all.values()) child.sending = false
  for (const child of [...sa.children.all.values()]) closeChild(sa, child, closing)
}
