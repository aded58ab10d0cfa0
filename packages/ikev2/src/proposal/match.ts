import { TRANSFORM } from '../wire/numbers.ts'
import type { Proposal, Transform } from '../wire/payload.ts'
import type { Row } from './offer.ts'
import { NONE, sameTransform } from './transform-ids.ts'

/**
 * The transforms that answer a peer's proposal when it holds every one of the row, else `undefined`. What the
 * proposal has beyond the row's types must be optional by its own word: integrity NONE, group NONE. A type
 * that is not known makes the proposal unacceptable (RFC 7296 §3.3.6). Plain sequence numbers (ESN 0) also
 * match a proposal that says nothing of them, as peers from before RFC 7296 do not.
 */
export function matchRow(row: Row, { transforms }: Proposal): readonly Transform[] | undefined {
  const answer: Transform[] = []
  for (const wanted of row) {
    if (transforms.some(offered => sameTransform(offered, wanted))) answer.push(wanted)
    else if (!isPlainSequence(wanted) || hasType(transforms, wanted.type)) return undefined
  }
  for (const type of new Set(transforms.map(offered => offered.type))) {
    if (hasType(row, type)) continue
    const none = { type, id: NONE }
    if (!OPTIONAL.has(type) || !transforms.some(offered => sameTransform(offered, none))) return undefined
    answer.push(none)
  }
  return answer
}

/** The row that an answer means: one transform of each type, NONE like nothing. `undefined`: two of one type. */
export function answeredRow({ transforms }: Proposal): Row | undefined {
  const row = transforms.filter(({ type, id }) => !(OPTIONAL.has(type) && id === NONE))
  return new Set(transforms.map(({ type }) => type)).size === transforms.length ? row : undefined
}

/** The transform types that may be left out by choosing NONE. */
const OPTIONAL: ReadonlySet<number> = new Set([TRANSFORM.INTEGRITY, TRANSFORM.GROUP])

function isPlainSequence({ type, id }: Transform): boolean {
  return type === TRANSFORM.ESN && id === 0
}

function hasType(transforms: readonly Transform[], type: number): boolean {
  return transforms.some(transform => transform.type === type)
}
