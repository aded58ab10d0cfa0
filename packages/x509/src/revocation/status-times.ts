import type { NativeStatusTimes } from '../native.ts'
import { moment } from '../site-certificate/wording.ts'

/** Ours, in seconds: how far a responder's clock may be ahead. */
const SKEW = 300
/** Ours: how long an answer counts that does not say (RFC 6960 §4.2.2.1 leaves it to us). */
const UNSTATED = 86_400
/** Ours: the longest and the shortest time for which an answer is not asked for again. */
const LONGEST = 86_400
const SHORTEST = 60

/** Why an answer of these times does not count now; `undefined` when it does. */
export function staleness(
  { thisUpdate, nextUpdate }: NativeStatusTimes,
  unixSeconds: number,
): string | undefined {
  if (thisUpdate > unixSeconds + SKEW) return `its answer counts from ${moment(thisUpdate)}, which is to come`
  const end = nextUpdate ?? thisUpdate + UNSTATED
  return unixSeconds > end ? `its answer counted until ${moment(end)}` : undefined
}

/** Until when an answer need not be asked for again: not past its end, nor for more than a day. */
export function rememberedUntil({ nextUpdate }: NativeStatusTimes, unixSeconds: number): number {
  return Math.min(nextUpdate ?? unixSeconds + SHORTEST, unixSeconds + LONGEST)
}
