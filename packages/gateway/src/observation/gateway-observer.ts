import type { DatapathTotals } from '@causeway/datapath'
import type { RadiusAnswer } from '@causeway/radius'
import type { MethodName, TunnelType, Verdict } from '../authentication/identity.ts'
import type { GatewayConfiguration, GatewayIdentity } from '../configuration.ts'
import type { SessionWitness } from '../session/session-table.ts'
import type { ConnectionRecord } from '../site/connection-record.ts'

/** What a gateway that runs is asked when somebody looks. */
export interface GatewayReadings {
  configuration(): GatewayConfiguration
  identity(): GatewayIdentity
  datapathTotals(): DatapathTotals
  /** How its connections to sites stand. */
  connections(): readonly ConnectionRecord[]
}

/** Hears what happens at a gateway, to count it. Its methods neither fail nor wait. */
export interface GatewayObserver extends SessionWitness {
  /** A gateway runs from now on. */
  started(readings: GatewayReadings): void
  /** It is about to close: the last moment at which its readings can be asked for. */
  stopping(): void
  /** Somebody was let in or not. Without `method`, what was brought fits none. */
  signedIn(tunnel: TunnelType, method: MethodName | undefined, verdict: Verdict): void
  /** A client got no session, whatever the reason. */
  refused(tunnel: TunnelType): void
  /** Packets of a protocol's own, beside user data, that were dropped. */
  dropped(protocol: TunnelType | 'RADIUS', reason: string, count: number): void
  /** RADIUS answered a request, or did not. */
  radiusAnswered(purpose: 'access' | 'accounting', answer: RadiusAnswer): void
}

const nothing = (): void => undefined

/** Where nobody counts. */
export const NO_OBSERVER: GatewayObserver = {
  began: nothing,
  ended: nothing,
  started: nothing,
  stopping: nothing,
  signedIn: nothing,
  refused: nothing,
  dropped: nothing,
  radiusAnswered: nothing,
}
