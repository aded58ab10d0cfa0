import type { Datapath, FlowId } from '@causeway/datapath'
import type { GatewayConfiguration } from '../configuration.ts'
import type { ChildFlow } from '../ikev2/child-flows.ts'
import { routePairs } from './route-pairs.ts'
import { SiteRoutes } from './site-routes.ts'
import type { SiteSession } from './site-session.ts'
import { SiteTranslations } from './site-translations.ts'

/** Ours: routes of one session. Peers choose the selectors that cut networks, and how many Child SAs there are. */
const MOST_ROUTES = 16_384

/** Where the packets of sites go, and what becomes of their addresses. */
export class SiteFlows {
  readonly #configuration: () => GatewayConfiguration
  readonly #routes: SiteRoutes
  readonly #translations: SiteTranslations
  /** Flows that got fewer routes than they are to have, of which the operator knows. */
  readonly #cut = new Set<FlowId>()

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
    let left = MOST_ROUTES
    for (const flow of flows) {
      this.#translations.translate(flow.flow, configuration)
      const wanted = isOver || left === 0 ? [] : routePairs(configuration, this.#configuration(), flow)
      const pairs = wanted.slice(0, left)
      if (!isOver && (left === 0 || pairs.length < wanted.length)) this.#tellCut(session, flow)
      left -= pairs.length
      this.#routes.put({ flow: flow.flow, rank: [...rank, flow.child], pairs })
    }
  }

  #tellCut({ connection, tunnel }: SiteSession, { flow }: ChildFlow): void {
    if (this.#cut.has(flow)) return
    this.#cut.add(flow)
    connection.tell(
      'warning',
      'routes-left-out',
      `tunnel ${tunnel}: its Child SAs want more than ${MOST_ROUTES} routes; those beyond are left out`,
    )
  }

  closed({ flow }: ChildFlow): void {
    this.#cut.delete(flow)
    this.#routes.closed(flow)
    this.#translations.closed(flow)
  }

  /** These connections are configured, and no others. */
  keep(ids: ReadonlySet<string>): void {
    this.#translations.keep(ids)
  }
}
