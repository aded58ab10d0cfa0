import { type NamedAttribute, type SessionPlace, sessionAttributes } from '@causeway/radius'
import { formatIpAddress } from '@causeway/wire'
import type { PeerPlace } from '../authentication/identity.ts'

/** What every question of a peer tells the server of it. */
export function peerAttributes(place: PeerPlace, eapMtu?: number): NamedAttribute[] {
  return sessionAttributes({ ...sessionPlace(place), ...(eapMtu !== undefined && { eapMtu }) })
}

/** The place of a peer as RADIUS names it, the same in questions and in records. */
export function sessionPlace({ tunnel, remote, local, session }: PeerPlace): SessionPlace {
  return {
    ...(remote && { callingStation: formatIpAddress(remote.address) }),
    ...(local && { calledStation: formatIpAddress(local) }),
    ...(session !== undefined && { port: portNumber(session), portId: session }),
    connection: tunnel,
    isIpsec: tunnel === 'IkeV2',
  }
}

/** NAS-Port: of the session's id, which is random, the first 32 bits. The whole of it is NAS-Port-Id. */
export function portNumber(session: string): number {
  return Number.parseInt(session.slice(0, PORT_DIGITS), 16)
}

const PORT_DIGITS = 8
