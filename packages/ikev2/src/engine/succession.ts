import type { Instant } from '@causeway/engine'
import { createChildren } from '../child/child-table.ts'
import { REPLACED_MS } from '../limits.ts'
import { moveFlows } from '../sa/follow-path.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import { LiveIkeSa } from '../sa/live-ike-sa.ts'
import { startTimers } from '../sa/start-timers.ts'
import type { SuccessorIkeSa, Surroundings } from '../sa/surroundings.ts'
import type { SessionTable } from './session-table.ts'

/** How the IKE SAs of a session follow each other when it is rekeyed; what `Surroundings` says of it. */
export class Succession {
  readonly #surroundings: Surroundings
  readonly #sessions: SessionTable

  constructor(surroundings: Surroundings, sessions: SessionTable) {
    this.#surroundings = surroundings
    this.#sessions = sessions
  }

  /** Errors: `ERR_IKEV2_NO_SESSION` when there is no session that could go on. */
  succeed(old: IkeSa, successor: SuccessorIkeSa, now: Instant): LiveIkeSa {
    const from = this.#sessions.holder(old.session)
    const before = this.#sessions.live(old)
    if (!(from instanceof LiveIkeSa) || !before || from.state === 'initial')
      throw Object.assign(new Error('only a live session has a successor'), { code: 'ERR_IKEV2_NO_SESSION' })
    const sa = this.#descend(from, successor, now)
    this.#takeOver(from, sa, now)
    if (before !== from) this.#replace(before, sa, now)
    return sa
  }

  /** Errors: `ERR_IKEV2_NO_SESSION` when the old one is gone. */
  addRedundant(old: IkeSa, redundant: SuccessorIkeSa, now: Instant): LiveIkeSa {
    const before = this.#sessions.live(old)
    if (!before) throw Object.assign(new Error('its predecessor is gone'), { code: 'ERR_IKEV2_NO_SESSION' })
    const sa = this.#descend(before, redundant, now)
    sa.timers.set('replaced', now + REPLACED_MS)
    this.#surroundings.reschedule(sa)
    return sa
  }

  promote(redundant: IkeSa, now: Instant): void {
    const sa = this.#sessions.live(redundant)
    const from = this.#sessions.holder(redundant.session)
    if (sa?.state !== 'replaced' || !(from instanceof LiveIkeSa) || from.state !== 'established') return
    const hasMoved = sa.path !== sa.birthPath
    // The session may have moved while this one waited.
    if (!hasMoved) {
      sa.path = from.path
      Object.assign(sa.nat, from.nat)
    }
    this.#takeOver(from, sa, now)
    if (hasMoved) moveFlows(sa)
  }

  /** An IKE SA of the same session by CREATE_CHILD_SA: at first without Child SAs, and `replaced`. */
  #descend(from: LiveIkeSa, successor: SuccessorIkeSa, now: Instant): LiveIkeSa {
    const { role, initiatorSpi, responderSpi, suite, keys } = successor
    const { session, sessionRole, terms, peer, nat, path } = from
    const birth = { role, initiatorSpi, responderSpi, suite, keys, terms, peer, nat: { ...nat }, path, now }
    const sa = new LiveIkeSa(
      this.#surroundings,
      { ...birth, initial: undefined },
      {
        session,
        sessionRole,
        children: createChildren(),
        state: 'replaced',
        start: { ownFirstId: 0, peerFirstId: 0, open: true },
      },
    )
    sa.heard = true
    this.#sessions.add(sa)
    this.#surroundings.reschedule(sa)
    return sa
  }

  /** The session lives in another of its IKE SAs from now on. */
  #takeOver(from: LiveIkeSa, sa: LiveIkeSa, now: Instant): void {
    sa.children = from.children
    sa.packetsReceived = from.packetsReceived
    sa.natMapping = from.natMapping
    sa.state = 'established'
    from.children = createChildren()
    this.#sessions.hold(sa.session, sa)
    sa.timers.clearAll()
    startTimers(sa, now)
    const authentication = from.timers.deadline('reauthentication')
    if (authentication !== undefined) sa.timers.set('reauthentication', authentication)
    this.#replace(from, sa, now)
    this.#surroundings.reschedule(sa)
  }

  #replace(replaced: LiveIkeSa, successor: LiveIkeSa, now: Instant): void {
    // What is under way is begun anew: an address that owes us a cookie owes it still.
    const { running } = replaced.exchanges
    const again = running?.changes ? undefined : running?.moveTo?.(successor)
    if (again) successor.exchanges.begin(again, now)
    for (const task of replaced.exchanges.requests.takeWaiting()) {
      const moved = task.moveTo?.(successor)
      if (moved) successor.exchanges.begin(moved, now)
      else task.abandon(now)
    }
    if (replaced.state === 'deleting') return
    replaced.state = 'replaced'
    replaced.timers.clearAll()
    replaced.timers.set('replaced', now + REPLACED_MS)
    this.#surroundings.reschedule(replaced)
  }
}
