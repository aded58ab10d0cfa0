import { UNAGREED_REQUESTS_FACTOR } from '../limits.ts'
import type { Option } from '../wire/option.ts'
import type { Verdict } from './option-policy.ts'

const NO_TERMS = 'the peer does not come to terms'

/** How long a peer is argued with: Max-Failure (RFC 1661 §4.6), and an end to it. */
export class Patience {
  readonly #maxFailure: number
  #naks = 0
  #unagreed = 0

  constructor(maxFailure: number) {
    this.#maxFailure = maxFailure
  }

  /** There is agreement. */
  renew(): void {
    this.#naks = 0
    this.#unagreed = 0
  }

  /**
   * What is said in the end: after Max-Failure Naks a Reject instead, or where we cannot do without what we asked for,
   * nothing. As text: why the peer is given up.
   */
  settle(verdict: Verdict, asked: readonly Option[]): Verdict | string {
    if (verdict.type === 'ack') return verdict
    if (++this.#unagreed > UNAGREED_REQUESTS_FACTOR * this.#maxFailure) return NO_TERMS
    if (verdict.type === 'reject' || ++this.#naks <= this.#maxFailure) return verdict
    const types = verdict.options.map(({ type }) => type)
    const options = asked.filter(({ type }) => types.includes(type))
    if (verdict.vital === undefined && options.length > 0) return { type: 'reject', options }
    return verdict.vital ?? NO_TERMS
  }
}
