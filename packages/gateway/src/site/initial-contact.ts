import { type IpAddress, sameIpAddress } from '@causeway/wire'
import type { SiteSession } from './site-session.ts'

/*
 * INITIAL_CONTACT (RFC 7296 §2.4): who begins a session says that it knows of no other. It is the peer's last word on
 * sessions that it has lost, by a restart; and ours must be true when it is sent.
 */

/** A peer forgets by it whatever it has of the same identity: whether that is nothing which we still have. */
export function isOnlyTo(remote: IpAddress, own: SiteSession, sessions: Iterable<SiteSession>): boolean {
  return ![...sessions].some(session => session !== own && leadsTo(session, remote))
}

/** Dials to the same place that may not have said yet who we are: now they must not say that there is nothing else. */
export function dialsBeside(session: SiteSession, sessions: Iterable<SiteSession>): readonly SiteSession[] {
  const remote = session.path?.remote.address
  if (!remote) return []
  return [...sessions].filter(other => {
    return other !== session && other.initiator === 'us' && !other.agreed && leadsTo(other, remote)
  })
}

/** Ours: within it the network may exchange two messages, and nobody dies and begins anew. */
const EXCHANGED_MS = 1_000

/**
 * Sessions of the same tunnel that the peer of a new one has said not to know. One of ours that crosses with the new
 * one is not among them: the answer that established it here comes after the peer's word, or hardly before.
 */
export function forgottenBy(session: SiteSession, sessions: Iterable<SiteSession>): readonly SiteSession[] {
  const { connection, tunnel, initialContactAt } = session
  if (initialContactAt === undefined) return []
  return [...sessions].filter(other => {
    const { establishedAt = Number.POSITIVE_INFINITY, initiator } = other
    const isBefore = establishedAt + (initiator === 'us' ? EXCHANGED_MS : 0) < initialContactAt
    return other !== session && other.connection === connection && other.tunnel === tunnel && isBefore
  })
}

function leadsTo({ path }: SiteSession, remote: IpAddress): boolean {
  return path !== undefined && sameIpAddress(path.remote.address, remote)
}
