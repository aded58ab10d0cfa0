import {
  intersectSelectors,
  ipAddress,
  sameSelector,
  selectorContains,
  type TrafficSelector,
} from '@causeway/wire'
import type { AskedAddresses } from '../configuration-payload.ts'
import { SELECTORS } from '../limits.ts'
import type { ChildScope } from './children.ts'

/**
 * What both sides want, by RFC 7296 §2.9. Everything in common is kept, so the packet that a peer's first selectors
 * may name is in it whenever it can be. `undefined`: nothing is left (TS_UNACCEPTABLE).
 *
 * A family that only one end has carries nothing, so it is left out: an IPv4 client whose proposal has `::/0` on our
 * side, or Windows with whole address spaces at both ends.
 */
export function narrowSelectors(proposed: ChildScope, allowed: ChildScope): ChildScope | undefined {
  const local = intersectLists(proposed.local, allowed.local)
  const remote = intersectLists(proposed.remote, allowed.remote)
  const narrowed = { local: withFamilyOf(local, remote), remote: withFamilyOf(remote, local) }
  if (narrowed.local.length === 0 || narrowed.remote.length === 0) return undefined
  return narrowed
}

/** Intersections of all pairs, in the order of `proposed`, without those that another one holds. */
function intersectLists(
  proposed: readonly TrafficSelector[],
  allowed: readonly TrafficSelector[],
): TrafficSelector[] {
  const kept: TrafficSelector[] = []
  for (const wanted of proposed)
    for (const limit of allowed) {
      const common = intersectSelectors(wanted, limit)
      if (common && !kept.some(other => selectorContains(other, common))) insert(kept, common)
    }
  return kept.slice(0, SELECTORS)
}

/** Takes the place of the first one that it holds. */
function insert(kept: TrafficSelector[], selector: TrafficSelector): void {
  const first = kept.findIndex(other => selectorContains(selector, other))
  if (first === -1) {
    kept.push(selector)
    return
  }
  kept[first] = selector
  for (let i = kept.length - 1; i > first; i--)
    if (selectorContains(selector, kept[i] as TrafficSelector)) kept.splice(i, 1)
}

function withFamilyOf(
  list: readonly TrafficSelector[],
  other: readonly TrafficSelector[],
): readonly TrafficSelector[] {
  const isCarried = (selector: TrafficSelector): boolean =>
    other.some(end => end.start.family === selector.start.family)
  return list.every(isCarried) ? list : list.filter(isCarried)
}

/**
 * The selectors of an initiator that asks for addresses of these families, or has asked for them before. An all-zero
 * address alone stands for the one that it is given: OpenIKED's `from dynamic`, which says the same when it rekeys. So
 * it is taken as wide as its family, and narrowing cuts that to the address.
 */
export function withAddressToCome(
  selectors: readonly TrafficSelector[],
  asked: AskedAddresses,
): readonly TrafficSelector[] {
  return selectors.map(selector => {
    const { start, end } = selector
    if (!(start.family === 4 ? asked.ipv4 : asked.ipv6)) return selector
    if ([...start.bytes, ...end.bytes].some(byte => byte !== 0)) return selector
    return { ...selector, end: ipAddress(new Uint8Array(end.bytes.length).fill(0xff)) }
  })
}

/** Whether both scopes hold the same selectors, in any order. */
export function sameScope(a: ChildScope, b: ChildScope): boolean {
  return sameList(a.local, b.local) && sameList(a.remote, b.remote)
}

function sameList(a: readonly TrafficSelector[], b: readonly TrafficSelector[]): boolean {
  return a.length === b.length && a.every(selector => b.some(other => sameSelector(selector, other)))
}
