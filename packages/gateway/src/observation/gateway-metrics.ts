import type { DatapathTotals } from '@causeway/datapath'
import { Counter, collectDefaultMetrics, Registry } from 'prom-client'
import type { TunnelType, Verdict } from '../authentication/identity.ts'
import { type Clock, systemClock } from '../engine/clock.ts'
import type { ConnectionRecord } from '../site/connection-record.ts'
import { BoundedLabel } from './bounded-label.ts'
import { registerConfigurationGauges } from './configuration-gauges.ts'
import type { GatewayObserver, GatewayReadings } from './gateway-observer.ts'
import { SessionTraffic } from './session-traffic.ts'
import { registerSiteGauges } from './site-gauges.ts'
import { SiteTraffic } from './site-traffic.ts'
import { registerTrafficMetrics } from './traffic-metrics.ts'

/** The metrics of one process, for Prometheus. They go on when its gateway is started anew. */
export interface GatewayMetrics {
  /** What a gateway is started with so that it is counted. One gateway at a time. */
  readonly observer: GatewayObserver
  /** Prometheus' text format 0.0.4. */
  text(): Promise<string>
  /** Of the text, for HTTP. */
  readonly contentType: string
}

/** Peers bring about the reasons for drops, a handful of each protocol. */
const REASONS = 200

/** Makes the metrics of this process; names and meaning are in docs/observation.md. */
export function createGatewayMetrics(clock: Pick<Clock, 'unixSeconds'> = systemClock): GatewayMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return {
    observer: new MeasuringObserver(registry, clock),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

const NO_TOTALS: DatapathTotals = {
  noRoute: 0,
  unknownFlow: 0,
  malformed: 0,
  controlOverflow: 0,
  overThroughput: 0,
}

class MeasuringObserver implements GatewayObserver {
  readonly #traffic = new SessionTraffic()
  readonly #siteTraffic = new SiteTraffic()
  readonly #reasons = new BoundedLabel(REASONS)
  readonly #begun: Counter<'protocol'>
  readonly #over: Counter<'protocol' | 'reason'>
  readonly #signIns: Counter<'protocol' | 'method' | 'result' | 'reason'>
  readonly #refused: Counter<'protocol'>
  readonly #dropped: Counter<'protocol' | 'reason'>
  readonly #radius: Counter<'purpose' | 'result'>
  #readings: GatewayReadings | undefined
  /** Of gateways that have stopped. */
  #former = NO_TOTALS
  /** As they stood when the last gateway stopped. */
  #formerConnections: readonly ConnectionRecord[] = []

  constructor(registry: Registry, clock: Pick<Clock, 'unixSeconds'>) {
    const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
      new Counter({ name: `causeway_${name}`, help, labelNames: [...labelNames], registers: [registry] })
    this.#begun = counter('sessions_begun_total', 'Sessions that were established', ['protocol'])
    this.#over = counter('sessions_ended_total', 'Sessions that have ended', ['protocol', 'reason'])
    this.#signIns = counter('sign_ins_total', 'Sign-ins that were judged', [
      'protocol',
      'method',
      'result',
      'reason',
    ])
    this.#refused = counter('clients_refused_total', 'Clients that got no session', ['protocol'])
    this.#dropped = counter('control_packet_drop_total', 'Packets of a protocol itself that were dropped', [
      'protocol',
      'reason',
    ])
    this.#radius = counter('radius_requests_total', 'Requests to RADIUS servers, by how they ended', [
      'purpose',
      'result',
    ])
    registerTrafficMetrics(registry, {
      sessions: this.#traffic,
      connections: () => this.#siteTraffic.totals(this.#connections()),
      connectionBytes: () => this.#siteTraffic.bytes(this.#connections()),
      totals: () => this.#totals(),
    })
    registerSiteGauges(registry, () => this.#readings?.connections() ?? [], clock.unixSeconds)
    registerConfigurationGauges(registry, this.#traffic, () => this.#readings)
  }

  started(readings: GatewayReadings): void {
    this.#siteTraffic.beginAnew()
    this.#readings = readings
  }

  stopping(): void {
    this.#former = this.#totals()
    this.#formerConnections = this.#connections()
    this.#siteTraffic.totals(this.#formerConnections)
    this.#readings = undefined
  }

  began(session: Parameters<GatewayObserver['began']>[0]): void {
    this.#traffic.began(session)
    this.#begun.inc({ protocol: session.protocol })
  }

  ended(...[session, cause]: Parameters<GatewayObserver['ended']>): void {
    this.#traffic.ended(session)
    this.#over.inc({ protocol: session.protocol, reason: cause })
  }

  signedIn(protocol: TunnelType, method: string | undefined, verdict: Verdict): void {
    const { type } = verdict
    const result = type === 'allow' ? 'allowed' : 'denied'
    const reason = type === 'allow' ? '' : denialReason(verdict)
    this.#signIns.inc({ protocol, method: method ?? 'none', result, reason })
  }

  refused(protocol: TunnelType): void {
    this.#refused.inc({ protocol })
  }

  dropped(protocol: string, reason: string, count: number): void {
    this.#dropped.inc({ protocol, reason: this.#reasons.of(reason) }, count)
  }

  radiusAnswered(...[purpose, answer]: Parameters<GatewayObserver['radiusAnswered']>): void {
    this.#radius.inc({ purpose, result: answer.type === 'failed' ? answer.reason : answer.type })
  }

  #connections(): readonly ConnectionRecord[] {
    return this.#readings?.connections() ?? this.#formerConnections
  }

  #totals(): DatapathTotals {
    const now = this.#readings?.datapathTotals() ?? NO_TOTALS
    return {
      noRoute: this.#former.noRoute + now.noRoute,
      unknownFlow: this.#former.unknownFlow + now.unknownFlow,
      malformed: this.#former.malformed + now.malformed,
      controlOverflow: this.#former.controlOverflow + now.controlOverflow,
      overThroughput: this.#former.overThroughput + now.overThroughput,
    }
  }
}

/** `challenged`: more is asked for; `unavailable`: nobody could say; `credentials`: what was brought is not good. */
function denialReason({ because, undecided, temporary }: Extract<Verdict, { type: 'deny' }>): string {
  if (because !== undefined) return because
  if (undecided) return 'challenged'
  return temporary ? 'unavailable' : 'credentials'
}
