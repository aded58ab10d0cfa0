import type { Instant } from '@causeway/engine'
import type { SessionId } from './connection-command.ts'

/** An IKE SA whose peer is proven. */
export interface Session {
  readonly id: SessionId
  readonly initiator: 'us' | 'peer'
  /** Number of the configuration by which the peer was judged. */
  readonly terms: number
  readonly material: string | undefined
  /** The same at both ends. */
  readonly order: string
  readonly since: Instant
  readonly children: Set<number>
  /** Another one stays: this one ends then, unless the peer ends it before. */
  closesAt: Instant | undefined
  /** Another one has to take its place soon. */
  isDue: boolean
}

/** Which of two sessions of a tunnel stays, and when we end the other. */
export interface Choice {
  readonly stays: Session
  readonly goes: Session
  /** `settle`: ending it is on us. `patience`: on the peer, and on us when it does not. */
  readonly after: 'now' | 'settle' | 'patience'
}

/**
 * The newer session stays, whoever began it: foreign peers hold it so (strongSwan's `unique`, a restart, a
 * reauthentication). Whoever began the newer one ends the older.
 *
 * Two sessions begun by different ends at about the same time have crossed: each end may see another of them as the
 * newer. Then the one of lower `order` stays (RFC 7296 §2.8.1 decides crossing rekeys likewise), and whoever began
 * the other ends it. So it is always one end alone that ends a session at first, and not both end one each.
 */
export function chooseSession(
  newer: Session,
  older: Session,
  { terms, crossingMs }: { readonly terms: number; readonly crossingMs: number },
): Choice {
  const hasCrossed = newer.initiator !== older.initiator && newer.since - older.since < crossingMs
  if (older.terms !== terms) return { stays: newer, goes: older, after: hasCrossed ? 'now' : 'settle' }
  if (!hasCrossed) {
    return { stays: newer, goes: older, after: newer.initiator === 'us' ? 'settle' : 'patience' }
  }
  const [stays, goes] = newer.order < older.order ? [newer, older] : [older, newer]
  return { stays, goes, after: goes.initiator === 'us' ? 'settle' : 'patience' }
}
