import type { PeerTerms } from '../peer-terms.ts'
import type { EspSuite } from '../proposal/suite.ts'

/** For the Child SA that comes with IKE_AUTH: keys from the IKE SA's own, so no group (RFC 7296 §1.2). */
export function firstChildSuites({ espSuites }: PeerTerms): readonly EspSuite[] {
  return espSuites.map(withoutGroup)
}

/**
 * What we propose by CREATE_CHILD_SA. Where groups are mixed, the first row decides whether there is a KE payload,
 * and rows of the other kind are left out. With `rekeyWithoutGroup` there is none: Windows and macOS refuse a KE
 * payload that they do not expect, even beside a proposal without group.
 */
export function offeredChildSuites(terms: PeerTerms): readonly EspSuite[] {
  if (terms.rekeyWithoutGroup) return firstChildSuites(terms)
  const withGroup = terms.espSuites[0]?.group !== undefined
  return terms.espSuites.filter(suite => (suite.group !== undefined) === withGroup)
}

/** What we agree to by CREATE_CHILD_SA. A peer without a KE payload can only have rows without group. */
export function acceptedChildSuites(terms: PeerTerms, hasKeyExchange: boolean): readonly EspSuite[] {
  const plain = terms.rekeyWithoutGroup
    ? firstChildSuites(terms)
    : terms.espSuites.filter(suite => suite.group === undefined)
  if (!hasKeyExchange) return plain
  return [...terms.espSuites.filter(suite => suite.group !== undefined), ...plain]
}

function withoutGroup({ encryption, integrity }: EspSuite): EspSuite {
  return integrity ? { encryption, integrity } : { encryption }
}
