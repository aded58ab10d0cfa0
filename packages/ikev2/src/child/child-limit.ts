import { CHILD_SAS } from '../limits.ts'
import type { PeerTerms } from '../peer-terms.ts'

/** How many Child SAs a session may have at a time. */
export function childLimit({ childSas = CHILD_SAS }: Pick<PeerTerms, 'childSas'>): number {
  return childSas
}
