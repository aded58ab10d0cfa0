import type { TlsContext } from '@causeway/control-tls'
import { createNodeCrypto } from '@causeway/crypto-node'
import type { Datapath } from '@causeway/datapath'
import type { TunnelType } from '../authentication/identity.ts'
import type { GatewayConfiguration, GatewayIdentity } from '../configuration.ts'
import type { EapAccess } from '../eap/eap-access.ts'
import type { Clock } from '../engine/clock.ts'
import { IkePorts } from '../ikev2/ike-ports.ts'
import { Ikev2Driver, type Ikev2DriverOptions } from '../ikev2/ikev2-driver.ts'
import { Ikev2Roles } from '../ikev2/ikev2-roles.ts'
import { Ikev2Sessions } from '../ikev2/ikev2-sessions.ts'
import type { ResponderMaterial } from '../ikev2/peer-terms.ts'
import { ikev2Engine } from '../ikev2/server-engine.ts'
import { ConnectionCensus } from '../listener/connection-census.ts'
import type { HttpSite } from '../listener/http-route.ts'
import { CONNECTION_LIMITS } from '../listener/listener-limits.ts'
import { ListenerSet } from '../listener/listener-set.ts'
import { joinStream } from '../listener/stream-connection.ts'
import {
  type CallRoom,
  createTlsTerminator,
  type ServerTls,
  type TlsTerminator,
} from '../listener/tls-terminator.ts'
import { type DiagnosticLogs, type GatewayObserver, observedRelay } from '../observation/index.ts'
import { EngineDriver } from '../openvpn/engine-driver.ts'
import { serverEngine } from '../openvpn/server-engine.ts'
import { ServerSessions } from '../openvpn/server-sessions.ts'
import type { RadiusAccess } from '../radius/radius-access.ts'
import type { Admission } from '../session/admission.ts'
import type { SessionTable } from '../session/session-table.ts'
import { SiteConnections } from '../site/site-connections.ts'
import { sstpEngine } from '../sstp/server-engine.ts'
import { SstpDriver } from '../sstp/sstp-driver.ts'
import { SstpSessions } from '../sstp/sstp-sessions.ts'
import type { GatewayOptions } from './gateway-options.ts'
import { deviceMtu } from './host-state.ts'

/** The parts of a gateway that hold something of the system's: threads, sockets, the TUN device. */
export interface GatewayParts {
  readonly datapath: Datapath
  /** Real name of the TUN device. */
  readonly tun: string
  readonly openvpn: EngineDriver<ServerSessions>
  readonly ikev2: Ikev2Driver<Ikev2Roles>
  readonly sites: SiteConnections
  readonly sstp: SstpDriver<SstpSessions>
  readonly listeners: ListenerSet
  readonly tlsTerminator: TlsTerminator
}

/** What a change of configuration or of the gateway's certificate replaces. */
export interface Present {
  readonly configuration: GatewayConfiguration
  readonly identity: GatewayIdentity
  /** For IKEv2. */
  readonly responder: ResponderMaterial
  /** For OpenVPN's control channel. */
  readonly tls: TlsContext
  /** For EAP-TLS. */
  readonly eapTls: TlsContext
  /** For SSTP and browsers. */
  readonly sharedTls: ServerTls
  readonly radius: RadiusAccess
}

/** What the parts ask the gateway for, each time anew. */
export interface PartsOptions extends GatewayOptions {
  readonly clock: Clock
  readonly tunName: string
  readonly observer: GatewayObserver
  readonly logs: DiagnosticLogs
  readonly admission: Admission
  readonly sessions: SessionTable
  /** Whether the gateway is about to stop. */
  readonly draining: () => boolean
  readonly present: () => Present
  /** What browsers get beside the gateway's own page. */
  readonly site: HttpSite
}

/** Makes the parts, with no port open. Errors: `DatapathError`; nothing is left open then. */
export function openParts(options: PartsOptions): GatewayParts {
  const { configuration } = options
  const datapath = options.createDatapath(events => {
    for (const event of events) {
      if (!sstp.handleDatapathEvent(event) && !ikev2.handleDatapathEvent(event))
        openvpn.handleDatapathEvent(event)
    }
  })
  const openvpn = openVpnServer(options, datapath)
  const sstp = sstpServer(options, datapath)
  const tlsTerminator = sharedPortTls(options, datapath, sstp)
  const listeners = new ListenerSet(datapath, new ConnectionCensus(CONNECTION_LIMITS), {
    openvpn: (socket, remote, first) => {
      const connection = joinStream(socket, remote, datapath, gone => openvpn.removeConnection(gone))
      openvpn.addConnection(connection)
      datapath.streamInput(connection.stream, first)
    },
    tls: (socket, remote) => tlsTerminator.take(socket, remote),
  })
  const sites = siteConnections(options, datapath, listeners)
  const ikev2 = ikev2Server(options, datapath, new IkePorts(listeners), sites)
  try {
    const tun = datapath.openTun({ name: options.tunName, mtu: deviceMtu(configuration) })
    return { datapath, tun, openvpn, ikev2, sites, sstp, listeners, tlsTerminator }
  } catch (error) {
    datapath.close()
    throw error
  }
}

