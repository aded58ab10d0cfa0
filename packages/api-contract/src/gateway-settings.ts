import Type, { type Static } from 'typebox'
import {
  type CompleteEntraSettings,
  type CompleteRadiusSettings,
  completeEntra,
  completeRadius,
  entraSettingsSchema,
  radiusSettingsSchema,
} from './authentication-settings.ts'
import { type Checked, checkedAgainst } from './document-fault.ts'
import { type ManagementSettings, managementSettingsSchema } from './management-settings.ts'
import { DEFAULT_SITES, type SiteSettings, siteSettingsSchema } from './site-settings.ts'
import { TLS_POLICY } from './tls-policy.ts'
import { DEFAULT_USERS, groupSettingsSchema, type UserSettings, userSettingsSchema } from './user-settings.ts'

/** How OpenVPN's control channel may be protected. */
export const CONTROL_WRAPS = ['tls-auth', 'tls-crypt', 'tls-crypt-v2', 'none'] as const

/** Data channel ciphers that the gateway can be told to use, by OpenVPN's names. */
export const DATA_CIPHER_NAMES = [
  'AES-256-GCM',
  'AES-192-GCM',
  'AES-128-GCM',
  'CHACHA20-POLY1305',
  'AES-256-CBC',
  'AES-192-CBC',
  'AES-128-CBC',
] as const

const TLS_VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const

/** Smallest inner MTU: what every IPv4 host must take (RFC 791 §3.2). */
const MTU_MINIMUM = 576
/** Largest inner MTU: a jumbo frame. */
const MTU_MAXIMUM = 9_000
/** Largest inner MTU over PPP: its default MRU, which every peer must take (RFC 1661 §6.1). */
const PPP_MTU_MAXIMUM = 1_500
const LIST_LIMIT = 256
const DAY_SECONDS = 86_400

const strict = { additionalProperties: false } as const
const texts = Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: LIST_LIMIT })
const some = { minItems: 1, maxItems: 16, uniqueItems: true } as const

const listener = Type.Object(
  {
    transport: Type.Enum(['udp', 'tcp'] as const),
    address: Type.String({ minLength: 2, maxLength: 64 }),
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  },
  strict,
)

const openvpn = Type.Object(
  {
    controlWraps: Type.Optional(Type.Array(Type.Enum(CONTROL_WRAPS), some)),
    dataCiphers: Type.Optional(Type.Array(Type.Enum(DATA_CIPHER_NAMES), some)),
    fallbackCipher: Type.Optional(Type.Enum(DATA_CIPHER_NAMES)),
    tlsMinimum: Type.Optional(Type.Enum(TLS_VERSIONS)),
    tlsMaximum: Type.Optional(Type.Enum(TLS_VERSIONS)),
    tlsCiphers: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), some)),
    pingSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_600 })),
    pingRestartSeconds: Type.Optional(Type.Integer({ minimum: 2, maximum: DAY_SECONDS })),
    renegotiationSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 30 * DAY_SECONDS })),
    renegotiationBytes: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
    tunnelMtu: Type.Optional(Type.Integer({ minimum: MTU_MINIMUM, maximum: MTU_MAXIMUM })),
  },
  strict,
)

const ikev2 = Type.Object(
  {
    addresses: Type.Optional(Type.Array(Type.String({ minLength: 2, maxLength: 64 }), some)),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    natPort: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    rawEsp: Type.Optional(Type.Boolean()),
    ikeRekeySeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 7 * DAY_SECONDS })),
    ikeLifetimeSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 7 * DAY_SECONDS })),
    childRekeySeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 7 * DAY_SECONDS })),
    childLifetimeSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 7 * DAY_SECONDS })),
    livenessSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: DAY_SECONDS })),
    mobike: Type.Optional(Type.Boolean()),
    tunnelMtu: Type.Optional(Type.Integer({ minimum: MTU_MINIMUM, maximum: MTU_MAXIMUM })),
  },
  strict,
)

