import { PEER_ID_LIMIT } from '../limits.ts'

/**
 * Gives peer-ids (24 bits). Ids go round, so that late packets of a session that has ended do not
 * soon meet a new session.
 */
export class PeerIds {
  readonly #taken = new Set<number>()
  #next = 0

  take(): number | undefined {
    if (this.#taken.size >= PEER_ID_LIMIT) return undefined
    while (this.#taken.has(this.#next)) this.#advance()
    const peerId = this.#next
    this.#taken.add(peerId)
    this.#advance()
    return peerId
  }

  giveBack(peerId: number): void {
    this.#taken.delete(peerId)
  }

  #advance(): void {
    this.#next = (this.#next + 1) % PEER_ID_LIMIT
  }
}
