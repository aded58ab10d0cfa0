import { type IpAddress, sameBytes } from '@causeway/wire'
import type { PppNetwork } from '../link-command.ts'
import { type Verdict, verdictOf } from '../negotiation/option-policy.ts'
import type { Option } from '../wire/option.ts'
import { addressOption, IPCP_OPTIONS } from './ipcp-option.ts'
import type { NetworkOpened, NetworkPolicy } from './network-policy.ts'

type Ipv4 = NonNullable<PppNetwork['ipv4']>

/** Gives the peer its address and name servers, and takes no other (RFC 1332 §3.3, RFC 1877 §1.1, §1.3). */
export class IpcpServerPolicy implements NetworkPolicy {
  readonly #network: Ipv4
  readonly #values: ReadonlyMap<number, IpAddress>
  #tellsOwn = true

  constructor(network: Ipv4) {
    const [primary, secondary] = network.dnsServers.filter(({ family }) => family === 4)
    this.#network = network
    this.#values = new Map<number, IpAddress>([
      [IPCP_OPTIONS.address, network.peer],
      ...(primary ? [[IPCP_OPTIONS.primaryDns, primary] as const] : []),
      ...(secondary ? [[IPCP_OPTIONS.secondaryDns, secondary] as const] : []),
    ])
  }

  ask(): readonly Option[] {
    return this.#tellsOwn ? [addressOption(IPCP_OPTIONS.address, this.#network.local)] : []
  }

  judge(options: readonly Option[]): Verdict {
    const rejects: Option[] = []
    const naks: Option[] = []
    const seen = new Set<number>()
    for (const option of options) {
      const value = this.#values.get(option.type)
      if (!value || seen.has(option.type)) rejects.push(option)
      else if (!sameBytes(option.data, value.bytes)) naks.push(addressOption(option.type, value))
      seen.add(option.type)
    }
    if (!seen.has(IPCP_OPTIONS.address)) naks.push(addressOption(IPCP_OPTIONS.address, this.#network.peer))
    const isWrong = naks.some(({ type }) => type === IPCP_OPTIONS.address)
    return verdictOf({ rejects, naks, vital: isWrong ? 'the peer insists on another address' : undefined })
  }

  acknowledged(): undefined {}

  /** Ours stays, whatever the peer would like it to be. */
  suggested(): undefined {}

  rejected(): undefined {
    this.#tellsOwn = false
  }

  opened(): NetworkOpened {
    const { local, peer, dnsServers } = this.#network
    return { type: 'ipv4-opened', local, peer, dnsServers: [...dnsServers] }
  }
}
