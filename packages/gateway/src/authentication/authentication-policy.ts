import type { AuthenticationMethod, Credentials, Identity, Verdict } from './identity.ts'

/**
 * The one place where it is decided who may connect: the methods that the configuration allows, each
 * for its tunnel types. The first that takes the credentials decides; none overrides another.
 */
export class AuthenticationPolicy {
  readonly #methods: readonly AuthenticationMethod[]

  constructor(methods: readonly AuthenticationMethod[]) {
    this.#methods = methods
  }

  async authenticate(credentials: Credentials): Promise<Verdict> {
    return this.#method(credentials)?.authenticate(credentials) ?? this.#noMethod(credentials)
  }

  /** Judges an established session again, from its first or renewed credentials. Asks nobody. */
  recheck(credentials: Credentials, identity: Identity): Verdict {
    return this.#method(credentials)?.recheck(credentials, identity) ?? this.#noMethod(credentials)
  }

  #method(credentials: Credentials): AuthenticationMethod | undefined {
    return this.#methods.find(method => method.tunnels.has(credentials.tunnel) && method.accepts(credentials))
  }

  #noMethod({ tunnel, peerChain, username }: Credentials): Verdict {
    const brought = peerChain.length > 0 ? 'a certificate' : username ? 'a user name' : 'no certificate'
    const names = this.#methods.filter(({ tunnels }) => tunnels.has(tunnel)).map(({ name }) => name)
    return {
      type: 'deny',
      reason: `the client brought ${brought}; ${tunnel} accepts: ${names.join(', ') || 'nothing'}`,
      userReason: 'credentials not accepted',
      temporary: false,
    }
  }
}
