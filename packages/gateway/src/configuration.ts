import type { AuthenticationType, GroupMemberType } from '@causeway/api-contract'
import type { EspSuite, IkeSuite } from '@causeway/ikev2'
import type { Endpoint, IpAddress, IpPrefix } from '@causeway/wire'
import type { TunnelType } from './authentication/identity.ts'
import type { SitesConfiguration } from './site/site-configuration.ts'

/** How OpenVPN's control channel may be protected. */
export type ControlWrap = 'tls-auth' | 'tls-crypt' | 'tls-crypt-v2' | 'none'

/**
 * What a running gateway does, read from its ARM resource (`virtualNetworkGateways`) and from the
 * settings document beside it, complete and checked. The runtime takes nothing else.
 */
export interface GatewayConfiguration {
  /** Resource name, for logs and profiles. */
  readonly name: string
  /** That of the resource, for logs. Absent: its document does not say. */
  readonly resourceGroup?: string
  /** What clients may connect with. */
  readonly tunnels: ReadonlySet<TunnelType>
  /** Outer listeners, of the tunnel types that are on. */
  readonly listeners: readonly Listener[]
  /** Client address pools (`vpnClientAddressPool`): of everybody whose group has none of its own. */
  readonly pool: AddressPrefixes
  /** Networks behind the gateway: pushed as routes, and reached through NAT. */
  readonly insidePrefixes: readonly IpPrefix[]
  /** `customRoutes`: further destinations pushed to clients. */
  readonly customRoutes: readonly IpPrefix[]
  readonly dnsServers: readonly IpAddress[]
  readonly dnsSearchDomains: readonly string[]
  readonly certificateAuthentication: {
    /** DER. */
    readonly roots: readonly Uint8Array[]
    /** DER, uploaded so that clients need not send them. */
    readonly intermediates: readonly Uint8Array[]
    /** SHA-1 thumbprints, upper-case hex without separators. */
    readonly revokedThumbprints: ReadonlySet<string>
  }
  /** By which of the methods clients of each tunnel type may sign in. Only tunnel types that are on, none of them empty. */
  readonly authentication: ReadonlyMap<TunnelType, ReadonlySet<AuthenticationType>>
  /** Where `Radius` is among them. */
  readonly radius?: RadiusConfiguration
  /** Where `AAD` is among them. */
  readonly entra?: EntraConfiguration
  /** Policy groups in the order in which they are looked at: the first that a user is in decides. Empty: there are none. */
  readonly groups: readonly PolicyGroup[]
  /** Of users who are in no group, where there are none. */
  readonly userLimits: UserLimits
  readonly openvpn: OpenVpnConfiguration
  readonly ikev2: Ikev2Configuration
  readonly sstp: SstpConfiguration
  /** Traffic from one client to another. */
  readonly clientToClient: boolean
  /** Masquerade client addresses behind the gateway's own on the inside network. */
  readonly nat: boolean
  /** Most sessions at once. */
  readonly sessionLimits: SessionLimits
  /** What all clients together may carry, both directions. Absent: no limit. */
  readonly throughputBytesPerSecond?: number
  /** Connections to sites. */
  readonly sites: SitesConfiguration
}

/** At most one prefix a family. */
export interface AddressPrefixes {
  readonly ipv4?: IpPrefix
  readonly ipv6?: IpPrefix
}

/** A policy group (`virtualNetworkGatewayPolicyGroups`): some users, and where their addresses come from. */
export interface PolicyGroup {
  readonly name: string
  /** The lowest is looked at first. */
  readonly priority: number
  /** Of exactly one group: whoever is in no other group is in this one. */
  readonly isDefault: boolean
  /** Who fits one of them is in the group. Only a default group may have none. */
  readonly members: readonly GroupMember[]
  /** In the order in which they are used up. Empty: the gateway's own pool. */
  readonly pools: readonly AddressPrefixes[]
  /** What its users reach, of `insidePrefixes` and `customRoutes`. Absent: all of it. */
  readonly routes?: readonly IpPrefix[]
  /** Absent: the gateway's `dnsServers` and `dnsSearchDomains`. */
  readonly dns?: Pick<GatewayConfiguration, 'dnsServers' | 'dnsSearchDomains'>
  readonly limits: UserLimits
}

