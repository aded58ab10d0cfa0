import type { Datapath } from '@causeway/datapath'
import type { GatewayConfiguration } from '../configuration.ts'
import type { ChildFlow } from '../ikev2/child-flows.ts'
import { routePairs } from './route-pairs.ts'
import { SiteRoutes } from './site-routes.ts'
import type { SiteSession } from './site-session.ts'
import { SiteTranslations } from './site-translations.ts'

/** Where the packets of sites go, and what becomes of their addresses. */
export class SiteFlows {
  readonly #configuration: () => GatewayConfiguration
  readonly #routes: SiteRoutes
  readonly #translations: SiteTranslations

  constructor(datapath: Datapath, configuration: () => GatewayConfiguration) {
    this.#configuration = configuration
    this.#routes = new SiteRoutes(datapath)
    this.#translations = new SiteTranslations(datapath)
  }

  /**
   * Gives a session's flows what they are to have now. First comes what the connection's engine sends through, then the
   * weightier connection, then the earlier tunnel, then the younger session.
   */
  route(session: SiteSession, flows: readonly ChildFlow[]): void {
    const { connection, tunnel, id, establishedSeconds, isOver } = session
    const { configuration } = connection
    const place = configuration.tunnels.findIndex(({ name }) => name === tunnel)
    const carries = connection.isCarrier(tunnel, id) ? 0 : 1
    const rank = [carries, -configuration.routingWeight, place, -establishedSeconds]
    for (const flow of flows) {
      this.#translations.translate(flow.flow, configuration)
      const pairs = isOver ? [] : routePairs(configuration, this.#configuration(), flow)
      this.#routes.put({ flow: flow.flow, rank: [...rank, flow.child], pairs })
    }
  }

  closed({ flow }: ChildFlow): void {
    this.#routes.closed(flow)
    this.#translations.closed(flow)
  }

  /** These connections are configured, and no others. */
  keep(ids: ReadonlySet<string>): void {
    this.#translations.keep(ids)
  }
}
