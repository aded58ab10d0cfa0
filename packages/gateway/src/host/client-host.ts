import type { PushOptions } from '@causeway/openvpn'
import { type IpAddress, type IpPrefix, parseIpPrefix } from '@causeway/wire'
import {
  type InterfaceAddress,
  type InterfaceRoute,
  type InterfaceState,
  interfaceBatch,
} from './address-batch.ts'
import { type OriginalRoute, originalRoute } from './original-route.ts'
import { type SystemCommand, systemCommand } from './system-command.ts'

/** The machine under a client: the tunnel's addresses and routes. */
export interface ClientHost {
  /**
   * Gives the TUN device what the server pushed; called again after a reconnect it changes only what
   * differs. Errors: `ERR_HOST_COMMAND`.
   *
   * @param server outer address of the server, which must stay reachable outside the tunnel.
   */
  configure(tun: string, options: PushOptions, server: IpAddress, mtu: number): Promise<void>
  /** Takes away what does not go with the TUN device. Idempotent. */
  restore(): Promise<void>
}

/** A Linux client, through `ip -batch`. DNS settings are left to the caller. */
export function linuxClientHost(
  run: SystemCommand = systemCommand,
  findRoute: (to: IpAddress) => Promise<OriginalRoute | undefined> = originalRoute,
): ClientHost {
  return new LinuxClientHost(run, findRoute)
}

/** A client without a machine: for load, and for tests. */
export const noClientHost: ClientHost = {
  configure: () => Promise.resolve(),
  restore: () => Promise.resolve(),
}

/** What `redirect-gateway def1` means: more specific than a default route, which stays. */
const EVERYTHING = ['0.0.0.0/1', '128.0.0.0/1'].map(text => parseIpPrefix(text) as IpPrefix)

class LinuxClientHost implements ClientHost {
  readonly #run: SystemCommand
  readonly #findRoute: (to: IpAddress) => Promise<OriginalRoute | undefined>
  #tunnel: InterfaceState | undefined
  /** Host routes to servers, outside the tunnel. */
  readonly #bypasses = new Map<string, string>()

  constructor(run: SystemCommand, findRoute: (to: IpAddress) => Promise<OriginalRoute | undefined>) {
    this.#run = run
    this.#findRoute = findRoute
  }

  async configure(tun: string, options: PushOptions, server: IpAddress, mtu: number): Promise<void> {
    if (options.redirectGateway) await this.#keepOutside(server)
    const wanted = { name: tun, mtu: options.mtu ?? mtu, ...addressesAndRoutes(options) }
    const before = this.#tunnel?.name === tun ? this.#tunnel : undefined
    const batch = interfaceBatch(before, wanted)
    if (batch !== '') await this.#run('ip', ['-batch', '-'], batch)
    this.#tunnel = wanted
  }

  async restore(): Promise<void> {
    this.#tunnel = undefined
    const lines = [...this.#bypasses.values()].map(line => `route del ${line}\n`)
    this.#bypasses.clear()
    if (lines.length > 0) await this.#run('ip', ['-force', '-batch', '-'], lines.join(''))
  }

  /** Without this the tunnel's own packets would go into the tunnel. */
  async #keepOutside(server: IpAddress): Promise<void> {
    const key = server.bytes.join('.')
    if (this.#bypasses.has(key)) return
    const route = await this.#findRoute(server)
    if (!route || route.onLink) return
    await this.#run('ip', ['-batch', '-'], `route replace ${route.line}\n`)
    this.#bypasses.set(key, route.line)
  }
}

function addressesAndRoutes(options: PushOptions): {
  readonly addresses: readonly InterfaceAddress[]
  readonly routes: readonly InterfaceRoute[]
} {
  const given = [options.ipv4, options.ipv6].filter(address => address !== undefined)
  const everything = options.redirectGateway ? EVERYTHING : []
  const destinations = [...options.routes, ...everything]
  const routes = destinations.flatMap(destination => {
    const { family } = destination.address
    const address = family === 4 ? options.ipv4 : options.ipv6
    return address ? [{ destination }] : []
  })
  return { addresses: given, routes }
}
