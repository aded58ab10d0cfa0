import type { Logger } from 'pino'
import type { GatewayConfiguration } from '../configuration.ts'

/**
 * Azure's log categories of a VPN gateway, with the operations that each tells of; those of site-to-site tunnels and of
 * BGP wait for them. IKEDiagnosticLog has none: its lines are messages of IKE.
 */
export const DIAGNOSTIC_CATEGORIES = {
  GatewayDiagnosticLog: ['SetGatewayConfiguration'],
  TunnelDiagnosticLog: ['TunnelConnected', 'TunnelDisconnected'],
  RouteDiagnosticLog: ['StaticRouteUpdate'],
  IKEDiagnosticLog: [],
  P2SDiagnosticLog: ['P2SLogEvent'],
} as const

export type DiagnosticCategory = keyof typeof DIAGNOSTIC_CATEGORIES

/** There is one instance; Azure numbers them so. */
const INSTANCE = 'GatewayTenantWorker_IN_0'

/** Whose lines they are. */
export type DiagnosticResource = Pick<GatewayConfiguration, 'name' | 'resourceGroup'>

/**
 * A log for each category: its lines carry Azure's columns (`category`, `operationName`, `resource`, `resourceGroup`,
 * `instance`) beside pino's own (`time`, `level`, `msg`).
 */
export class DiagnosticLogs {
  readonly gateway: Logger
  readonly route: Logger
  readonly ike: Logger
  readonly p2s: Logger
  #resource: DiagnosticResource

  constructor(log: Logger, resource: DiagnosticResource) {
    this.#resource = resource
    this.gateway = this.#logOf(log, 'GatewayDiagnosticLog')
    this.route = this.#logOf(log, 'RouteDiagnosticLog')
    this.ike = this.#logOf(log, 'IKEDiagnosticLog')
    this.p2s = this.#logOf(log, 'P2SDiagnosticLog')
  }

  /** The lines to come are of this resource, also those of logs that were made of these. */
  use(resource: DiagnosticResource): void {
    this.#resource = resource
  }

  #logOf(log: Logger, category: DiagnosticCategory): Logger {
    const [operationName] = DIAGNOSTIC_CATEGORIES[category]
    const operation = operationName === undefined ? {} : { operationName }
    // Not as bindings: pino writes those that were set anew beside the former ones.
    const formatters = { log: (line: object) => ({ ...columnsOf(this.#resource), ...line }) }
    return log.child({ category, ...operation, instance: INSTANCE }, { formatters })
  }
}

function columnsOf({ name, resourceGroup = '' }: DiagnosticResource): Record<string, string> {
  return { resource: name, resourceGroup }
}
