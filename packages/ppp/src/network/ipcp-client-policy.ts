import type { IpAddress } from '@causeway/wire'
import { type Verdict, verdictOf } from '../negotiation/option-policy.ts'
import type { Option } from '../wire/option.ts'
import { addressOption, IPCP_OPTIONS, NO_ADDRESS, readUnicast } from './ipcp-option.ts'
import type { NetworkOpened, NetworkPolicy } from './network-policy.ts'

/** Asks for an address and name servers by zeros, and takes what the server names instead. */
export class IpcpClientPolicy implements NetworkPolicy {
  readonly #values = new Map<number, IpAddress>([
    [IPCP_OPTIONS.address, NO_ADDRESS],
    [IPCP_OPTIONS.primaryDns, NO_ADDRESS],
    [IPCP_OPTIONS.secondaryDns, NO_ADDRESS],
  ])
  #server = NO_ADDRESS

  ask(): readonly Option[] {
    return [...this.#values].map(([type, value]) => addressOption(type, value))
  }

  /** The server's own address is its own business; it may leave it out. */
  judge(options: readonly Option[]): Verdict {
    const [first] = options
    const server = first?.type === IPCP_OPTIONS.address ? readUnicast(first) : undefined
    const rejects = server ? options.slice(1) : options
    if (rejects.length === 0) this.#server = server ?? NO_ADDRESS
    return verdictOf({ rejects, naks: [] })
  }

  acknowledged(): string | undefined {
    return this.#address(IPCP_OPTIONS.address) === undefined ? 'the server gives no address' : undefined
  }

  /** Who refuses a name server without naming another has none. */
  suggested(options: readonly Option[]): string | undefined {
    for (const option of options) {
      const value = readUnicast(option)
      if (!this.#values.has(option.type)) continue
      if (value) this.#values.set(option.type, value)
      else if (option.type === IPCP_OPTIONS.address) return 'the server names an address that nobody may have'
      else this.#values.delete(option.type)
    }
    return undefined
  }

  rejected(options: readonly Option[]): string | undefined {
    for (const { type } of options) {
      if (type === IPCP_OPTIONS.address) return 'the server gives no address'
      this.#values.delete(type)
    }
    return undefined
  }

  opened(): NetworkOpened {
    const local = this.#address(IPCP_OPTIONS.address) ?? NO_ADDRESS
    const dnsServers = [IPCP_OPTIONS.primaryDns, IPCP_OPTIONS.secondaryDns].flatMap(type => {
      const server = this.#address(type)
      return server ? [server] : []
    })
    return { type: 'ipv4-opened', local, peer: this.#server, dnsServers }
  }

  #address(type: number): IpAddress | undefined {
    const value = this.#values.get(type)
    return value === NO_ADDRESS ? undefined : value
  }
}
