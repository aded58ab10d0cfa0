import type { IkeSa } from '../sa/ike-sa.ts'

/** What a refusal says beside its reason. */
export interface RefusalDetails {
  /** The caller's number for the Child SA. */
  readonly tag?: number | undefined
  /** Another try may succeed. */
  readonly temporary?: boolean
}

/** Tells the gateway of a Child SA that did not come about; the session goes on. */
export function childRefused(
  { session, surroundings }: IkeSa,
  reason: string,
  byPeer: boolean,
  { tag, temporary = false }: RefusalDetails = {},
): void {
  const event = {
    type: 'child-refused',
    reason,
    byPeer,
    ...(tag !== undefined && { tag }),
    ...(temporary && { temporary }),
  } as const
  surroundings.emit({ type: 'event', session, event })
}
