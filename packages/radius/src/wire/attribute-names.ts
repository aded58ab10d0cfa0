import type { IpAddress, IpPrefix } from '@causeway/wire'

/** How a value is written, and what it is here (RFC 2865 §5, RFC 3162 §2). */
export interface FormatValues {
  /** UTF-8, at least one character: an empty text is left out (RFC 2865 §5). */
  readonly text: string
  readonly octets: Uint8Array
  /** 32 bits, unsigned. */
  readonly integer: number
  /** Seconds since 1970, 32 bits. */
  readonly time: number
  readonly ipv4: IpAddress
  readonly ipv6: IpAddress
  readonly 'ipv6-prefix': IpPrefix
}

export type AttributeFormat = keyof FormatValues

/** Where an attribute stands and how its value is written. */
export interface AttributeDefinition {
  readonly type: number
  readonly format: AttributeFormat
  /** Of a sub-attribute: SMI code of the vendor. */
  readonly vendor?: number
  /** A long value is split over attributes that follow each other (RFC 3579 §3.1). */
  readonly splits?: true
}

/** The attributes that are spoken here, by name. Message-Authenticator and Proxy-State are the codec's own. */
export const ATTRIBUTES = {
  // RFC 2865
  'User-Name': { type: 1, format: 'text' },
  'User-Password': { type: 2, format: 'octets' },
  'NAS-IP-Address': { type: 4, format: 'ipv4' },
  'NAS-Port': { type: 5, format: 'integer' },
  'Service-Type': { type: 6, format: 'integer' },
  'Framed-Protocol': { type: 7, format: 'integer' },
  'Framed-IP-Address': { type: 8, format: 'ipv4' },
  'Framed-IP-Netmask': { type: 9, format: 'ipv4' },
  'Filter-Id': { type: 11, format: 'text' },
  'Framed-MTU': { type: 12, format: 'integer' },
  'Reply-Message': { type: 18, format: 'text' },
  'Framed-Route': { type: 22, format: 'text' },
  State: { type: 24, format: 'octets' },
  Class: { type: 25, format: 'octets' },
  'Session-Timeout': { type: 27, format: 'integer' },
  'Idle-Timeout': { type: 28, format: 'integer' },
  'Termination-Action': { type: 29, format: 'integer' },
  'Called-Station-Id': { type: 30, format: 'text' },
  'Calling-Station-Id': { type: 31, format: 'text' },
  'NAS-Identifier': { type: 32, format: 'text' },
  'NAS-Port-Type': { type: 61, format: 'integer' },
  // RFC 2868
  'Tunnel-Type': { type: 64, format: 'integer' },
  'Tunnel-Medium-Type': { type: 65, format: 'integer' },
  'Tunnel-Client-Endpoint': { type: 66, format: 'text' },
  'Tunnel-Server-Endpoint': { type: 67, format: 'text' },
  // RFC 2866
  'Acct-Status-Type': { type: 40, format: 'integer' },
  'Acct-Delay-Time': { type: 41, format: 'integer' },
  'Acct-Input-Octets': { type: 42, format: 'integer' },
  'Acct-Output-Octets': { type: 43, format: 'integer' },
  'Acct-Session-Id': { type: 44, format: 'text' },
  'Acct-Authentic': { type: 45, format: 'integer' },
  'Acct-Session-Time': { type: 46, format: 'integer' },
  'Acct-Input-Packets': { type: 47, format: 'integer' },
  'Acct-Output-Packets': { type: 48, format: 'integer' },
  'Acct-Terminate-Cause': { type: 49, format: 'integer' },
  'Acct-Multi-Session-Id': { type: 50, format: 'text' },
  // RFC 2869
  'Acct-Input-Gigawords': { type: 52, format: 'integer' },
  'Acct-Output-Gigawords': { type: 53, format: 'integer' },
  'Event-Timestamp': { type: 55, format: 'time' },
  'Connect-Info': { type: 77, format: 'text' },
  'EAP-Message': { type: 79, format: 'octets', splits: true },
  'Acct-Interim-Interval': { type: 85, format: 'integer' },
  'NAS-Port-Id': { type: 87, format: 'text' },
  'Framed-Pool': { type: 88, format: 'text' },
  // RFC 4372, RFC 3162, RFC 6911, RFC 5176
  'Chargeable-User-Identity': { type: 89, format: 'octets' },
  'NAS-IPv6-Address': { type: 95, format: 'ipv6' },
  'Framed-IPv6-Prefix': { type: 97, format: 'ipv6-prefix' },
  'Framed-IPv6-Route': { type: 99, format: 'text' },
  'Framed-IPv6-Pool': { type: 100, format: 'text' },
  'Error-Cause': { type: 101, format: 'integer' },
  'Framed-IPv6-Address': { type: 168, format: 'ipv6' },
  // RFC 2548; MS-Azure-Policy-ID is of Azure VPN Gateway
  'MS-CHAP-Error': { vendor: 311, type: 2, format: 'octets' },
  'MS-CHAP-Challenge': { vendor: 311, type: 11, format: 'octets' },
  'MS-MPPE-Send-Key': { vendor: 311, type: 16, format: 'octets' },
  'MS-MPPE-Recv-Key': { vendor: 311, type: 17, format: 'octets' },
  'MS-CHAP2-Response': { vendor: 311, type: 25, format: 'octets' },
  'MS-CHAP2-Success': { vendor: 311, type: 26, format: 'octets' },
  'MS-Primary-DNS-Server': { vendor: 311, type: 28, format: 'ipv4' },
  'MS-Secondary-DNS-Server': { vendor: 311, type: 29, format: 'ipv4' },
  'MS-Network-Access-Server-Type': { vendor: 311, type: 47, format: 'integer' },
  'MS-Azure-Policy-ID': { vendor: 311, type: 65, format: 'octets' },
} as const

