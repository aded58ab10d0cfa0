import type { Datapath, DatapathEvent } from '@causeway/datapath'
import type { Logger } from 'pino'
import type { GatewayConfiguration, GatewayIdentity } from '../configuration.ts'
import type { Clock } from '../engine/clock.ts'
import type { GatewayHost } from '../host/host.ts'
import type { GatewayObserver } from '../observation/index.ts'
import type { SiteSurroundings } from '../site/site-connections.ts'

/** What a gateway is started with. */
export interface GatewayOptions {
  readonly configuration: GatewayConfiguration
  readonly identity: GatewayIdentity
  /** Makes the packet engine; it gives its events to the function that it gets. */
  readonly createDatapath: (onEvents: (events: readonly DatapathEvent[]) => void) => Datapath
  readonly host: GatewayHost
  readonly log: Logger
  /** Told what happens, to count it. Default: nobody. */
  readonly observer?: GatewayObserver
  /** What connections to sites meet outside. Default: the system's. */
  readonly sites?: Partial<SiteSurroundings>
  /** Default: the system's. */
  readonly clock?: Clock
  /** Name of the TUN device. Default `causeway0`. */
  readonly tunName?: string
  /** How long `stop` waits at most until the clients have heard of it. Default 1,000. */
  readonly farewellMilliseconds?: number
}