const sstp = Type.Object(
  {
    helloSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_600 })),
    negotiationSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 600 })),
    tunnelMtu: Type.Optional(Type.Integer({ minimum: MTU_MINIMUM, maximum: PPP_MTU_MAXIMUM })),
  },
  strict,
)

/** What of a SKU's limits counts here. */
const THROUGHPUT_LIMITS = ['off', 'sku'] as const

const limits = Type.Object({ throughput: Type.Optional(Type.Enum(THROUGHPUT_LIMITS)) }, strict)

const gatewaySettings = Type.Object(
  {
    /** Where the gateway listens, outside. */
    listeners: Type.Optional(Type.Array(listener, { minItems: 1, maxItems: 64 })),
    /** Names and addresses by which clients reach the gateway, best first: written into profiles. */
    hostNames: Type.Optional(texts),
    /** Networks behind the gateway. */
    insidePrefixes: Type.Optional(texts),
    clientToClient: Type.Optional(Type.Boolean()),
    nat: Type.Optional(Type.Boolean()),
    dns: Type.Optional(
      Type.Object({ servers: Type.Optional(texts), searchDomains: Type.Optional(texts) }, strict),
    ),
    openvpn: Type.Optional(openvpn),
    ikev2: Type.Optional(ikev2),
    sstp: Type.Optional(sstp),
    radius: Type.Optional(radiusSettingsSchema),
    entra: Type.Optional(entraSettingsSchema),
    users: Type.Optional(userSettingsSchema),
    groups: Type.Optional(groupSettingsSchema),
    limits: Type.Optional(limits),
    sites: Type.Optional(siteSettingsSchema),
    management: Type.Optional(managementSettingsSchema),
  },
  strict,
)

/** One outer listener. `address`: IPv4 or IPv6, `0.0.0.0` and `::` for all. */
export type ListenerSettings = Static<typeof listener>
/** The OpenVPN part of the settings; what is absent has a default. */
export type OpenVpnSettings = Static<typeof openvpn>
/**
 * The IKEv2 part of the settings; what is absent has a default. `addresses`: where IKE and ESP are heard,
 * by default the addresses of `listeners`. `rawEsp`: take ESP without UDP from clients that are behind no
 * NAT. Times are the gateway's own; 0 is never. `tunnelMtu`: largest inner packet of an ESP tunnel.
 */
export type Ikev2Settings = Static<typeof ikev2>
/**
 * The SSTP part of the settings; what is absent has a default. SSTP is heard on the TCP `listeners`.
 * `helloSeconds`: ask a silent client for a sign of life after so long; `negotiationSeconds`: a client has
 * so long for each part of the way to an established call; `tunnelMtu`: largest inner packet.
 */
export type SstpSettings = Static<typeof sstp>
/**
 * What is held to. `throughput`: `sku` drops what all clients together carry past the SKU's throughput, both
 * directions; `off` carries what the machine can.
 */
export type LimitSettings = Static<typeof limits>
/** The settings document: what ARM has no place for. Every part may be absent. */
export type GatewaySettings = Static<typeof gatewaySettings>

/** The settings with every default filled in. */
export interface CompleteGatewaySettings
  extends Required<
    Omit<
      GatewaySettings,
      'dns' | 'openvpn' | 'ikev2' | 'sstp' | 'radius' | 'entra' | 'users' | 'management' | 'limits' | 'sites'
    >
  > {
  readonly dns: { readonly servers: readonly string[]; readonly searchDomains: readonly string[] }
  readonly openvpn: Required<OpenVpnSettings>
  readonly ikev2: Required<Ikev2Settings>
  readonly sstp: Required<SstpSettings>
  readonly radius: CompleteRadiusSettings
  readonly entra: CompleteEntraSettings
  readonly users: Required<UserSettings>
  readonly limits: Required<LimitSettings>
  readonly sites: Required<SiteSettings>
  readonly management: ManagementSettings
}

/** Both families, UDP and TCP 443. */
export const DEFAULT_LISTENERS: readonly ListenerSettings[] = [
  { transport: 'udp', address: '0.0.0.0', port: 443 },
  { transport: 'udp', address: '::', port: 443 },
  { transport: 'tcp', address: '0.0.0.0', port: 443 },
  { transport: 'tcp', address: '::', port: 443 },
]

