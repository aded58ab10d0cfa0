import type { CryptoPort } from '@causeway/crypto'
import type { Instant } from '@causeway/engine'
import { LIFETIME_JITTER, REAUTHENTICATION_GRACE_MS, REAUTHENTICATION_SHARE } from '../limits.ts'
import type { LiveIkeSa } from './live-ike-sa.ts'

/** The times of an IKE SA that has just been established, or has taken over from another. */
export function startTimers(sa: LiveIkeSa, now: Instant): void {
  const { timers, terms, surroundings } = sa
  const start = (timer: 'liveness' | 'rekey' | 'lifetime', seconds: number): void => {
    if (seconds > 0) timers.set(timer, now + 1000 * seconds)
  }
  timers.clear('half-open')
  start('liveness', terms.livenessSeconds)
  start('rekey', terms.ikeRekeySeconds * shortened(surroundings.crypto))
  start('lifetime', terms.ikeLifetimeSeconds)
  startKeepalive(sa, now)
}

/** Who is behind a NAT keeps its mapping alive (RFC 3948 §4). */
export function startKeepalive({ timers, terms, nat, path }: LiveIkeSa, now: Instant): void {
  const wanted = nat.local && path.encapsulated && terms.natKeepaliveSeconds > 0
  if (wanted) timers.set('keepalive', now + 1000 * terms.natKeepaliveSeconds)
  else timers.clear('keepalive')
}

/**
 * When the authentication is too old. The initiator acts by its own terms or by what the responder has said, the
 * sooner; the responder gives it some time more (RFC 4478 §3).
 */
export function startReauthentication(sa: LiveIkeSa, now: Instant): void {
  const { terms, peer, sessionRole, timers, surroundings } = sa
  const own = terms.reauthenticationSeconds
  if (sessionRole === 'responder') {
    if (own > 0) timers.set('reauthentication', now + 1000 * own + REAUTHENTICATION_GRACE_MS)
    return
  }
  const wanted = [own, peer.authLifetimeSeconds ?? 0].filter(seconds => seconds > 0)
  if (wanted.length === 0) return
  const share = REAUTHENTICATION_SHARE * shortened(surroundings.crypto)
  timers.set('reauthentication', now + Math.round(1000 * Math.min(...wanted) * share))
}

/** So that sessions that began together do not all rekey at once. */
function shortened(crypto: CryptoPort): number {
  return 1 - (LIFETIME_JITTER * (crypto.random(1)[0] as number)) / 255
}
