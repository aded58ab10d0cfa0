import { type NamedAttribute, VALUES } from '../wire/attribute-names.ts'

/** Where a session comes from and what it reaches. */
export interface SessionPlace {
  /** The peer's address, as text. */
  readonly callingStation?: string
  /** Our address or name that it called. */
  readonly calledStation?: string
  /** What tells it from other sessions of the gateway, in words. */
  readonly portId?: string
  /** Largest EAP packet that the way to the peer carries (RFC 3579 §2.4). */
  readonly eapMtu?: number
}

/** What servers expect of a VPN session: framed, PPP, on a virtual port (RFC 2865 §5.6, §5.7, §5.41), and its place. */
export function sessionAttributes(place: SessionPlace): NamedAttribute[] {
  const attributes: NamedAttribute[] = [
    { name: 'Service-Type', value: VALUES.serviceType.framed },
    { name: 'Framed-Protocol', value: VALUES.framedProtocol.ppp },
    { name: 'NAS-Port-Type', value: VALUES.nasPortType.virtual },
  ]
  const { callingStation, calledStation, portId, eapMtu } = place
  if (callingStation) attributes.push({ name: 'Calling-Station-Id', value: callingStation })
  if (calledStation) attributes.push({ name: 'Called-Station-Id', value: calledStation })
  if (portId) attributes.push({ name: 'NAS-Port-Id', value: portId })
  if (eapMtu !== undefined) attributes.push({ name: 'Framed-MTU', value: eapMtu })
  return attributes
}