/** Defaults of the OpenVPN settings. `none` is a control wrap only where somebody names it. */
export const DEFAULT_OPENVPN: Required<OpenVpnSettings> = {
  controlWraps: ['tls-auth', 'tls-crypt', 'tls-crypt-v2'],
  dataCiphers: ['AES-256-GCM', 'CHACHA20-POLY1305', 'AES-128-GCM'],
  fallbackCipher: 'AES-256-GCM',
  tlsMinimum: 'TLSv1.2',
  tlsMaximum: 'TLSv1.3',
  tlsCiphers: TLS_POLICY.map(suite => suite.opensslName),
  pingSeconds: 10,
  pingRestartSeconds: 60,
  renegotiationSeconds: 3_600,
  renegotiationBytes: 0,
  tunnelMtu: 1_400,
}

/**
 * Defaults of the IKEv2 settings. Clients rekey by themselves, at most every 8 hours; the gateway would
 * only much later, because Windows behind NAT refuses that. Azure asks for a sign of life after 45 s.
 */
export const DEFAULT_IKEV2: Required<Omit<Ikev2Settings, 'addresses'>> = {
  port: 500,
  natPort: 4_500,
  rawEsp: true,
  ikeRekeySeconds: 20 * 3_600,
  ikeLifetimeSeconds: 24 * 3_600,
  childRekeySeconds: 14 * 3_600,
  childLifetimeSeconds: 24 * 3_600,
  livenessSeconds: 45,
  mobike: true,
  tunnelMtu: 1_400,
}

/** Defaults of the SSTP settings: the timers are MS-SSTP's own (§3.3.2). */
export const DEFAULT_SSTP: Required<SstpSettings> = {
  helloSeconds: 60,
  negotiationSeconds: 60,
  tunnelMtu: 1_400,
}

/** Checks a settings document; unknown options are refused, because they are mostly typing errors. */
export function readGatewaySettings(value: unknown): Checked<GatewaySettings> {
  return checkedAgainst(gatewaySettings, value)
}

/** Fills in the defaults. */
export function completeGatewaySettings(settings: GatewaySettings): CompleteGatewaySettings {
  return {
    listeners: settings.listeners ?? [...DEFAULT_LISTENERS],
    hostNames: settings.hostNames ?? [],
    insidePrefixes: settings.insidePrefixes ?? [],
    clientToClient: settings.clientToClient ?? false,
    nat: settings.nat ?? true,
    dns: { servers: settings.dns?.servers ?? [], searchDomains: settings.dns?.searchDomains ?? [] },
    openvpn: completeOpenVpn(settings.openvpn ?? {}),
    ikev2: completeIkev2(settings),
    sstp: { ...DEFAULT_SSTP, ...settings.sstp },
    radius: completeRadius(settings.radius ?? {}),
    entra: completeEntra(settings.entra ?? {}),
    users: { ...DEFAULT_USERS, ...settings.users },
    groups: settings.groups ?? [],
    limits: { throughput: settings.limits?.throughput ?? 'off' },
    sites: { ...DEFAULT_SITES, ...settings.sites },
    management: settings.management ?? {},
  }
}

/** A list of ciphers without the usual fallback makes its first one the fallback. */
function completeOpenVpn(openvpn: OpenVpnSettings): Required<OpenVpnSettings> {
  const all = { ...DEFAULT_OPENVPN, ...openvpn }
  const first = all.dataCiphers[0]
  if (openvpn.fallbackCipher !== undefined || first === undefined) return all
  return { ...all, fallbackCipher: all.dataCiphers.includes(all.fallbackCipher) ? all.fallbackCipher : first }
}

function completeIkev2({
  ikev2,
  listeners = [...DEFAULT_LISTENERS],
}: GatewaySettings): Required<Ikev2Settings> {
  const addresses = [...new Set(listeners.map(({ address }) => address))]
  return { ...DEFAULT_IKEV2, addresses, ...ikev2 }
}
