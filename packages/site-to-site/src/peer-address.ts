import { type Instant, TimerTable } from '@causeway/engine'
import { formatIpAddress, type IpAddress } from '@causeway/wire'
import type { ConnectionReply, RequestId } from './connection-command.ts'
import type { Reason } from './connection-output.ts'
import { type RemotePlace, samePlace } from './connection-plan.ts'
import type { Surroundings } from './surroundings.ts'

/** `resolve`: the question for addresses is given up. */
export type AddressTimer = 'resolve'

/** Where to dial: `undefined` while it is asked for, or a reason why it is not known. */
export type DialPlace = IpAddress | Reason | undefined

interface Known {
  readonly address: IpAddress
  readonly until: Instant
}

/** Where the other side is: an address, or a name that is resolved when a dial wants to know. */
export class PeerAddress {
  readonly timers: TimerTable<AddressTimer> = new TimerTable()
  readonly #around: Surroundings
  #place: RemotePlace | undefined
  #known: Known | undefined
  #asked: RequestId | undefined
  #failure: Reason | undefined

  constructor(around: Surroundings) {
    this.#around = around
  }

  configure(place: RemotePlace | undefined): void {
    if (place && this.#place && samePlace(place, this.#place)) return
    this.#place = place
    this.forget()
  }

  /** Nothing is remembered: the next dial asks anew. */
  forget(): void {
    this.#known = this.#asked = this.#failure = undefined
    this.timers.clearAll()
  }

  /** The place for a dial, that of a replacement included. What is up is never moved by a name. */
  place(now: Instant): DialPlace {
    if (this.#place?.type !== 'name') return this.#place?.address
    if (this.#known && now < this.#known.until) return this.#known.address
    const failure = this.#failure
    this.#failure = undefined
    if (failure) return failure
    if (this.#asked === undefined) this.#ask(this.#place.name, now)
    return undefined
  }

  /** Whether the reply was waited for. */
  handleReply(id: RequestId, reply: ConnectionReply, now: Instant): boolean {
    if (id !== this.#asked) return false
    if (reply.type === 'addresses') this.#take(reply.addresses[0], now)
    else if (reply.type === 'not-resolved') this.#fail(reply.reason, now)
    else return false
    return true
  }

  handleTimeout(timer: AddressTimer, now: Instant): void {
    switch (timer) {
      case 'resolve':
        this.#fail('no answer', now)
        return
      default:
        timer satisfies never
    }
  }

  #ask(name: string, now: Instant): void {
    const deadlineMs = this.#around.limits.resolveMs
    this.#asked = this.#around.request({ type: 'resolve', name }, deadlineMs)
    this.timers.set('resolve', now + deadlineMs)
  }

  #take(address: IpAddress | undefined, now: Instant): void {
    if (!address) {
      this.#fail('the name has no address', now)
      return
    }
    this.#done()
    this.#failure = undefined
    this.#known = { address, until: now + this.#around.limits.addressMs }
  }

  /** A name server that is down is no reason to be down: the last address is tried for a while. */
  #fail(why: string, now: Instant): void {
    this.#done()
    const name = this.#place?.type === 'name' ? this.#place.name : ''
    const message = `the peer's name ${name} cannot be resolved: ${why}`
    if (!this.#known) {
      this.#failure = { code: 'name-not-resolved', message }
      return
    }
    this.#known = { ...this.#known, until: now + this.#around.limits.lookAgainMs }
    this.#around.log('warning', 'old-address', `${message}; ${formatIpAddress(this.#known.address)} is tried`)
  }

  #done(): void {
    this.#asked = undefined
    this.timers.clear('resolve')
  }
}
