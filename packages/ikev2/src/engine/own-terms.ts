import type { Identification } from '../identification.ts'
import type { OwnCredential, PeerTerms } from '../peer-terms.ts'

/** A copy of terms that shares no bytes with them: what a command brings is borrowed for the call. */
export function ownTerms(terms: PeerTerms): PeerTerms {
  const { identification, otherIdentifications, expectedIdentification, own, peer, authorityKeyHashes } =
    terms
  return {
    ...terms,
    identification: ownIdentification(identification),
    ...(otherIdentifications && { otherIdentifications: otherIdentifications.map(ownIdentification) }),
    ...(expectedIdentification && { expectedIdentification: ownIdentification(expectedIdentification) }),
    own: ownCredential(own),
    peer: peer.psk ? { ...peer, psk: peer.psk.slice() } : peer,
    authorityKeyHashes: authorityKeyHashes.map(hash => hash.slice()),
  }
}

function ownIdentification(identification: Identification): Identification {
  return { ...identification, data: identification.data.slice() }
}

function ownCredential(own: OwnCredential): OwnCredential {
  switch (own.type) {
    case 'certificate':
      return { ...own, chain: own.chain.map(certificate => certificate.slice()) }
    case 'psk':
      return { ...own, secret: own.secret.slice() }
    case 'eap':
      return own
    default:
      return own satisfies never
  }
}
