import { ownTerms } from '../engine/own-terms.ts'
import type { SessionTerms } from '../peer-terms.ts'
import { formatSuite, formatSuites } from '../proposal/proposal-text.ts'
import type { IkeSuite } from '../proposal/suite.ts'
import type { IkeSa } from '../sa/ike-sa.ts'

/** How a peer has proved itself; `secret`: the one that it knows. */
export type PeerProof =
  | { readonly method: 'certificate' | 'eap' }
  | { readonly method: 'psk'; readonly secret: Uint8Array }

/**
 * The session goes on by the terms of the peer that it has turned out to be. A text: what has been agreed and proved so
 * far is not what they take, so the peer is refused.
 */
export function settleTerms(sa: IkeSa, terms: SessionTerms, proof: PeerProof): string | undefined {
  const settled = ownTerms({ ...sa.terms, ...terms })
  if (!takesProof(sa, settled.peer, proof))
    return `the peer has proved itself by ${METHOD[proof.method]}, which its connection does not take`
  const { ikeSuites } = terms
  if (ikeSuites && !ikeSuites.some(suite => sameSuite(suite, sa.suite)))
    return `its connection has ${formatSuites(ikeSuites)}; agreed was ${formatSuite(sa.suite)}`
  sa.terms = settled
  return undefined
}

const METHOD: Readonly<Record<PeerProof['method'], string>> = {
  certificate: 'a certificate',
  psk: 'a pre-shared key',
  eap: 'EAP',
}

/** A secret of the terms has to be the one that was proved: that of another connection opens nothing here. */
function takesProof(
  { surroundings: { crypto } }: IkeSa,
  peer: NonNullable<SessionTerms['peer']>,
  proof: PeerProof,
): boolean {
  if (proof.method !== 'psk') return peer[proof.method]
  return peer.psk ? crypto.equal(peer.psk, proof.secret) : peer.pskByIdentity === true
}

function sameSuite(a: IkeSuite, b: IkeSuite): boolean {
  return (
    a.encryption === b.encryption && a.integrity === b.integrity && a.prf === b.prf && a.group === b.group
  )
}