/** 0: no limit. */
export interface UserLimits {
  /** How long a session may last. */
  readonly maximumSeconds: number
  /** How long it may be without traffic. */
  readonly idleSeconds: number
  /** After so long its user is judged anew. */
  readonly reauthenticationSeconds: number
  /** Sessions of one user at once. */
  readonly devicesPerUser: number
}

/**
 * What makes a user a member. `AADGroupId`: object id of a group in the token, lower case; `CertificateGroupId`: the
 * domain in the common name of the certificate (`DOMAIN\\user`, `user@domain`), lower case; `RadiusAzureGroupId`: the
 * octets of MS-Azure-Policy-ID, lower-case hex.
 */
export interface GroupMember {
  readonly type: GroupMemberType
  readonly value: string
}

/** The SKU's numbers: SSTP is counted apart, IKEv2 and OpenVPN together. */
export interface SessionLimits {
  readonly sstp: number
  readonly ikev2OpenVpn: number
}

export interface Listener {
  /** `esp`: IP protocol 50 itself; its port is 0. */
  readonly transport: 'udp' | 'tcp' | 'esp'
  /** Whose packets come there. `shared`: TCP, where first bytes tell OpenVPN, SSTP and a browser; `ike-esp` is UDP 4500. */
  readonly service: 'openvpn' | 'shared' | 'ike' | 'ike-esp' | 'esp'
  readonly local: Endpoint
}

/** Times are the gateway's own, in seconds; 0: never. */
export interface Ikev2Configuration {
  /** The IKE policy, in order of preference. */
  readonly ikeSuites: readonly IkeSuite[]
  /** The IPsec policy. */
  readonly espSuites: readonly EspSuite[]
  readonly ikeRekeySeconds: number
  readonly ikeLifetimeSeconds: number
  readonly childRekeySeconds: number
  readonly childLifetimeSeconds: number
  /** Rekey a Child SA after so many bytes. 0: by the cipher's own limit only. */
  readonly childRekeyBytes: number
  /** Ask a silent client for a sign of life after so long. */
  readonly livenessSeconds: number
  readonly mobike: boolean
  /** Largest inner packet of an ESP tunnel. */
  readonly tunnelMtu: number
}

/** RADIUS servers, and how they are asked. */
export interface RadiusConfiguration {
  /** Highest score first. */
  readonly servers: readonly RadiusServerConfiguration[]
  /** All attempts of one request together. */
  readonly timeoutSeconds: number
  /** NAS-Identifier. */
  readonly nasIdentifier: string
  /** How passwords that come in the clear are asked about. */
  readonly passwordProtocol: 'pap' | 'mschapv2'
  readonly accounting: AccountingConfiguration
  /** Where CoA and Disconnect are heard; only from the servers. */
  readonly dynamicAuthorization?: { readonly port: number }
}

/** Reports of sessions to the accounting port. */
export interface AccountingConfiguration {
  readonly on: boolean
  /** How often while they last; the server's word for a session comes before it. 0: not at all. */
  readonly interimSeconds: number
  /** Those that RADIUS has not let in too. Absent: `false`. */
  readonly everySession?: boolean
}

export interface RadiusServerConfiguration {
  /** IP address or DNS name. */
  readonly host: string
  /** 1 to 30; the highest is asked first. */
  readonly score: number
  readonly secret: Uint8Array
  readonly transport: 'udp' | 'tls'
  readonly authenticationPort: number
  readonly accountingPort: number
  /** Off only for an old server that cannot send it: its answers can be forged (CVE-2024-3596). */
  readonly requireMessageAuthenticator: boolean
  /** RadSec: PEM of the authority that the server's certificate must lead to. */
  readonly authority?: string
}

/** Access tokens of Entra ID, or of another OpenID provider. */
export interface EntraConfiguration {
  /** Where metadata and keys are: `https://login.microsoftonline.com/{tenant id}` or another provider's, no slash after it. */
  readonly authority: string
  /** Absent: a provider other than Entra, which has no tenants. */
  readonly tenantId?: string
  /** With its trailing slash, as it stands in tokens. */
  readonly issuer: string
  /** `aadAudience` as it was configured: for profiles. */
  readonly audience: string
  /** Values of `aud` that are accepted. Azure has one audience; the settings may add more, and a custom app has two spellings. */
  readonly audiences: readonly string[]
  /** How long after its token's end a session may go on. */
  readonly sessionSecondsPastExpiry: number
  /** PEM: the authority of the provider's HTTPS, where it is not a public one. */
  readonly httpsAuthority?: string
  /** Where users sign in with the browser. At Entra it is version 2.0, whose ID tokens have another issuer. */
  readonly signInAt: { readonly authority: string; readonly issuer: string }
  /** Absent: nobody signs in through the browser. */
  readonly browser?: EntraBrowserConfiguration
}

