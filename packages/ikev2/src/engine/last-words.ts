import { DeadlineQueue, type Instant } from '@causeway/engine'
import { LAST_WORDS, LAST_WORDS_MS, LAST_WORDS_REPEATS } from '../limits.ts'
import type { LiveIkeSa } from '../sa/live-ike-sa.ts'
import type { Arrival } from '../sa/receive.ts'
import { spiKey } from './spis.ts'

interface Words {
  readonly key: string
  readonly messageId: number
  readonly datagrams: readonly Uint8Array[]
  left: number
}

/**
 * The refusals that were the last response of an IKE SA. When one is lost, the peer repeats its request to an IKE SA
 * that is gone; without this it would learn after minutes of silence what it could know at once.
 */
export class LastWords {
  readonly #byKey = new Map<string, Words>()
  readonly #deadlines = new DeadlineQueue<Words>()

  /** The IKE SA is going, perhaps with a refusal of its peer. */
  keep(sa: LiveIkeSa, now: Instant): void {
    const last = sa.exchanges.responses.last
    if (!last?.final || this.#byKey.size >= LAST_WORDS) return
    const words = { key: keyOf(sa.initiatorSpi, sa.responderSpi), left: LAST_WORDS_REPEATS, ...last }
    this.#byKey.set(words.key, words)
    this.#deadlines.schedule(words, now + LAST_WORDS_MS)
  }

  /** What to send once more to who repeats the request that was refused. */
  repeat({ header }: Arrival): readonly Uint8Array[] | undefined {
    const words = this.#byKey.get(keyOf(header.initiatorSpi, header.responderSpi))
    const isRepeat = words?.messageId === header.messageId && !header.response && header.fromInitiator
    if (!words || !isRepeat || words.left === 0) return undefined
    words.left--
    return words.datagrams.map(bytes => bytes.slice())
  }

  nextTimeout(): Instant | undefined {
    return this.#deadlines.next()
  }

  handleTimeout(now: Instant): void {
    for (let words = this.#deadlines.takeDue(now); words; words = this.#deadlines.takeDue(now))
      this.#byKey.delete(words.key)
  }
}

function keyOf(initiatorSpi: Uint8Array, responderSpi: Uint8Array): string {
  return spiKey(initiatorSpi) + spiKey(responderSpi)
}
