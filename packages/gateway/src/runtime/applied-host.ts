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
  #told = ''

  constructor(options: AppliedHostOptions) {
    this.#options = options
  }

  /** Errors: the host's. */
  async apply(tun: string, configuration: GatewayConfiguration): Promise<void> {
    const { host, pools } = this.#options
    const state = hostState(tun, configuration, pools.inUse)
    await host.apply(state)
    this.#state = state
  }

  /** Tells the log of the routes, unless it knows them. */
  tellRoutes(): void {
    if (!this.#state) return
    const clients = this.#state.pools.map(formatIpPrefix)
    const inside = this.#state.destinations.map(formatIpPrefix)
    const text = `routes to clients: ${listed(clients)}; to the inside: ${listed(inside)}`
    if (text !== this.#told) this.#options.logs.route.info({ clients, inside }, text)
    this.#told = text
  }
}

function listed(prefixes: readonly string[]): string {
  return prefixes.join(', ') || 'none'
}
