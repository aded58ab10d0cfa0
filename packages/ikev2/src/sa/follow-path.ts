import { sameEndpoint } from '@causeway/wire'
import { type Path, samePath } from '../path.ts'
import { flowWay } from './flow-way.ts'
import type { LiveIkeSa } from './live-ike-sa.ts'

/**
 * An authentic message that is newer than all before came by this path. RFC 7296 §2.23: a peer behind a NAT is
 * followed to where its last such message came from ({@link mayFloat}). With MOBIKE only
 * UPDATE_SA_ADDRESSES moves the IKE SA (RFC 4555 §3.8). Until IKE_AUTH is done the responder follows
 * in any case, since that is when initiators change to port 4500.
 */
export function followPath(sa: LiveIkeSa, path: Path): void {
  if (samePath(sa.path, path)) return
  if (sa.state === 'initial') {
    if (sa.role === 'responder') sa.path = path
    return
  }
  if (usesMobike(sa) || !mayFloat(sa)) return
  moveTo(sa, path)
}

/**
 * Whether the peer's address may change without a word (NAT rebinding). RFC 7296 §2.23: who is behind a NAT itself
 * SHOULD NOT follow. A gateway does all the same: in a cloud it always is behind one, of fixed addresses, and its
 * clients lose their mappings as anywhere else.
 */
export function mayFloat({ nat, sessionRole }: LiveIkeSa): boolean {
  return nat.remote && (sessionRole === 'responder' || !nat.local)
}

export function usesMobike({ peer, terms }: LiveIkeSa): boolean {
  return peer.mobike && terms.mobike
}

/** The IKE SA and the flows of its Child SAs go by this path now. */
export function moveTo(sa: LiveIkeSa, path: Path): void {
  const moved = !samePath(sa.path, path) || !sameEndpoint(sa.path.local, path.local)
  sa.path = path
  moveFlows(sa)
  if (moved && sa.state === 'established')
    sa.surroundings.emit({ type: 'event', session: sa.session, event: { type: 'moved', path } })
}

/** Tells the datapath how the flows travel now. */
export function moveFlows(sa: LiveIkeSa): void {
  const { session, surroundings } = sa
  const way = flowWay(sa)
  for (const child of new Set([...sa.children.all.values()].map(({ id }) => id)))
    surroundings.emit({ type: 'move-flow', session, child, path: way })
}
