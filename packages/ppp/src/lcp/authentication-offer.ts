import type { PppAuthentication } from '../authentication.ts'

/** What a server asks its peer to authenticate by: its first choice, and on a Nak another. */
export class AuthenticationOffer {
  readonly #methods: readonly PppAuthentication[]
  readonly #untried: PppAuthentication[]
  #method: PppAuthentication

  /** In order of preference, never empty. */
  constructor(methods: readonly PppAuthentication[]) {
    const [first, ...others] = methods
    this.#methods = methods
    this.#method = first as PppAuthentication
    this.#untried = others
  }

  get method(): PppAuthentication {
    return this.#method
  }

  /**
   * The peer does not want this method but, if it says so, another: that one is next, else the next of ours. Each is
   * offered once. Gives the reason when none is left.
   */
  refused(wanted: PppAuthentication | undefined): string | undefined {
    const at = wanted === undefined ? 0 : Math.max(0, this.#untried.indexOf(wanted))
    const [next] = this.#untried.splice(at, 1)
    if (next === undefined) {
      const peer = wanted === undefined ? 'the peer says no' : `the peer wants ${wanted}`
      return `no authentication in common: we offer ${this.#methods.join(', ')}; ${peer}`
    }
    this.#method = next
    return undefined
  }
}
