import type { AuthenticationMethod, Credentials, Identity, TunnelType, Verdict } from './identity.ts'
import { claimOf } from './sign-in-claim.ts'
import type { SignInPace } from './sign-in-pace.ts'

/**
 * The one place where it is decided who may connect: the methods that the configuration allows, each
 * for its tunnel types. What the client brought decides which method applies: the first that takes the credentials,
 * and its no is final. A session is judged again by the method that let it in.
 */
export class AuthenticationPolicy {
  readonly #methods: readonly AuthenticationMethod[]
  readonly #served: ReadonlySet<TunnelType> | undefined
  readonly #pace: SignInPace | undefined

  /**
   * @param served nobody comes in by another tunnel type, nor stays in. Absent: the methods' alone count.
   * @param pace has those wait who fail again and again. Absent: nobody has to.
   */
  constructor(methods: readonly AuthenticationMethod[], served?: ReadonlySet<TunnelType>, pace?: SignInPace) {
    this.#methods = methods
    this.#served = served
    this.#pace = pace
  }

  async authenticate(credentials: Credentials): Promise<Verdict> {
    const method = this.#method(credentials)
    if (!method) return this.#noMethod(credentials)
    const judge = () => method.authenticate(credentials)
    const pace = method.asksElsewhere ? undefined : this.#pace
    const verdict = await (pace?.judge(claimOf(method.name, credentials), judge) ?? judge())
    return { ...verdict, by: method.name }
  }

  /** Judges an established session again, from its first or renewed credentials. Asks nobody. */
  recheck(credentials: Credentials, identity: Identity): Verdict {
    return this.#method(credentials)?.recheck(credentials, identity) ?? this.#noMethod(credentials)
  }

  #method(credentials: Credentials): AuthenticationMethod | undefined {
    const { tunnel, provenBy } = credentials
    return this.#of(tunnel).find(method =>
      provenBy === undefined ? method.accepts(credentials) : method.name === provenBy,
    )
  }

  #of(tunnel: TunnelType): readonly AuthenticationMethod[] {
    if (this.#served && !this.#served.has(tunnel)) return []
    return this.#methods.filter(({ tunnels }) => tunnels.has(tunnel))
  }

  #noMethod({ tunnel, peerChain, username }: Credentials): Verdict {
    const brought = peerChain.length > 0 ? 'a certificate' : username ? 'a user name' : 'no certificate'
    const names = this.#of(tunnel).map(({ name }) => name)
    return {
      type: 'deny',
      reason: `the client brought ${brought}; ${tunnel} accepts: ${names.join(', ') || 'nothing'}`,
      userReason: 'credentials not accepted',
      temporary: false,
    }
  }
}
