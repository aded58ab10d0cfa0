import { systemClock } from '../engine/clock.ts'
import { NO_OBSERVER } from '../observation/index.ts'
import type { Gateway } from './gateway.ts'
import type { GatewayOptions } from './gateway-options.ts'
import { RunningGateway } from './running-gateway.ts'

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
    observer: options.observer ?? NO_OBSERVER,
    tunName: options.tunName ?? DEFAULT_TUN_NAME,
    farewellMilliseconds: options.farewellMilliseconds ?? FAREWELL_MILLISECONDS,
  })
  await gateway.start()
  return gateway
}
