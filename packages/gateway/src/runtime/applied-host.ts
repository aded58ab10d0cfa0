import { formatIpPrefix } from '@causeway/wire'
import type { GatewayConfiguration } from '../configuration.ts'
import type { GatewayHost, GatewayHostState } from '../host/host.ts'
import type { DiagnosticLogs } from '../observation/index.ts'
import type { AddressPools } from '../pool/address-pools.ts'
import { hostState } from './host-state.ts'

export interface AppliedHostOptions {
  readonly host: GatewayHost
  readonly pools: AddressPools
  readonly logs: DiagnosticLogs
}

/** The machine as the configuration and the pools in use want it, and its routes as the log was told of them. */
export class AppliedHost {
  readonly #options: AppliedHostOptions
  #state: GatewayHostState | undefined
  #notes: readonly string[] = []
  #told = ''

  constructor(options: AppliedHostOptions) {
    this.#options = options
  }

  /** Errors: the host's. */
  async apply(tun: string, configuration: GatewayConfiguration): Promise<void> {
    const { host, pools } = this.#options
    const state = hostState(tun, configuration, pools.inUse)
    this.#notes = await host.apply(state)
    this.#state = state
  }

  /** Tells the log of the routes, unless it knows them. */
  tellRoutes(): void {
    if (!this.#state) return
    const clients = this.#state.pools.map(formatIpPrefix)
    const inside = this.#state.destinations.map(formatIpPrefix)
    const sites = this.#state.sites?.remotePrefixes.map(formatIpPrefix) ?? []
    const text = `routes to clients: ${listed(clients)}; to the inside: ${listed(inside)}`
    const whole = sites.length > 0 ? `${text}; to sites: ${listed(sites)}` : text
    const told = [whole, ...this.#notes].join('\n')
    if (told === this.#told) return
    this.#told = told
    const { route } = this.#options.logs
    route.info({ clients, inside, ...(sites.length > 0 && { sites }) }, whole)
    for (const note of this.#notes) route.warn(note)
  }
}

function listed(prefixes: readonly string[]): string {
  return prefixes.join(', ') || 'none'
}
