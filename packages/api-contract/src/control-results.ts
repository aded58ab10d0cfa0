import type { ErrorBody } from './arm/errors.ts'
import type { AuthenticationType, ClientProtocol } from './client-protocol.ts'
import type { SiteControlResults } from './control-sites.ts'

/** What a method answers. */
export interface ControlResults extends SiteControlResults {
  readonly status: GatewayStatus
  readonly sessions: { readonly sessions: readonly SessionView[] }
  readonly disconnect: { readonly id: string }
  readonly apply: ApplyResult
  readonly 'client.add': AddedClient
  readonly 'client.revoke': RevokedClient
  readonly 'client.list': { readonly clients: readonly ClientView[] }
  readonly 'certificate.set': ChangedCertificate
  readonly 'certificate.show': CertificateView
  readonly 'certificate.reset': ChangedCertificate
  readonly history: { readonly entries: readonly HistoryView[] }
  readonly 'principal.add': AddedPrincipal
  readonly 'principal.list': { readonly principals: readonly PrincipalView[] }
  readonly 'principal.secret': AddedPrincipalSecret
  readonly 'principal.remove': RemovedPrincipal
  readonly 'template.apply': AppliedTemplate
}

export interface GatewayStatus {
  /** Absent: there is no gateway. */
  readonly name?: string
  readonly version: string
  readonly processId: number
  /** Unix seconds. */
  readonly startedAt: number
  /** By which methods clients of each tunnel type may sign in; absent: an older gateway, by certificate alone. */
  readonly authentication?: readonly TunnelAuthentication[]
  /** As `udp 0.0.0.0:443`. */
  readonly listeners: readonly string[]
  readonly addressPools: readonly string[]
  readonly insidePrefixes: readonly string[]
  /** All of them, of every protocol. */
  readonly sessions: number
  /** Those of them that are SSTP, which has a limit of its own; absent: an older gateway, which has none. */
  readonly sstpSessions?: number
  /** Of IKEv2 and OpenVPN together; absent: no limit. */
  readonly sessionLimit?: number
  /** Absent: no limit. */
  readonly sstpSessionLimit?: number
  /** When the server certificate ends, Unix seconds. */
  readonly certificateExpiresAt: number
}

/** Who may sign in over a tunnel type. */
export interface TunnelAuthentication {
  readonly tunnel: ClientProtocol
  readonly types: readonly AuthenticationType[]
}

/** One session, whatever its protocol. Counters are of the inner packets, since the start. */
export interface SessionView {
  readonly id: string
  readonly user: string
  readonly identity: string
  /** Policy group. Absent: the gateway has none. */
  readonly group?: string
  readonly protocol: string
  readonly transport: string
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

export interface ApplyResult {
  readonly document: 'gateway' | 'settings'
  /** The stored version after the change. */
  readonly version: number
  /** False: the document was what is stored already. */
  readonly changed: boolean
  /** Whether a gateway was running and took it over. */
  readonly live: boolean
}

export interface AddedClient {
  readonly name: string
  /** Absent: the gateway takes no certificates of its own roots, and none was issued. */
  readonly thumbprint?: string
  /** When the certificate ends, Unix seconds. */
  readonly expiresAt?: number
  readonly directory: string
  /** Paths of the files, within `directory`. */
  readonly files: readonly string[]
}

export interface RevokedClient {
  readonly name: string
  readonly thumbprints: readonly string[]
  /** Whether a gateway was running and took it over. */
  readonly live: boolean
}

export interface ClientView {
  readonly name: string
  readonly thumbprint: string
  readonly issuedAt: number
  readonly expiresAt: number
  /** Absent: not revoked. Unix seconds. */
  readonly revokedAt?: number
}

/** The certificate that the gateway shows its clients. */
export interface CertificateView {
  /** `own`: of the gateway's own authority; `given`: the operator brought it. */
  readonly source: 'own' | 'given'
  readonly subject: string
  readonly issuer: string
  /** DNS names and addresses that it is for. */
  readonly names: readonly string[]
  /** SHA-1, upper-case hex. */
  readonly thumbprint: string
  /** Unix seconds. */
  readonly expiresAt: number
  /** Those of `hostNames` that it is not for: who connects there refuses it. */
  readonly uncoveredHosts: readonly string[]
}

export interface ChangedCertificate extends CertificateView {
  /** False: it was what the gateway showed already. */
  readonly changed: boolean
  /** Whether a gateway was running and took it over. */
  readonly live: boolean
}

/** A secret that a service principal was given: its only showing. */
export interface AddedPrincipalSecret {
  readonly name: string
  readonly tenantId: string
  readonly clientId: string
  /** What roles are assigned to. */
  readonly objectId: string
  readonly keyId: string
  readonly secret: string
  /** When the secret ends, Unix seconds. */
  readonly endsAt: number
}

export interface AddedPrincipal extends AddedPrincipalSecret {
  /** Name of its role. Absent: it has none. */
  readonly role?: string
  /** Where the role holds. */
  readonly scope?: string
}

/** A service principal, without what it signs in with. */
export interface PrincipalView {
  readonly name: string
  readonly clientId: string
  readonly objectId: string
  readonly isEnabled: boolean
  readonly roles: readonly { readonly role: string; readonly scope: string }[]
  /** Unix seconds. */
  readonly secrets: readonly { readonly keyId: string; readonly endsAt: number }[]
  /** How many certificates it signs in with. */
  readonly certificates: number
}

/** One change, as the history has it. */
export interface HistoryView {
  /** Unix seconds. */
  readonly at: number
  /** Object id of who changed it, or `installation`. */
  readonly who: string
  /** The right by which it was changed, as `Microsoft.Network/virtualNetworkGateways/write`. */
  readonly action: string
  /** What was changed: an ARM id in lower case, or another document's name. */
  readonly target: string
  /** Without secrets; absent where there was nothing. */
  readonly before?: unknown
  readonly after?: unknown
}

export interface RemovedPrincipal {
  readonly name: string
  readonly clientId: string
  readonly objectId: string
}

/** A resource of a template, and how far it is. */
export interface DeployedResource {
  /** ARM id. */
  readonly id: string
  readonly type: string
  /** As ARM says it: `Running`, `Succeeded`, `Failed`. */
  readonly state: string
  /** Why it failed. */
  readonly error?: ErrorBody
}

/** What became of a template. */
export interface AppliedTemplate {
  /** Name of the deployment. */
  readonly deployment: string
  /** Name of the resource group. Absent: it was a template of the subscription. */
  readonly group?: string
  readonly state: 'Succeeded' | 'Failed' | 'Canceled'
  readonly resources: readonly DeployedResource[]
  /** By name; those of a secure type are left out. */
  readonly outputs: Readonly<Record<string, { readonly type: string; readonly value?: unknown }>>
  /** Why the deployment as a whole failed. */
  readonly error?: ErrorBody
}
