import { setTimeout as pause } from 'node:timers/promises'
import type { TerminateCause } from '@causeway/radius'
import type { Listener } from '../configuration.ts'
import { until } from '../engine/until.ts'
import type { EndManner } from '../session/session.ts'
import type { SessionTable } from '../session/session-table.ts'
import type { GatewayParts } from './gateway-parts.ts'

/** How long a port that goes stays open for the farewell to its sessions. */
const PORT_FAREWELL_MILLISECONDS = 250

/** Why sessions end: for their clients and for the log, and for accounting. */
export interface Farewell {
  readonly cause: TerminateCause
  readonly manner: EndManner
  readonly reason: string
}

/** Ends all sessions, and waits until their clients are told, but no longer than so many milliseconds. */
export async function sayGoodbye(
  parts: GatewayParts,
  sessions: SessionTable,
  { cause, manner, reason }: Farewell,
  milliseconds: number = PORT_FAREWELL_MILLISECONDS,
): Promise<void> {
  const { openvpn, ikev2, sstp } = parts
  for (const { id } of sessions.all()) sessions.explain(id, cause)
  openvpn.role.endAll(manner, reason)
  ikev2.role.clients.endAll(reason)
  sstp.role.endAll(reason)
  await until(() => isQuiet(parts), milliseconds)
}

/** Tells the peers of all sessions, those that are about to begin too, and closes every port. */
export async function closePorts(
  parts: GatewayParts,
  sessions: SessionTable,
  farewell: Omit<Farewell, 'cause'>,
): Promise<void> {
  const ports = parts.listeners.portsBeside([])
  for (const port of ports) parts.ikev2.role.sites.endThoseOf(port)
  await sayGoodbye(parts, sessions, { cause: 'admin-reset', ...farewell })
  forgetPorts(parts, ports)
  parts.listeners.closeAll()
}

/** Closes the ports that are not wanted; the sessions of a UDP port are told before. */
export async function closePortsBeside(parts: GatewayParts, wanted: readonly Listener[]): Promise<void> {
  const { listeners, openvpn, ikev2 } = parts
  const ports = listeners.portsBeside(wanted)
  for (const { role } of [openvpn, ikev2]) for (const port of ports) role.endThoseOf(port)
  if (ports.length > 0) await pause(PORT_FAREWELL_MILLISECONDS)
  forgetPorts(parts, ports)
  listeners.closeOthers(wanted)
  // What has begun by them meanwhile would wait for long.
  for (const port of ports) ikev2.role.sites.endThoseOf(port)
}

function forgetPorts(
  { openvpn, ikev2 }: GatewayParts,
  ports: ReturnType<GatewayParts['listeners']['portsBeside']>,
): void {
  for (const driver of [openvpn, ikev2]) for (const port of ports) driver.forgetPort(port)
}

/** Whether all that was to be told is on its way. */
function isQuiet({ openvpn, ikev2, sstp }: GatewayParts): boolean {
  return openvpn.quiet && ikev2.quiet && sstp.quiet
}
