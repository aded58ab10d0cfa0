import { formatIpAddress } from '@causeway/wire'
import type { AuthenticationPolicy } from '../authentication/authentication-policy.ts'
import type {
  Credentials,
  Identity,
  MethodName,
  SessionTerms,
  SessionWatch,
  TunnelType,
  Verdict,
} from '../authentication/identity.ts'
import { foldedName, isNobody } from '../authentication/sign-in-claim.ts'
import type { GatewayConfiguration, SessionLimits } from '../configuration.ts'
import type { Lease } from '../pool/address-pool.ts'
import type { AddressPools } from '../pool/address-pools.ts'
import { type UserDevice, UserDevices } from './user-devices.ts'
import { type PlanConfiguration, planOf, sameLimits, samePlan, type UserPlan } from './user-plan.ts'

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
      readonly plan: UserPlan
      readonly lease: Lease
    }
  | Denial

type Denial = Extract<Verdict, { readonly type: 'deny' }>
type Allowed = Extract<Verdict, { readonly type: 'allow' }>

/** Whom the door let in, and with what. */
export interface AdmittedGuest {
  readonly identity: Identity
  readonly terms: SessionTerms
  readonly judgedBy: AuthenticationPolicy
  readonly plan: UserPlan
  readonly lease: Lease
  readonly credentials: Credentials
}

/** Parts of a configuration by which the door goes. */
export type AdmissionConfiguration = PlanConfiguration & Pick<GatewayConfiguration, 'sessionLimits'>

export interface AdmissionOptions {
  readonly policy: AuthenticationPolicy
  readonly configuration: AdmissionConfiguration
  readonly pools: AddressPools
  /** Told each time an address was given back. */
  readonly left: () => void
  /** Told to end a session, whose user has come anew from the same device. */
  readonly replaced: (lease: Lease) => void
  /** Told of each sign-in that was judged here, by which method. Absent: nobody asks. */
  readonly judged?: (tunnel: TunnelType, method: MethodName | undefined, verdict: Verdict) => void
}

/**
 * The door of the gateway, the same for every protocol: the policy says who may come in, the session limit and the
 * user's own whether there is room, and the pools give the address.
 */
export class Admission {
  /** Replaced when the configuration changes. */
  policy: AuthenticationPolicy
  configuration: AdmissionConfiguration
  readonly #pools: AddressPools
  readonly #left: () => void
  readonly #judged: NonNullable<AdmissionOptions['judged']>
  readonly #devices: UserDevices
  /** Of those inside whose sign-in can be asked about: forgotten when they leave. */
  readonly #watches = new Map<Lease, SessionWatch>()
  readonly #inside: Record<keyof SessionLimits, number> = { sstp: 0, ikev2OpenVpn: 0 }

  constructor({ policy, configuration, pools, left, replaced, judged }: AdmissionOptions) {
    this.policy = policy
    this.configuration = configuration
    this.#pools = pools
    this.#left = left
    this.#judged = judged ?? (() => undefined)
    this.#devices = new UserDevices(replaced)
  }

  /** @param device tells one user's devices apart, so that each gets its old address again. */
  async admit(credentials: Credentials, device: string): Promise<Admitted> {
    return this.#enter(credentials, await this.#judge(credentials), device)
  }

  /**
   * The same for a peer that was judged elsewhere, in the course of its EAP conversation: by whom `provenBy` says. The
   * peer chooses when that ends, and the policy may have changed since.
   */
  enter(credentials: Credentials, verdict: Verdict, device: string): Admitted {
    if (verdict.type === 'deny') return verdict
    const again = this.policy.recheck(credentials, verdict.identity)
    return this.#enter(credentials, again.type === 'deny' ? again : verdict, device)
  }

