import type { CryptoPort } from '@causeway/crypto'
import type { Instant } from '@causeway/engine'
import type { LaneId } from './client-command.ts'
import type { Addressee } from './request-plan.ts'
import type { Slot, SlotOwner } from './slot.ts'
import { StreamFrames } from './stream-frames.ts'
import type { Target } from './target.ts'

const IDENTIFIERS = 256

/** A UDP port or a TLS connection to one address of a server: 256 requests at a time (RFC 2865 §3). */
export class Lane {
  readonly id: LaneId
  readonly target: Target
  readonly frames: StreamFrames = new StreamFrames()
  /** `false` while a TLS connection is being made. */
  isOpen: boolean
  /** By when it has to be connected; once it is, by when it is closed unless it was used. */
  deadline: Instant
  readonly #free: number[]
  readonly #slots = new Map<number, Slot>()

  constructor(crypto: Pick<CryptoPort, 'random'>, id: LaneId, target: Target, deadline: Instant) {
    this.id = id
    this.target = target
    this.isOpen = target.server.transport === 'udp'
    this.deadline = deadline
    this.#free = shuffledIdentifiers(crypto)
  }

  get isFull(): boolean {
    return this.#free.length === 0
  }

  get isIdle(): boolean {
    return this.#slots.size === 0
  }

  get slots(): readonly Slot[] {
    return [...this.#slots.values()]
  }

  slot(identifier: number): Slot | undefined {
    return this.#slots.get(identifier)
  }

  /** Writes a request under the identifier that has been unused longest (RFC 5080 §2.2.2). */
  take(owner: SlotOwner, addressee: Addressee, now: Instant): Slot | undefined {
    const identifier = this.#free.shift()
    if (identifier === undefined) return undefined
    const written = owner.write(addressee, identifier, now)
    const slot = { owner, lane: this, identifier, version: owner.version(now), ...written }
    this.#slots.set(identifier, slot)
    return slot
  }

  /** Frees what a slot held; one that was freed before changes nothing. */
  release(slot: Slot): void {
    if (this.#slots.get(slot.identifier) !== slot) return
    this.#slots.delete(slot.identifier)
    this.#free.push(slot.identifier)
  }
}

/** All identifiers in an order that cannot be foretold: an odd step goes through all of them. */
function shuffledIdentifiers(crypto: Pick<CryptoPort, 'random'>): number[] {
  const [start = 0, step = 0] = crypto.random(2)
  return Array.from({ length: IDENTIFIERS }, (_, i) => (start + i * (step | 1)) % IDENTIFIERS)
}
