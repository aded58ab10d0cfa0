import type { AuthenticationMethod, Credentials, Identity, TunnelType, Verdict } from './identity.ts'

/**
 * The one place where it is decided who may connect: the methods that the configuration allows, each
 * for its tunnel types. The first that takes the credentials decides; none overrides another.
 */
export class AuthenticationPolicy {
  readonly #methods: readonly AuthenticationMethod[]
  readonly #served: ReadonlySet<TunnelType> | undefined

  /** @param served nobody comes in by another tunnel type, nor stays in. Absent: the methods' alone count. */
  constructor(methods: readonly AuthenticationMethod[], served?: ReadonlySet<TunnelType>) {
    this.#methods = methods
    this.#served = served
  }

  async authenticate(credentials: Credentials): Promise<Verdict> {
    return this.#method(credentials)?.authenticate(credentials) ?? this.#noMethod(credentials)
  }

  /** Judges an established session again, from its first or renewed credentials. Asks nobody. */
  recheck(credentials: Credentials, identity: Identity): Verdict {
    return this.#method(credentials)?.recheck(credentials, identity) ?? this.#noMethod(credentials)
  }

  #method(credentials: Credentials): AuthenticationMethod | undefined {
    return this.#of(credentials.tunnel).find(method => method.accepts(credentials))
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
