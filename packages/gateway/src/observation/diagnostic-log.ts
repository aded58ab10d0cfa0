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
    this.gateway = logOf(log, 'GatewayDiagnosticLog', resource)
    this.route = logOf(log, 'RouteDiagnosticLog', resource)
    this.ike = logOf(log, 'IKEDiagnosticLog', resource)
    this.p2s = logOf(log, 'P2SDiagnosticLog', resource)
  }

  /** The lines to come are of this resource. */
  use(resource: DiagnosticResource): void {
    const { name, resourceGroup } = this.#resource
    if (resource.name === name && resource.resourceGroup === resourceGroup) return
    this.#resource = resource
    for (const log of [this.gateway, this.route, this.ike, this.p2s]) log.setBindings(columnsOf(resource))
  }
}

function logOf(log: Logger, category: DiagnosticCategory, resource: DiagnosticResource): Logger {
  const [operationName] = DIAGNOSTIC_CATEGORIES[category]
  const operation = operationName === undefined ? {} : { operationName }
  return log.child({ category, ...operation, ...columnsOf(resource), instance: INSTANCE })
}

function columnsOf({ name, resourceGroup = '' }: DiagnosticResource): Record<string, string> {
  return { resource: name, resourceGroup }
}
