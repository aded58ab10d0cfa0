import type { ChildSaView, IkeSaView } from '@causeway/api-contract'
import type { FlowCounters } from '@causeway/datapath'
import type { AgreedEspSuite, IkeSuite } from '@causeway/ikev2'
import type { TunnelStatus } from '@causeway/site-to-site'
import { formatEndpoint, formatTrafficSelector } from '@causeway/wire'
import type { ChildFlow } from '../ikev2/child-flows.ts'
import { sumOfCounters } from '../session/session.ts'
import type { ConnectionRecord, TunnelRecord } from './connection-record.ts'
import { identityText } from './identity-text.ts'
import type { LiveConnection } from './live-connection.ts'
import type { SiteSession } from './site-session.ts'

/** What a record shows of sessions. */
export interface SessionView {
  of(connection: LiveConnection): readonly SiteSession[]
  counters(session: number): FlowCounters
  flowsOf(session: number): readonly ChildFlow[]
  flowCounters(flow: ChildFlow): FlowCounters
}

/** How a connection stands. */
export function connectionRecord(connection: LiveConnection, view: SessionView): ConnectionRecord {
  const { id, configuration, status, certificate } = connection
  const sessions = view.of(connection)
  const hasCertificate = certificate && configuration.authentication.type === 'certificate'
  return {
    id,
    name: configuration.name,
    status: status.status,
    reason: status.reason,
    tunnels: status.tunnels.map(tunnel => tunnelRecord(connection, tunnel, sessions, view)),
    ...(hasCertificate && { certificate: certificate.record }),
    notes: connection.notes(),
  }
}

/** Counters never go back: what was carried by sessions that are over is in them. */
function tunnelRecord(
  connection: LiveConnection,
  status: TunnelStatus,
  sessions: readonly SiteSession[],
  view: SessionView,
): TunnelRecord {
  const own = sessions.filter(({ tunnel }) => tunnel === status.tunnel)
  const carried = own.map(({ id }) => view.counters(id))
  return {
    ...carried.reduce(sumOfCounters, connection.totals.of(status.tunnel)),
    tunnel: status.tunnel,
    status: status.status,
    reason: status.reason,
    lastEstablishedSeconds: status.lastEstablishedSeconds,
    sessions: own.flatMap(session => ikeSaRecord(session, view) ?? []),
  }
}

function ikeSaRecord(session: SiteSession, view: SessionView): IkeSaView | undefined {
  const { id, connection, agreed, path, tunnel, initiator } = session
  if (!agreed || !path || session.isGone) return undefined
  const { method, suite, identification, order, responderSpi, natDetected } = agreed
  const ownSubject = connection.certificates.of(session.material)?.record.subject
  return {
    initiatorSpi: order,
    responderSpi,
    isInitiator: initiator === 'us',
    local: formatEndpoint(path.local),
    remote: formatEndpoint(path.remote),
    localIdentity: session.ownIdentification ? identityText(session.ownIdentification, ownSubject) : '',
    remoteIdentity: identityText(identification, session.peerSubject),
    method: method === 'psk' ? 'psk' : 'certificate',
    suite: ikeSuiteText(suite),
    natDetected,
    establishedSeconds: session.establishedSeconds,
    isCarrier: connection.isCarrier(tunnel, id),
    children: view.flowsOf(id).flatMap(flow => childRecord(session, flow, view) ?? []),
  }
}

function childRecord(session: SiteSession, flow: ChildFlow, view: SessionView): ChildSaView | undefined {
  const { current, local, remote, child } = flow
  if (!current) return undefined
  const { bytesReceived, bytesSent } = view.flowCounters(flow)
  return {
    receiveSpi: current.receiveSpi,
    sendSpi: current.sendSpi,
    ...espSuiteText(current.suite),
    local: local.map(formatTrafficSelector),
    remote: remote.map(formatTrafficSelector),
    establishedSeconds: session.childSince.get(child) ?? session.establishedSeconds,
    bytesReceived,
    bytesSent,
  }
}

/** Where a cipher has its own integrity, and where there is no group. */
const NONE = 'none'

function ikeSuiteText({ encryption, integrity, prf, group }: IkeSuite): IkeSaView['suite'] {
  return { encryption, integrity: integrity ?? NONE, prf, group }
}

function espSuiteText({
  encryption,
  integrity,
  group,
}: AgreedEspSuite): Pick<ChildSaView, 'encryption' | 'integrity' | 'group'> {
  return { encryption, integrity: integrity ?? NONE, group: group ?? NONE }
}
