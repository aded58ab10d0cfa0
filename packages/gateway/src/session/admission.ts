import type { AuthenticationPolicy } from '../authentication/authentication-policy.ts'
import type { Credentials, Identity, Verdict } from '../authentication/identity.ts'
import type { AddressPool, Lease } from '../pool/address-pool.ts'

/** The answer to a peer that asks to be let in. */
export type Admitted =
  | { readonly type: 'allow'; readonly identity: Identity; readonly lease: Lease }
  | Extract<Verdict, { readonly type: 'deny' }>

/**
 * The door of the gateway, the same for every protocol: the policy says who may come in, the session
 * limit whether there is room, and the pool gives the address.
 */
export class Admission {
  /** Replaced when the configuration changes. */
  policy: AuthenticationPolicy
  sessionLimit: number
  readonly #pool: AddressPool
  readonly #left: () => void
  #inside = 0

  /** @param left told each time an address was given back. */
  constructor(policy: AuthenticationPolicy, sessionLimit: number, pool: AddressPool, left: () => void) {
    this.policy = policy
    this.sessionLimit = sessionLimit
    this.#pool = pool
    this.#left = left
  }

  /** @param device tells one user's devices apart, so that each gets its old address again. */
  async admit(credentials: Credentials, device: string): Promise<Admitted> {
    const verdict = await this.#judge(credentials)
    if (verdict.type === 'deny') return verdict
    const { identity } = verdict
    if (this.#inside >= this.sessionLimit) {
      return noRoom(`user ${identity.user}: the limit of ${this.sessionLimit} sessions is reached`)
    }
    const lease = this.#pool.lease(`${identity.user}\n${identity.thumbprint ?? ''}\n${device}`)
    if (!lease) return noRoom(`user ${identity.user}: the address pool is exhausted`)
    this.#inside++
    return { type: 'allow', identity, lease }
  }

  /** A policy that was replaced while it thought has not the last word. */
  async #judge(credentials: Credentials): Promise<Verdict> {
    const { policy } = this
    const verdict = await policy.authenticate(credentials)
    if (verdict.type === 'deny' || policy === this.policy) return verdict
    return this.policy.recheck(credentials, verdict.identity)
  }

  /** Gives back what `admit` gave. Only after the session's flow is closed. */
  leave(lease: Lease): void {
    this.#inside--
    this.#pool.release(lease)
    this.#left()
  }
}

function noRoom(reason: string): Admitted {
  return { type: 'deny', reason, userReason: 'the gateway is full, try again later', temporary: true }
}