  /**
   * Judges whom the door let in again when its session begins: whether its device has come anew, or the policy, or what
   * its group may, has changed since. Between the two the peer chooses how long it takes. `undefined`: it may stay.
   */
  withdrawal(guest: AdmittedGuest): Denial | undefined {
    const { judgedBy, credentials, identity, terms, lease, plan } = guest
    if (!this.#devices.has(lease)) return REPLACED
    // Each configuration has a policy of its own.
    if (judgedBy === this.policy) return undefined
    const verdict = this.policy.recheck(credentials, identity)
    if (verdict.type === 'deny') return verdict
    const next = planOf(this.configuration, identity, terms)
    return samePlan(plan, next) && sameLimits(plan, next) ? undefined : REPLANNED
  }

  /** Why nobody more may come in by this kind of tunnel; `undefined` while there is room. */
  fullReason(tunnel: TunnelType): string | undefined {
    const kind = kindOf(tunnel)
    const limit = this.configuration.sessionLimits[kind]
    if (this.#inside[kind] < limit) return undefined
    return `the limit of ${limit} ${KIND_NAMES[kind]} sessions is reached`
  }

  /** Judges a peer in the course of its EAP conversation, which a no ends; who is let in has to {@link admit}. */
  async judge(credentials: Credentials): Promise<Verdict> {
    const verdict = await this.policy.authenticate(credentials)
    if (verdict.type === 'deny') this.#judged(credentials.tunnel, verdict.by, verdict)
    return verdict
  }

  /** A policy that was replaced while it thought has not the last word. */
  async #judge(credentials: Credentials): Promise<Verdict> {
    const { policy } = this
    const verdict = await policy.authenticate(credentials)
    if (verdict.type === 'deny' || policy === this.policy) return verdict
    const { by: provenBy } = verdict
    const again = this.policy.recheck({ ...credentials, ...(provenBy && { provenBy }) }, verdict.identity)
    if (again.type === 'allow') return { ...verdict, identity: again.identity }
    verdict.terms?.watch?.drop()
    return again
  }

  /** Gives back what `admit` gave. Only after the session's flow is closed. */
  leave(lease: Lease, tunnel: TunnelType): void {
    this.#inside[kindOf(tunnel)]--
    this.#devices.remove(lease)
    this.#watches.get(lease)?.drop()
    this.#watches.delete(lease)
    this.#pools.release(lease)
    this.#left()
  }

  #enter(credentials: Credentials, verdict: Verdict, device: string): Admitted {
    const { tunnel, provenBy } = credentials
    const admitted = this.#room(credentials, verdict, device)
    this.#judged(tunnel, verdict.by ?? provenBy, admitted.type === 'deny' ? admitted : verdict)
    return admitted
  }

  #room({ tunnel, session }: Credentials, verdict: Verdict, device: string): Admitted {
    if (verdict.type === 'deny') return verdict
    const admitted = this.#find(tunnel, verdict, userDevice(verdict, device, session))
    if (admitted.type === 'deny') verdict.terms?.watch?.drop()
    return admitted
  }

  #find(tunnel: TunnelType, { identity, terms = {}, by }: Allowed, device: UserDevice): Admitted {
    const full = this.fullReason(tunnel)
    if (full !== undefined) return noRoom(`user ${identity.user}: ${full}`)
    const plan = planOf(this.configuration, identity, terms)
    const crowd = this.#devices.makeRoom(device, plan.limits.devicesPerUser)
    if (crowd) return crowd
    const leased = this.#lease(device, plan, terms)
    if (leased.type === 'deny') return leased
    const { lease } = leased
    this.#devices.add(device, lease)
    if (terms.watch) this.#watches.set(lease, terms.watch)
    this.#inside[kindOf(tunnel)]++
    return { type: 'allow', identity, terms, by, judgedBy: this.policy, plan, lease }
  }

  /** Addresses that a server gives are given exactly, or nothing is (RFC 2865 §5). */
  #lease(device: UserDevice, { pools, group }: UserPlan, { ipv4, ipv6 }: SessionTerms): Leased {
    const { user, holder } = device
    if (ipv4 || ipv6) {
      const lease = this.#pools.leaseAt({ ipv4, ipv6 }, holder, pools)
      if (lease) return { type: 'leased', lease }
      const wanted = [ipv4, ipv6]
        .flatMap(address => (address ? [formatIpAddress(address)] : []))
        .join(' and ')
      this.#devices.replace(device)
      return noRoom(`user ${user}: ${wanted}, as the server has it, is in use or in no pool of the user`)
    }
    const lease = this.#pools.lease(holder, pools)
    if (lease) return { type: 'leased', lease }
    const whose = group === undefined ? '' : ` of group ${group}`
    return noRoom(`user ${user}: the address pool${whose} is exhausted`)
  }
}

type Leased = { readonly type: 'leased'; readonly lease: Lease } | Denial

/**
 * Names of different methods are nobody's together: who has one of them is not who has the other. A name of RADIUS is
 * the same to most servers however it is written, and one that hides its user is each time somebody else's.
 */
function userDevice({ identity, by }: Allowed, device: string, session: string | undefined): UserDevice {
  const { user, subject = user, thumbprint = '' } = identity
  const hidden = by === 'radius' && isNobody(user) ? (session ?? '') : ''
  const account = by === 'radius' ? foldedName(user) : subject
  return {
    user,
    account: [by, account, hidden].join('\n'),
    holder: [by, subject, hidden, thumbprint, device].join('\n'),
  }
}

function kindOf(tunnel: TunnelType): keyof SessionLimits {
  return tunnel === 'SSTP' ? 'sstp' : 'ikev2OpenVpn'
}

const KIND_NAMES = { sstp: 'SSTP', ikev2OpenVpn: 'IKEv2 and OpenVPN' } as const

const REPLACED: Denial = {
  type: 'deny',
  reason: 'the device has connected anew meanwhile',
  userReason: 'connected anew',
  temporary: true,
}

const REPLANNED: Denial = {
  type: 'deny',
  reason: 'what its policy group may has changed meanwhile',
  userReason: 'connect again',
  temporary: true,
}

function noRoom(reason: string): Denial {
  const userReason = 'the gateway is full, try again later'
  return { type: 'deny', reason, userReason, temporary: true, because: 'full' }
}
