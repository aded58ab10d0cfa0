import type { CryptoPort } from '@causeway/crypto'
import { sameBytes } from '@causeway/wire'
import { type Verdict, verdictOf } from '../negotiation/option-policy.ts'
import type { Option } from '../wire/option.ts'
import { IDENTIFIER_BYTES, INTERFACE_IDENTIFIER, identifierOption, readIdentifier } from './ipv6cp-option.ts'
import type { NetworkOpened, NetworkPolicy } from './network-policy.ts'

/** Proposes a random interface identifier, and takes the one that the server names instead (RFC 5072 §4.1). */
export class Ipv6cpClientPolicy implements NetworkPolicy {
  readonly #random: CryptoPort['random']
  #local: Uint8Array
  #server: Uint8Array = new Uint8Array(IDENTIFIER_BYTES)

  constructor(random: CryptoPort['random']) {
    this.#random = random
    this.#local = this.#newIdentifier()
  }

  ask(): readonly Option[] {
    return [identifierOption(this.#local)]
  }

  judge(options: readonly Option[]): Verdict {
    const own = options.find(({ type }) => type === INTERFACE_IDENTIFIER)
    const rejects = options.filter(option => option !== own)
    const server = own && readIdentifier(own)
    const isUsable = server !== undefined && !sameBytes(server, this.#local)
    if (own && !isUsable) {
      const vital = 'the server has no interface identifier'
      return verdictOf({ rejects, naks: [identifierOption(this.#newIdentifier())], vital })
    }
    if (server && rejects.length === 0) this.#server = server
    return verdictOf({ rejects, naks: [] })
  }

  acknowledged(): undefined {}

  suggested(options: readonly Option[]): undefined {
    for (const option of options) {
      const identifier = readIdentifier(option)
      if (identifier && !sameBytes(identifier, this.#server)) this.#local = identifier
    }
  }

  rejected(): string {
    return 'the server gives no interface identifier'
  }

  opened(): NetworkOpened {
    return { type: 'ipv6-opened', local: this.#local.slice(), peer: this.#server.slice() }
  }

  /** Chosen here, not derived from hardware: the universal bit is off (RFC 5072 §4.1), and it is never zero. */
  #newIdentifier(): Uint8Array {
    const identifier = this.#random(IDENTIFIER_BYTES)
    identifier[0] = (identifier[0] as number) & ~2
    identifier[7] = (identifier[7] as number) | 1
    return identifier
  }
}
