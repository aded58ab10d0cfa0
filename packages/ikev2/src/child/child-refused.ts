import type { IkeSa } from '../sa/ike-sa.ts'

/** Tells the gateway of a Child SA that did not come about; the session goes on. */
export function childRefused({ session, surroundings }: IkeSa, reason: string, byPeer: boolean): void {
  surroundings.emit({ type: 'event', session, event: { type: 'child-refused', reason, byPeer } })
}
