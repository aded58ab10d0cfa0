import {
  type ChildSaView,
  type IkeSaView,
  S2S_IKE_LIFETIME_SECONDS,
  S2S_IPSEC_LIFETIME,
} from '@causeway/api-contract'
import type { ConnectionRecord } from '@causeway/gateway'
import type { Body } from '../../resources/document.ts'
import { entriesAt } from '../../resources/schema-paths.ts'
import { cipherNames, dhGroupName, pfsGroupName } from './azure-names.ts'

const IKE_PORT = 500

/**
 * The IKE SAs of a connection as `getikesas` answers them: JSON in a text, each SA with its Child SAs (`quickModeSa`).
 * Names and units are Azure's, as Azure PowerShell reads them (`PSVirtualNetworkGatewayConnectionIkeSa`): its cookies are
 * numbers of 64 bits, here in text, for JSON readers lose some of the digits otherwise. It drops the last character of
 * the text before it reads it, which is therefore a line end.
 *
 * @param body of the connection, for the lifetimes that it asks for.
 */
export function ikeSasText(record: ConnectionRecord | undefined, body: Body, now: number): string {
  const sessions = record?.tunnels.flatMap(tunnel => tunnel.sessions) ?? []
  return `${JSON.stringify(sessions.map(session => ikeSa(session, body, now)))}\n`
}

function ikeSa(session: IkeSaView, body: Body, now: number): Body {
  const { suite, natDetected } = session
  const local = endpointOf(session.local)
  const remote = endpointOf(session.remote)
  const isEncapsulated = natDetected.local || natDetected.remote || local.port !== IKE_PORT
  return {
    localEndpoint: local.address,
    remoteEndpoint: remote.address,
    initiatorCookie: cookie(session.initiatorSpi),
    ...(session.responderSpi !== undefined && { responderCookie: cookie(session.responderSpi) }),
    localUdpEncapsulationPort: isEncapsulated ? local.port : 0,
    remoteUdpEncapsulationPort: isEncapsulated ? remote.port : 0,
    ...cipherNames(suite),
    dhGroup: dhGroupName(suite.group),
    lifeTimeSeconds: S2S_IKE_LIFETIME_SECONDS,
    isSaInitiator: session.isInitiator,
    elapsedTimeInseconds: elapsed(session.establishedSeconds, now),
    quickModeSa: session.children.map(child => quickModeSa(child, session, body, now)),
  }
}

function quickModeSa(child: ChildSaView, session: IkeSaView, body: Body, now: number): Body {
  const [policy = {}] = entriesAt(body, 'properties.ipsecPolicies')
  const { saLifeTimeSeconds = S2S_IPSEC_LIFETIME.seconds } = policy
  const { saDataSizeKilobytes = S2S_IPSEC_LIFETIME.kilobytes } = policy
  return {
    localEndpoint: endpointOf(session.local).address,
    remoteEndpoint: endpointOf(session.remote).address,
    ...cipherNames(child),
    pfsGroupId: pfsGroupName(child.group),
    inboundSPI: child.receiveSpi,
    outboundSPI: child.sendSpi,
    localTrafficSelectors: child.local,
    remoteTrafficSelectors: child.remote,
    lifetimeKilobytes: saDataSizeKilobytes,
    lifeTimeSeconds: saLifeTimeSeconds,
    isSaInitiator: session.isInitiator,
    elapsedTimeInseconds: elapsed(child.establishedSeconds, now),
  }
}

/** `IP:port`, where an IPv6 address may be in brackets. */
function endpointOf(text: string): { readonly address: string; readonly port: number } {
  const at = text.lastIndexOf(':')
  return { address: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) }
}

/** An SPI as Azure shows it: in decimals. */
function cookie(spi: string): string {
  return BigInt(`0x${spi}`).toString()
}

function elapsed(since: number, now: number): number {
  return Math.max(0, Math.floor(now - since))
}
