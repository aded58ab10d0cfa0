import { type NamedAttribute, VALUES } from '../wire/attribute-names.ts'

/** Where a session comes from and what it reaches. */
export interface SessionPlace {
  /** The peer's address, as text. */
  readonly callingStation?: string
  /** Our address or name that it called, as text. */
  readonly calledStation?: string
  /** What tells it from other sessions of the gateway: 32 bits. */
  readonly port?: number
  /** The same in words. */
  readonly portId?: string
  /** What carries it, in words. */
  readonly connection?: string
  /** It is IPsec: the only tunnel of ours that has a number (RFC 2868 §3.1). */
  readonly isIpsec?: boolean
  /** Largest EAP packet that the way to the peer carries (RFC 3579 §2.4). */
  readonly eapMtu?: number
}

/**
 * What servers expect of a VPN session: framed, PPP, on a virtual port (RFC 2865 §5.6, §5.7, §5.41), of a remote
 * access server, as NPS's policies name it; and its place.
 */
export function sessionAttributes(place: SessionPlace): NamedAttribute[] {
  const { callingStation, calledStation, port, portId, connection, eapMtu } = place
  const attributes: NamedAttribute[] = [
    { name: 'Service-Type', value: VALUES.serviceType.framed },
    { name: 'Framed-Protocol', value: VALUES.framedProtocol.ppp },
    { name: 'NAS-Port-Type', value: VALUES.nasPortType.virtual },
    { name: 'MS-Network-Access-Server-Type', value: VALUES.networkAccessServerType.remoteAccessServer },
  ]
  if (callingStation) attributes.push({ name: 'Calling-Station-Id', value: callingStation })
  if (calledStation) attributes.push({ name: 'Called-Station-Id', value: calledStation })
  if (port !== undefined) attributes.push({ name: 'NAS-Port', value: port })
  if (portId) attributes.push({ name: 'NAS-Port-Id', value: portId })
  if (connection) attributes.push({ name: 'Connect-Info', value: connection })
  if (eapMtu !== undefined) attributes.push({ name: 'Framed-MTU', value: eapMtu })
  return place.isIpsec ? [...attributes, ...ipsecAttributes(place)] : attributes
}

/** RFC 2868 §3.1–3.4. Their tag is 0: there is one tunnel. */
function ipsecAttributes({ callingStation, calledStation }: SessionPlace): NamedAttribute[] {
  const { ipv4, ipv6 } = VALUES.tunnelMediumType
  const attributes: NamedAttribute[] = [
    { name: 'Tunnel-Type', value: VALUES.tunnelType.esp },
    { name: 'Tunnel-Medium-Type', value: callingStation?.includes(':') ? ipv6 : ipv4 },
  ]
  if (callingStation) attributes.push({ name: 'Tunnel-Client-Endpoint', value: callingStation })
  if (calledStation) attributes.push({ name: 'Tunnel-Server-Endpoint', value: calledStation })
  return attributes
}
