import type { Datapath, FlowId, NatAddresses, NatId } from '@causeway/datapath'
import { formatIpPrefix } from '@causeway/wire'
import type { SiteConnection, SiteNat } from './site-configuration.ts'

/** The NAT of a connection in the datapath. */
interface Translation {
  readonly nat: NatId
  /** What it was told last, as text. */
  rules: string
}

/**
 * NAT of connections: one for all flows of a connection, so that conversations by dynamic rules outlive a session that
 * is replaced. A change of rules needs no other session.
 */
export class SiteTranslations {
  readonly #datapath: Datapath
  /** By connection. */
  readonly #translations = new Map<string, Translation>()
  /** What flows were told. */
  readonly #flows = new Map<FlowId, NatId | undefined>()

  constructor(datapath: Datapath) {
    this.#datapath = datapath
  }

  /** Translates what the flow carries as its connection has it now; to be called before the flow gets routes. */
  translate(flow: FlowId, connection: Pick<SiteConnection, 'id' | 'nat'>): void {
    const nat = this.#natOf(connection)
    if (this.#flows.get(flow) === nat) return
    this.#datapath.translateFlow(flow, nat)
    this.#flows.set(flow, nat)
  }

  /** The flow was closed. */
  closed(flow: FlowId): void {
    this.#flows.delete(flow)
  }

  /** Connections that are there: what is left of others is forgotten, when no flow of theirs has a route any more. */
  keep(connections: ReadonlySet<string>): void {
    for (const id of [...this.#translations.keys()]) if (!connections.has(id)) this.#forget(id)
  }

  #natOf({ id, nat }: Pick<SiteConnection, 'id' | 'nat'>): NatId | undefined {
    if (nat.egress.length + nat.ingress.length === 0) {
      this.#forget(id)
      return undefined
    }
    const rules = rulesText(nat)
    const known = this.#translations.get(id)
    if (!known) {
      const made = this.#datapath.openNat(nat)
      this.#translations.set(id, { nat: made, rules })
      return made
    }
    if (known.rules !== rules) this.#datapath.changeNat(known.nat, nat)
    known.rules = rules
    return known.nat
  }

  /** Its flows are without it from then on. */
  #forget(id: string): void {
    const known = this.#translations.get(id)
    if (!known) return
    this.#translations.delete(id)
    this.#datapath.closeNat(known.nat)
    for (const [flow, nat] of this.#flows) if (nat === known.nat) this.#flows.set(flow, undefined)
  }
}

function rulesText({ egress, ingress }: SiteNat): string {
  return JSON.stringify(
    [egress, ingress].map(rules =>
      rules.map(({ type, internal, external }) => [type, ...[internal, external].map(addressesText)]),
    ),
  )
}

function addressesText({ prefix, ports }: NatAddresses): string {
  return `${formatIpPrefix(prefix)} ${ports ? `${ports.first}-${ports.last}` : ''}`
}
