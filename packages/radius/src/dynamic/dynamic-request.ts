import { catchFault, type IpAddress, type IpPrefix, sameIpAddress, WireFault } from '@causeway/wire'
import type { NasIdentity } from '../client/client-options.ts'
import { type RadiusAttribute, TYPES } from '../wire/attribute.ts'
import { ATTRIBUTES, type AttributeName, type ErrorCause, VALUES } from '../wire/attribute-names.ts'
import { attributeValue, attributeValues } from '../wire/attribute-values.ts'
import { CODES } from '../wire/code.ts'
import type { ReceivedPacket } from '../wire/packet.ts'
import { MICROSOFT, vendorAttributes } from '../wire/vendor-specific.ts'

/** What a dynamic request asks. */
export type DynamicRequest =
  /** End the sessions that fit (RFC 5176 §2.1). */
  | { readonly type: 'disconnect'; readonly session: SessionSelector }
  /** Change what they may (RFC 5176 §2.2). */
  | { readonly type: 'change'; readonly session: SessionSelector; readonly change: AuthorizationChange }

/** Which session is meant: what is given has to fit, all of it (RFC 5176 §3). At least one is. */
export interface SessionSelector {
  readonly userName: string | undefined
  readonly sessionId: string | undefined
  readonly multiSessionId: string | undefined
  readonly callingStation: string | undefined
  readonly calledStation: string | undefined
  readonly nasPort: number | undefined
  readonly nasPortId: string | undefined
  readonly framedAddress: IpAddress | undefined
  readonly framedIpv6Address: IpAddress | undefined
  readonly framedIpv6Prefix: IpPrefix | undefined
  readonly chargeableUser: Uint8Array | undefined
}

/** The new values; what is not given stays as it is. */
export interface AuthorizationChange {
  /** Counted from the change on, as in an accept. */
  readonly sessionTimeoutSeconds: number | undefined
  readonly idleTimeoutSeconds: number | undefined
  readonly interimSeconds: number | undefined
  /** Empty: no change, as the lists below. */
  readonly filterIds: readonly string[]
  readonly policyIds: readonly Uint8Array[]
  readonly classes: readonly Uint8Array[]
  readonly framedRoutes: readonly string[]
}

const typesOf = (names: readonly AttributeName[]): number[] => names.map(name => ATTRIBUTES[name].type)

const SELECTORS = [
  'User-Name',
  'Acct-Session-Id',
  'Acct-Multi-Session-Id',
  'Calling-Station-Id',
  'Called-Station-Id',
  'NAS-Port',
  'NAS-Port-Id',
  'Framed-IP-Address',
  'Framed-IPv6-Address',
  'Framed-IPv6-Prefix',
  'Chargeable-User-Identity',
] as const satisfies readonly AttributeName[]

/** What every request may hold: what proves it, whom it came through, and whom it means. */
const COMMON = [
  TYPES.MESSAGE_AUTHENTICATOR,
  TYPES.PROXY_STATE,
  ...typesOf(['Event-Timestamp', 'NAS-Identifier', 'NAS-IP-Address', 'NAS-IPv6-Address', ...SELECTORS]),
]

const KNOWN: Readonly<Record<DynamicRequest['type'], ReadonlySet<number>>> = {
  disconnect: new Set([...COMMON, ...typesOf(['Acct-Terminate-Cause', 'Class', 'Reply-Message'])]),
  change: new Set([
    ...COMMON,
    TYPES.VENDOR_SPECIFIC,
    ...typesOf(['Session-Timeout', 'Idle-Timeout', 'Acct-Interim-Interval', 'Filter-Id', 'Class']),
    ...typesOf(['Framed-Route', 'Reply-Message']),
  ]),
}

/**
 * Reads what a proven request asks, or why it cannot be done. An attribute that is not known refuses all of it
 * (RFC 5176 §3): nothing is half done.
 */
export function readDynamicRequest(packet: ReceivedPacket, nas: NasIdentity): DynamicRequest | ErrorCause {
  const request = catchFault(() => read(packet, nas))
  return request instanceof WireFault ? 'invalid-attribute-value' : request
}

function read({ code, attributes }: ReceivedPacket, nas: NasIdentity): DynamicRequest | ErrorCause {
  const type = code === CODES.DISCONNECT_REQUEST ? 'disconnect' : 'change'
  if (attributeValue(attributes, 'Service-Type') === VALUES.serviceType.authorizeOnly)
    return 'unsupported-service'
  if (!meansUs(attributes, nas)) return 'nas-identification-mismatch'
  if (hasUnknown(type, attributes)) return 'unsupported-attribute'
  const session = readSelector(attributes)
  if (Object.values(session).every(value => value === undefined)) return 'missing-attribute'
  return type === 'disconnect' ? { type, session } : { type, session, change: readChange(attributes) }
}

function meansUs(
  attributes: readonly RadiusAttribute[],
  { identifier, addresses = [] }: NasIdentity,
): boolean {
  const name = attributeValue(attributes, 'NAS-Identifier')
  const named = [
    ...attributeValues(attributes, 'NAS-IP-Address'),
    ...attributeValues(attributes, 'NAS-IPv6-Address'),
  ]
  if (name !== undefined && name !== identifier) return false
  return named.every(one => addresses.some(address => sameIpAddress(address, one)))
}

function hasUnknown(type: DynamicRequest['type'], attributes: readonly RadiusAttribute[]): boolean {
  if (!attributes.every(attribute => KNOWN[type].has(attribute.type))) return true
  const vendor = attributes.filter(attribute => attribute.type === TYPES.VENDOR_SPECIFIC)
  // Each attribute by itself: one of another vendor holds none of Microsoft's.
  return !vendor.every(one => {
    const found = vendorAttributes([one], MICROSOFT)
    return found.length > 0 && found.every(of => of.type === ATTRIBUTES['MS-Azure-Policy-ID'].type)
  })
}

function readSelector(attributes: readonly RadiusAttribute[]): SessionSelector {
  return {
    userName: attributeValue(attributes, 'User-Name'),
    sessionId: attributeValue(attributes, 'Acct-Session-Id'),
    multiSessionId: attributeValue(attributes, 'Acct-Multi-Session-Id'),
    callingStation: attributeValue(attributes, 'Calling-Station-Id'),
    calledStation: attributeValue(attributes, 'Called-Station-Id'),
    nasPort: attributeValue(attributes, 'NAS-Port'),
    nasPortId: attributeValue(attributes, 'NAS-Port-Id'),
    framedAddress: attributeValue(attributes, 'Framed-IP-Address'),
    framedIpv6Address: attributeValue(attributes, 'Framed-IPv6-Address'),
    framedIpv6Prefix: attributeValue(attributes, 'Framed-IPv6-Prefix'),
    chargeableUser: attributeValue(attributes, 'Chargeable-User-Identity'),
  }
}

function readChange(attributes: readonly RadiusAttribute[]): AuthorizationChange {
  return {
    sessionTimeoutSeconds: attributeValue(attributes, 'Session-Timeout'),
    idleTimeoutSeconds: attributeValue(attributes, 'Idle-Timeout'),
    interimSeconds: attributeValue(attributes, 'Acct-Interim-Interval'),
    filterIds: attributeValues(attributes, 'Filter-Id'),
    policyIds: attributeValues(attributes, 'MS-Azure-Policy-ID'),
    classes: attributeValues(attributes, 'Class'),
    framedRoutes: attributeValues(attributes, 'Framed-Route'),
  }
}
