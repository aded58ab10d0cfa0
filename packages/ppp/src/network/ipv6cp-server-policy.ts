import { sameBytes } from '@causeway/wire'
import type { PppNetwork } from '../link-command.ts'
import { type Verdict, verdictOf } from '../negotiation/option-policy.ts'
import type { Option } from '../wire/option.ts'
import { INTERFACE_IDENTIFIER, identifierOption } from './ipv6cp-option.ts'
import type { NetworkOpened, NetworkPolicy } from './network-policy.ts'

type Ipv6 = NonNullable<PppNetwork['ipv6']>

/** Gives the peer its interface identifier, and takes no other (RFC 5072 §4.1). */
export class Ipv6cpServerPolicy implements NetworkPolicy {
  readonly #network: Ipv6
  #tellsOwn = true

  constructor({ local, peer }: Ipv6) {
    this.#network = { local: local.slice(), peer: peer.slice() }
  }

  ask(): readonly Option[] {
    return this.#tellsOwn ? [identifierOption(this.#network.local)] : []
  }

  judge(options: readonly Option[]): Verdict {
    const own = options.find(({ type }) => type === INTERFACE_IDENTIFIER)
    const rejects = options.filter(option => option !== own)
    const isRight = own !== undefined && sameBytes(own.data, this.#network.peer)
    if (isRight) return verdictOf({ rejects, naks: [] })
    const vital = 'the peer insists on another interface identifier'
    return verdictOf({ rejects, naks: [identifierOption(this.#network.peer)], vital })
  }

  acknowledged(): undefined {}

  suggested(): undefined {}

  rejected(): undefined {
    this.#tellsOwn = false
  }

  opened(): NetworkOpened {
    const { local, peer } = this.#network
    return { type: 'ipv6-opened', local: local.slice(), peer: peer.slice() }
  }
}
