import type { ChildId, SessionId } from '../ids.ts'
import type { InitialAttempt } from '../initial/initial-attempt.ts'
import type { IkeSa } from '../sa/ike-sa.ts'
import { LiveIkeSa } from '../sa/live-ike-sa.ts'
import { spiKey } from './spis.ts'

/** What a session lives in at present. */
export type SessionHolder = LiveIkeSa | InitialAttempt

/** The sessions of an engine and their IKE SAs: by id, by the SPI that is ours, by Child SA. */
export class SessionTable {
  readonly #holders = new Map<SessionId, SessionHolder>()
  readonly #bySpi = new Map<string, SessionHolder>()
  readonly #ikeSasOf = new Map<SessionId, number>()
  readonly #byChild = new Map<ChildId, SessionId>()

  /** Sessions: half-open ones included, those whose DELETE is under way not. */
  get size(): number {
    return this.#holders.size
  }

  /** IKE SAs and attempts, replaced and deleted ones that linger included. */
  get ikeSaCount(): number {
    return this.#bySpi.size
  }

  holder(session: SessionId): SessionHolder | undefined {
    return this.#holders.get(session)
  }

  /** Makes it what the session lives in. */
  hold(session: SessionId, holder: SessionHolder): void {
    this.#holders.set(session, holder)
  }

  release(session: SessionId): void {
    this.#holders.delete(session)
  }

  bySpi(ownSpi: Uint8Array): SessionHolder | undefined {
    return this.#bySpi.get(spiKey(ownSpi))
  }

  /** The IKE SA itself, as long as it is in the table. */
  live(sa: IkeSa): LiveIkeSa | undefined {
    const found = this.bySpi(sa.role === 'initiator' ? sa.initiatorSpi : sa.responderSpi)
    return found === sa && found instanceof LiveIkeSa ? found : undefined
  }

  /** IKE SAs of a session, those included that wait for their end. */
  ikeSasOf(session: SessionId): number {
    return this.#ikeSasOf.get(session) ?? 0
  }

  add(holder: SessionHolder): void {
    this.#bySpi.set(spiKey(holder.ownSpi), holder)
    if (holder instanceof LiveIkeSa) this.#ikeSasOf.set(holder.session, this.ikeSasOf(holder.session) + 1)
  }

  /** Only when the SPI still leads to it: an attempt's IKE SA has taken over its SPI. */
  remove(holder: SessionHolder): void {
    const key = spiKey(holder.ownSpi)
    if (this.#bySpi.get(key) !== holder) return
    this.#bySpi.delete(key)
    if (!(holder instanceof LiveIkeSa)) return
    const left = this.ikeSasOf(holder.session) - 1
    if (left > 0) this.#ikeSasOf.set(holder.session, left)
    else this.#ikeSasOf.delete(holder.session)
  }

  bindChild(child: ChildId, session: SessionId): void {
    this.#byChild.set(child, session)
  }

  unbindChild(child: ChildId): void {
    this.#byChild.delete(child)
  }

  ofChild(child: ChildId): SessionId | undefined {
    return this.#byChild.get(child)
  }
}
