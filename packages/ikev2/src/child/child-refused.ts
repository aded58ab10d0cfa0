import type { IkeSa } from '../sa/ike-sa.ts'

/** Tells the gateway of a Child SA that did not come about; the session goes on. */
export function childRefused(
  { session, surroundings }: IkeSa,
  reason: string,
  byPeer: boolean,
  tag?: number,
): void {
  const event = { type: 'child-refused', reason, byPeer, ...(tag !== undefined && { tag }) } as const
  surroundings.emit({ type: 'event', session, event })
}
