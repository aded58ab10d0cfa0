import type { AuthenticationPolicy } from '../authentication/authentication-policy.ts'
import type {
  Credentials,
  Identity,
  MethodName,
  SessionTerms,
  TunnelType,
  Verdict,
} from '../authentication/identity.ts'
import type { SessionLimits } from '../configuration.ts'
import type { AddressPool, Lease } from '../pool/address-pool.ts'

/** The answer to a peer that asks to be let in. */
export type Admitted =
  | {
      readonly type: 'allow'
      readonly identity: Identity
      readonly terms: SessionTerms
      /** The method that said so. */
      readonly by: MethodName | undefined
      /** What it was judged by, for {@link Admission.withdrawal}. */
      readonly judgedBy: AuthenticationPolicy
      readonly lease: Lease
    }
  | Denial

type Denial = Extract<Verdict, { readonly type: 'deny' }>

/** Whom the door let in, and with what. */
export interface AdmittedGuest {
  readonly identity: Identity
  readonly terms: SessionTerms
  readonly judgedBy: AuthenticationPolicy
  readonly lease: Lease
  readonly credentials: Credentials
}

/**
 * The door of the gateway, the same for every protocol: the policy says who may come in, the session
 * limit whether there is room, and the pool gives the address.
 */
export class Admission {
  /** Replaced when the configuration changes. */
  policy: AuthenticationPolicy
  limits: SessionLimits
  readonly #pool: AddressPool
  readonly #left: () => void
  readonly #inside: Record<keyof SessionLimits, number> = { sstp: 0, ikev2OpenVpn: 0 }

  /** @param left told each time an address was given back. */
  constructor(policy: AuthenticationPolicy, limits: SessionLimits, pool: AddressPool, left: () => void) {
    this.policy = policy
    this.limits = limits
    this.#pool = pool
    this.#left = left
  }

  /** @param device tells one user's devices apart, so that each gets its old address again. */
  async admit(credentials: Credentials, device: string): Promise<Admitted> {
    return this.enter(credentials.tunnel, await this.#judge(credentials), device)
  }

  /** The same for a peer that was judged elsewhere: in the course of its EAP conversation. */
  enter(tunnel: TunnelType, verdict: Verdict, device: string): Admitted {
    if (verdict.type === 'deny') return verdict
    const { identity, terms = {}, by } = verdict
    const full = this.fullReason(tunnel)
    if (full !== undefined) return noRoom(`user ${identity.user}: ${full}`)
    const lease = this.#pool.lease(`${identity.user}\n${identity.thumbprint ?? ''}\n${device}`)
    if (!lease) return noRoom(`user ${identity.user}: the address pool is exhausted`)
    this.#inside[kindOf(tunnel)]++
    return { type: 'allow', identity, terms, by, judgedBy: this.policy, lease }
  }

  /**
   * Judges whom the door let in again when its session begins, if the policy has changed since: between the two the
   * peer chooses how long it takes. `undefined`: it may stay.
   */
  withdrawal({ judgedBy, credentials, identity }: AdmittedGuest): Denial | undefined {
    if (judgedBy === this.policy) return undefined
    const verdict = this.policy.recheck(credentials, identity)
    return verdict.type === 'deny' ? verdict : undefined
  }

  /** Why nobody more may come in by this kind of tunnel; `undefined` while there is room. */
  fullReason(tunnel: TunnelType): string | undefined {
    const kind = kindOf(tunnel)
    const limit = this.limits[kind]
    if (this.#inside[kind] < limit) return undefined
    return `the limit of ${limit} ${KIND_NAMES[kind]} sessions is reached`
  }

  /** A policy that was replaced while it thought has not the last word. */
  async #judge(credentials: Credentials): Promise<Verdict> {
    const { policy } = this
    const verdict = await policy.authenticate(credentials)
    if (verdict.type === 'deny' || policy === this.policy) return verdict
    return this.policy.recheck(credentials, verdict.identity)
  }

  /** Gives back what `admit` gave. Only after the session's flow is closed. */
  leave(lease: Lease, tunnel: TunnelType): void {
    this.#inside[kindOf(tunnel)]--
    this.#pool.release(lease)
    this.#left()
  }
}

function kindOf(tunnel: TunnelType): keyof SessionLimits {
  return tunnel === 'SSTP' ? 'sstp' : 'ikev2OpenVpn'
}

const KIND_NAMES = { sstp: 'SSTP', ikev2OpenVpn: 'IKEv2 and OpenVPN' } as const

function noRoom(reason: string): Admitted {
  return { type: 'deny', reason, userReason: 'the gateway is full, try again later', temporary: true }
}
