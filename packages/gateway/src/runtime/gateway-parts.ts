import type { SecureContext } from 'node:tls'
import type { Datapath } from '@causeway/datapath'
import type { GatewayConfiguration } from '../configuration.ts'
import { ConnectionCensus } from '../listener/connection-census.ts'
import { type HttpsResponder, httpsResponder } from '../listener/https-responder.ts'
import { CONNECTION_LIMITS } from '../listener/listener-limits.ts'
import { ListenerSet } from '../listener/listener-set.ts'
import { joinStream } from '../listener/stream-connection.ts'
import { ServerDriver } from '../openvpn/server-driver.ts'
import { serverEngine } from '../openvpn/server-engine.ts'
import type { Admission } from '../session/admission.ts'
import type { SessionTable } from '../session/session-table.ts'
import { serverTls } from '../tls/control-tls.ts'
import type { Clock } from './clock.ts'
import type { GatewayOptions } from './gateway.ts'

/** The parts of a gateway that hold something of the system's: threads, sockets, the TUN device. */
export interface GatewayParts {
  readonly datapath: Datapath
  /** Real name of the TUN device. */
  readonly tun: string
  readonly driver: ServerDriver
  readonly listeners: ListenerSet
  readonly https: HttpsResponder
}

/** What the parts ask the gateway for, each time anew. */
export interface PartsOptions extends GatewayOptions {
  readonly clock: Clock
  readonly tunName: string
  readonly admission: Admission
  readonly sessions: SessionTable
  readonly present: () => { readonly configuration: GatewayConfiguration; readonly tls: SecureContext }
}

/** Makes the parts, with no port open. Errors: `DatapathError`; nothing is left open then. */
export function openParts(options: PartsOptions): GatewayParts {
  const { identity, clock, log, admission, sessions, present, configuration } = options
  const https = httpsResponder(identity)
  const datapath = options.createDatapath(events => {
    for (const event of events) driver.handleDatapathEvent(event)
  })
  const driver = new ServerDriver({
    engine: serverEngine(() => present().configuration.openvpn, identity, clock),
    datapath,
    admission,
    sessions,
    configuration: () => present().configuration,
    openTls: () => serverTls(present().tls),
    clock,
    log,
  })
  const listeners = new ListenerSet(datapath, new ConnectionCensus(CONNECTION_LIMITS), {
    openvpn: (socket, remote, first) => {
      const connection = joinStream(socket, remote, datapath, gone => driver.removeConnection(gone))
      driver.addConnection(connection)
      datapath.streamInput(connection.stream, first)
    },
    tls: socket => https.take(socket),
  })
  try {
    const tun = datapath.openTun({ name: options.tunName, mtu: configuration.openvpn.tunnelMtu })
    return { datapath, tun, driver, listeners, https }
  } catch (error) {
    datapath.close()
    throw error
  }
}

/** Closes all of them, ports first. */
export function closeParts({ datapath, driver, listeners, https }: GatewayParts): void {
  listeners.closeOthers([])
  https.close()
  driver.close()
  datapath.close()
}
