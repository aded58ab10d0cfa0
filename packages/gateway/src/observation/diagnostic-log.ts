import type { Logger } from 'pino'
import type { GatewayConfiguration } from '../configuration.ts'
import { TunnelLog } from './tunnel-log.ts'

/**
 * Azure's log categories of a VPN gateway, with the operations that each tells of; those of BGP wait for it.
 * IKEDiagnosticLog has none: its lines are messages of IKE.
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
  readonly #log: Logger
  #resource: DiagnosticResource

  constructor(log: Logger, resource: DiagnosticResource) {
    this.#log = log
    this.#resource = resource
    this.gateway = this.#logOf(log, 'GatewayDiagnosticLog')
    this.route = this.#logOf(log, 'RouteDiagnosticLog')
    this.ike = this.#logOf(log, 'IKEDiagnosticLog')
    this.p2s = this.#logOf(log, 'P2SDiagnosticLog')
  }

  /**
   * The lines of one connection to a site (TunnelDiagnosticLog): they are of the connection's resource, not of the
   * gateway's. One is made for each connection, and lasts as long as it.
   *
   * @example
   * const log = logs.tunnel(connection)                             // a SiteConnection
   * log.tell(output, { remoteIP: '203.0.113.7' })                   // each `log` output of its engine, as it is
   * log.tell({ level: 'warning', code: 'refused', message: 'a peer was not let in: …' }) // what the engine did not say
   */
  tunnel(connection: DiagnosticResource): TunnelLog {
    const bindings = { category: 'TunnelDiagnosticLog', ...columnsOf(connection), instance: INSTANCE }
    return new TunnelLog(this.#log.child(bindings))
  }

  /** The lines to come are of this resource, also those of logs that were made of these. */
  use(resource: DiagnosticResource): void {
    this.#resource = resource
  }

  #logOf(log: Logger, category: Exclude<DiagnosticCategory, 'TunnelDiagnosticLog'>): Logger {
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
