import type { Logger } from 'pino'
import type { AuthenticationMethod, TunnelType } from '../authentication/identity.ts'
import type { EntraConfiguration } from '../configuration.ts'
import type { Clock } from '../engine/clock.ts'
import type { HttpSite } from '../listener/http-route.ts'
import type { SessionTable } from '../session/session-table.ts'
import { BrowserMethod } from './browser-method.ts'
import { EntraMethod } from './entra-method.ts'
import { type EntraSite, entraSite } from './entra-site.ts'
import { PAGE_POLICY } from './sign-in-pages.ts'
import { SignInWatch } from './sign-in-watch.ts'
import { isAccepted } from './token-origin.ts'

export interface EntraAccessOptions {
  readonly sessions: SessionTable
  readonly clock: Clock
  readonly log: Logger
}

/** By which tunnel types which method is allowed. */
export interface AllowedTunnels {
  readonly byEntra: ReadonlySet<TunnelType>
  readonly byPassword: ReadonlySet<TunnelType>
  readonly byCertificate: ReadonlySet<TunnelType>
}

/**
 * The gateway's way to Entra ID or another provider, as configured now. Keys, sign-ins under way and refresh tokens stay
 * while the configuration of Entra does, whatever else is changed.
 */
export class EntraAccess {
  readonly #options: EntraAccessOptions
  /** Hears of sessions, and has those asked about again that came by the browser. */
  readonly watch: SignInWatch
  /** The pages of sign-in. */
  readonly site: HttpSite
  #present: EntraSite | undefined
  /** Of a configuration that is not in use yet, and may never be. */
  #next: EntraSite | undefined

  constructor(options: EntraAccessOptions) {
    const { sessions, clock, log } = options
    this.#options = options
    this.watch = new SignInWatch({
      end: (session, cause, reason) => sessions.end(session, cause, 'auth-failed', reason),
      clock,
      log,
    })
    this.site = {
      routes: path => this.#present?.browser?.routes(path),
      contentSecurityPolicy: PAGE_POLICY,
      failed: error => log.error({ err: error }, 'a page of the sign-in could not be made'),
    }
  }

  /** The methods of a configuration, in the order in which they apply. Nothing is in use by it. Errors: `ERR_ENTRA_OPTION`. */
  methods(configuration: EntraConfiguration, allowed: AllowedTunnels): readonly AuthenticationMethod[] {
    const { validator, browser } = this.#siteOf(configuration)
    const { sessionSecondsPastExpiry } = configuration
    const { clock, log } = this.#options
    const { byEntra: tunnels, byPassword, byCertificate } = allowed
    const common = { sessionSecondsPastExpiry, tunnels, unixSeconds: clock.unixSeconds, log }
    return [
      new EntraMethod({ ...common, validator, isAccepted: origin => isAccepted(configuration, origin) }),
      ...(browser ? [new BrowserMethod({ ...common, ...browser, byPassword, byCertificate })] : []),
    ]
  }

  /** Serves this configuration from now on. Sign-ins that are under way for another one are refused. */
  use(configuration: EntraConfiguration | undefined): void {
    const former = this.#present
    this.#present = configuration && this.#siteOf(configuration)
    this.#next = undefined
    if (former !== this.#present) former?.browser?.desk.close()
  }

  close(): void {
    this.use(undefined)
  }

  #siteOf(configuration: EntraConfiguration): EntraSite {
    const known = [this.#present, this.#next].find(site => site && isSame(site.configuration, configuration))
    if (known) return known
    this.#next = entraSite(configuration, this.#options.clock.unixSeconds)
    return this.#next
  }
}

/** How long a session lasts is a matter of the methods, not of what they ask. */
function isSame(one: EntraConfiguration, other: EntraConfiguration): boolean {
  return asText(one) === asText(other)
}

function asText({ sessionSecondsPastExpiry: _, ...rest }: EntraConfiguration): string {
  return JSON.stringify(rest)
}