ATTRIBUTES satisfies Readonly<Record<string, AttributeDefinition>>

export type AttributeName = keyof typeof ATTRIBUTES

/** What the value of an attribute is. */
export type AttributeValue<Name extends AttributeName> = FormatValues[(typeof ATTRIBUTES)[Name]['format']]

/** An attribute by name, with the value that its format asks for. */
export type NamedAttribute = {
  readonly [Name in AttributeName]: { readonly name: Name; readonly value: AttributeValue<Name> }
}[AttributeName]

/** Numbers that a gateway of VPN sessions sends (RFC 2865 §5.6, §5.7, §5.41; RFC 2866 §5.1). */
export const VALUES = {
  serviceType: { framed: 2, authorizeOnly: 17 },
  framedProtocol: { ppp: 1 },
  nasPortType: { virtual: 5 },
  tunnelType: { esp: 9 },
  tunnelMediumType: { ipv4: 1, ipv6: 2 },
  networkAccessServerType: { remoteAccessServer: 2 },
  acctStatusType: { start: 1, stop: 2, interim: 3, on: 7, off: 8 },
  acctAuthentic: { radius: 1, local: 2, remote: 3 },
} as const

/** Why a session ended (RFC 2866 §5.10). */
export const TERMINATE_CAUSES = {
  'user-request': 1,
  'lost-carrier': 2,
  'lost-service': 3,
  'idle-timeout': 4,
  'session-timeout': 5,
  'admin-reset': 6,
  'admin-reboot': 7,
  'port-error': 8,
  'nas-error': 9,
  'nas-request': 10,
  'nas-reboot': 11,
  'port-preempted': 13,
  'user-error': 17,
} as const

export type TerminateCause = keyof typeof TERMINATE_CAUSES

/** Why a dynamic request was not carried out (RFC 5176 §3.5). */
export const ERROR_CAUSES = {
  'unsupported-attribute': 401,
  'missing-attribute': 402,
  'nas-identification-mismatch': 403,
  'invalid-request': 404,
  'unsupported-service': 405,
  'unsupported-extension': 406,
  'invalid-attribute-value': 407,
  'administratively-prohibited': 501,
  'session-context-not-found': 503,
  'session-context-not-removable': 504,
  'resources-unavailable': 506,
  'request-initiated': 507,
  'multiple-session-selection-unsupported': 508,
} as const

export type ErrorCause = keyof typeof ERROR_CAUSES