/** Sign-in through the browser: an authorization code of the provider, instead of a token that the client brings. */
export interface EntraBrowserConfiguration {
  readonly clientId: string
  /** Absent: a public client. */
  readonly clientSecret?: string
  /** The origin under which browsers reach the gateway, no slash after it. */
  readonly publicUrl: string
  readonly scopes: readonly string[]
  /** So long the user has. */
  readonly timeoutSeconds: number
  /** How often the provider is asked whether the user may still be connected. 0: never. */
  readonly recheckSeconds: number
  /** The browser must come from the address of the VPN client. */
  readonly sameAddress: boolean
}

/** Over the shared TCP ports; TLS is that of the seed's policy, TLS 1.2 alone. */
export interface SstpConfiguration {
  /** Largest inner packet: our PPP MRU. */
  readonly tunnelMtu: number
  /** Ask a silent client for a sign of life after so long. */
  readonly helloSeconds: number
  /** A client has so long for each part of the way to an established call. */
  readonly negotiationSeconds: number
}

export interface OpenVpnConfiguration {
  readonly wraps: ReadonlySet<ControlWrap>
  /** In the gateway's order of preference. */
  readonly dataCiphers: readonly string[]
  /** For clients that negotiate nothing. */
  readonly fallbackCipher: string
  readonly tlsMinimum: 'TLSv1.2' | 'TLSv1.3'
  readonly tlsMaximum: 'TLSv1.2' | 'TLSv1.3'
  /** OpenSSL names, TLS 1.2 and 1.3 together: the seed's TLS policy by default. */
  readonly tlsCiphers: readonly string[]
  readonly pingSeconds: number
  readonly pingRestartSeconds: number
  /** Gateway-initiated key renegotiation. 0: only the client's. */
  readonly renegotiationSeconds: number
  /** Renegotiate after so many bytes with one key. 0: by the cipher's own limit only. */
  readonly renegotiationBytes: number
  /** Inner MTU. */
  readonly tunnelMtu: number
}

/** A certificate and its key. */
export interface CertifiedKey {
  /** PEM, leaf first. */
  readonly certificateChain: string
  /** PKCS#8 PEM. */
  readonly privateKey: string
}

/** The gateway's own secrets and certificate, apart from the configuration so that it can be printed. */
export interface GatewayIdentity {
  /** PEM, leaf first. */
  readonly certificateChain: string
  /** The name in it by which clients know the gateway. */
  readonly serverName: string
  /** PKCS#8 PEM. */
  readonly privateKey: string
  /** What RADIUS servers over TLS are shown. Absent: the same. */
  readonly radius?: CertifiedKey
  /** 256 bytes: OpenVPN static key for tls-auth. */
  readonly tlsAuthKey: Uint8Array
  /** 256 bytes: OpenVPN static key for tls-crypt. */
  readonly tlsCryptKey: Uint8Array
  /** 128 bytes: the tls-crypt-v2 server key. */
  readonly tlsCryptV2ServerKey: Uint8Array
}

/** One session, whatever its protocol. */
export interface SessionRecord {
  readonly id: string
  readonly user: string
  /** How the user was authenticated: e.g. subject and thumbprint of the certificate. */
  readonly identity: string
  readonly thumbprint: string | undefined
  /** Policy group. Absent: there are none. */
  readonly group?: string
  readonly protocol: 'OpenVPN' | 'IkeV2' | 'SSTP'
  readonly transport: Listener['transport']
  readonly cipher: string
  readonly outer: string
  readonly innerAddresses: readonly string[]
  /** Unix seconds. */
  readonly startedAt: number
  readonly clientVersion: string
  readonly bytesReceived: number
  readonly bytesSent: number
  readonly packetsReceived: number
  readonly packetsSent: number
}