function openVpnServer(
  { admission, sessions, present, draining, identity, observer, clock, logs }: PartsOptions,
  datapath: Datapath,
): EngineDriver<ServerSessions> {
  const configuration = () => present().configuration
  const engine = serverEngine({ configuration: () => configuration().openvpn, identity, clock, draining })
  const tlsContext = () => present().tls
  const flowSettings = () => configuration().openvpn
  return new EngineDriver({ engine, datapath, tlsContext, flowSettings, clock, log: logs.p2s }, driver => {
    return new ServerSessions(
      { admission, table: sessions, configuration, datapath, observer, clock, log: logs.p2s },
      driver,
    )
  })
}

function siteConnections(
  { present, clock, logs, sites: surroundings }: PartsOptions,
  datapath: Datapath,
  ports: ListenerSet,
): SiteConnections {
  return new SiteConnections({
    ...(surroundings && { surroundings }),
    datapath,
    ports,
    configuration: () => present().configuration,
    material: () => present().responder,
    clock,
    logs,
  })
}

/** One engine for clients and for connections to sites: they share its ports. */
function ikev2Server(
  { admission, sessions, present, observer, clock, logs }: PartsOptions,
  datapath: Datapath,
  ports: IkePorts,
  sites: SiteConnections,
): Ikev2Driver<Ikev2Roles> {
  const configuration = () => present().configuration
  const engine = ikev2Engine(() => sites.responderTerms())
  const sign: Ikev2DriverOptions['sign'] = (scheme, parts, certificate) =>
    (sites.signerOf(certificate) ?? present().responder.signer).sign(scheme, parts)
  const tunnelMtu = () => configuration().ikev2.tunnelMtu
  const eap = eapAccess(present, 'IkeV2', observer)
  const log = logs.ike
  return new Ikev2Driver({ engine, datapath, ports, sign, tunnelMtu, clock, log }, driver => {
    const terms = () => sites.clientTerms()
    const clients = new Ikev2Sessions(
      { admission, table: sessions, datapath, eap, observer, clock, terms, log, p2sLog: logs.p2s },
      driver,
    )
    return new Ikev2Roles({
      clients,
      sites: sites.join(driver),
      hasSites: () => configuration().sites.connections.length > 0,
      hasClients: () => configuration().tunnels.has('IkeV2'),
      driver,
      now: clock.now,
      log,
    })
  })
}

function sstpServer(
  { admission, sessions, present, observer, clock, logs }: PartsOptions,
  datapath: Datapath,
): SstpDriver<SstpSessions> {
  const configuration = () => present().configuration
  const engine = sstpEngine({ configuration, serverName: () => present().identity.serverName })
  const eap = eapAccess(present, 'SSTP', observer)
  return new SstpDriver({ engine, datapath, clock, log: logs.p2s }, driver => {
    return new SstpSessions(
      { admission, table: sessions, datapath, eap, observer, clock, log: logs.p2s },
      driver,
    )
  })
}

/** Where RADIUS is configured it speaks EAP with the clients; certificates end here. */
function eapAccess(present: () => Present, tunnel: TunnelType, observer: GatewayObserver): EapAccess {
  const byRadius = () => present().configuration.authentication.get(tunnel)?.has('Radius') ?? false
  return {
    crypto: createNodeCrypto(),
    tlsContext: () => present().eapTls,
    methods: () => (byRadius() ? ['pass-through'] : ['tls']),
    relay: place => (byRadius() ? observedRelay(present().radius.relay(place), place, observer) : undefined),
  }
}

function sharedPortTls(
  { admission, present, draining, site }: PartsOptions,
  datapath: Datapath,
  sstp: SstpDriver<SstpSessions>,
): TlsTerminator {
  return createTlsTerminator({
    tls: () => present().sharedTls,
    site,
    datapath,
    room: () => callRoom(present().configuration, draining(), admission.fullReason('SSTP')),
    callOpened: (connection, certificate, cipher) => sstp.role.addConnection(connection, certificate, cipher),
    callClosed: connection => sstp.removeConnection(connection),
    refused: (remote, reason) => sstp.role.refused(remote, reason),
  })
}

function callRoom(
  { tunnels }: GatewayConfiguration,
  draining: boolean,
  fullReason: string | undefined,
): CallRoom {
  if (!tunnels.has('SSTP')) return { type: 'off' }
  const reason = draining ? 'the gateway stops' : fullReason
  return reason === undefined ? { type: 'open' } : { type: 'full', reason }
}

/** Closes all of them, ports first. */
export function closeParts(parts: GatewayParts): void {
  const { datapath, openvpn, ikev2, sites, sstp, listeners, tlsTerminator } = parts
  sites.stop()
  openvpn.close()
  openvpn.role.close()
  ikev2.close()
  ikev2.role.close()
  sstp.close()
  sstp.role.close()
  tlsTerminator.close()
  listeners.closeAll()
  datapath.close()
}
