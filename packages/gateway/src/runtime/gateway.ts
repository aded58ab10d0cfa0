import type { Datapath, DatapathEvent } from '@causeway/datapath'
import type { Logger } from 'pino'
import type { GatewayConfiguration, GatewayIdentity, Listener, SessionRecord } from '../configuration.ts'
import type { GatewayHost } from '../host/host.ts'
import { type Clock, systemClock } from './clock.ts'
import { RunningGateway } from './running-gateway.ts'

/** What a gateway is started with. */
export interface GatewayOptions {
  readonly configuration: GatewayConfiguration
  readonly identity: GatewayIdentity
  /** Makes the packet engine; it gives its events to the function that it gets. */
  readonly createDatapath: (onEvents: (events: readonly DatapathEvent[]) => void) => Datapath
  readonly host: GatewayHost
  readonly log: Logger
  /** Default: the system's. */
  readonly clock?: Clock
  /** Name of the TUN device. Default `causeway0`. */
  readonly tunName?: string
  /** How long `stop` waits at most until the clients have heard of it. Default 1,000. */
  readonly farewellMilliseconds?: number
}

/** A gateway that runs. */
export interface Gateway {
  /** What it listens on. */
  listeners(): readonly Listener[]
  /**
   * Runs with this configuration from now on. Sessions that the change does not concern stay; those
   * whose certificate is no longer good, or whose listener is gone, end within a second. Addresses and
   * routes change for sessions to come. Errors: as {@link startGateway}; then all is as before.
   */
  apply(configuration: GatewayConfiguration): Promise<void>
  sessions(): readonly SessionRecord[]
  /** Ends a session and tells the client. `false`: there is none with this id. */
  disconnect(id: string): boolean
  /** Tells the clients to come back later, closes all, and leaves the machine as it was. Idempotent. */
  stop(): Promise<void>
}

/** Name of the TUN device, unless another is asked for. */
export const DEFAULT_TUN_NAME = 'causeway0'

const FAREWELL_MILLISECONDS = 1_000

/**
 * Starts a gateway; when this resolves all its listeners are open.
 *
 * Errors: `HostError` (not root, no TUN, tools missing, another gateway runs), `ListenerError` (a port
 * that is taken), `ControlTlsError`, `X509Error` (a root that cannot be read), `DatapathError`. What
 * was already done is undone.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const gateway = new RunningGateway({
    ...options,
    clock: options.clock ?? systemClock,
    tunName: options.tunName ?? DEFAULT_TUN_NAME,
    farewellMilliseconds: options.farewellMilliseconds ?? FAREWELL_MILLISECONDS,
  })
  await gateway.start()
  return gateway
}
