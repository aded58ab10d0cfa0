import Type, { type TObject } from 'typebox'
import type { CONNECTION_AUTHENTICATION_TYPES, CONNECTION_STATUSES } from './arm/schema/connection.ts'

/** Methods of the control protocol about connections to sites and their certificates. */

/** Key types of certificates that are issued for a connection's ends. */
export const SITE_KEY_TYPES = ['rsa-2048', 'rsa-3072', 'rsa-4096', 'ecdsa-p256', 'ecdsa-p384'] as const
export type SiteKeyType = (typeof SITE_KEY_TYPES)[number]

/** What a certificate in a vault may be called (Key Vault). */
export const VAULT_OBJECT_NAME_PATTERN = '^[0-9A-Za-z-]{1,127}$'

/** Longest life of an issued certificate: ten years. */
export const SITE_DAYS_LIMIT = 3_650

/** Most certificate files that one check takes, and alternative names that one certificate gets. */
export const CHAIN_FILES_LIMIT = 20
export const ALT_NAMES_LIMIT = 32

/** Longest text of a key with its chain, in base64 or PEM. A vault takes less, and says so. */
const CONTENT_LENGTH = 1_048_576

const strict = { additionalProperties: false } as const
const vault = Type.String({ minLength: 1, maxLength: 127 })
const objectName = Type.String({ maxLength: 127, pattern: VAULT_OBJECT_NAME_PATTERN })
const connectionName = Type.String({ minLength: 1, maxLength: 2_048 })
const password = Type.String({ maxLength: 1_024, secret: true })
const certificateFile = Type.String({ minLength: 1, maxLength: 262_144 })

const issued = {
  commonName: Type.String({ minLength: 1, maxLength: 64 }),
  /** DNS names and addresses. Absent: the common name, which has to be one then. */
  names: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 253 }), { minItems: 1, maxItems: ALT_NAMES_LIMIT }),
  ),
  keyType: Type.Optional(Type.Enum(SITE_KEY_TYPES)),
  validDays: Type.Optional(Type.Integer({ minimum: 1, maximum: SITE_DAYS_LIMIT })),
} as const

/** @internal The parameters of each method. */
export const siteParamsByMethod = {
  connections: Type.Object({}, strict),
  /** `name`: of the resource, or its ARM id. */
  'connection.reset': Type.Object({ name: connectionName }, strict),
  'connection.doctor': Type.Object({ name: connectionName }, strict),
  'cert.import': Type.Object(
    {
      vault,
      name: objectName,
      /** PEM, or base64 of PKCS#12: the certificate with its key and its issuers. */
      content: Type.String({ minLength: 1, maxLength: CONTENT_LENGTH, secret: true }),
      password: Type.Optional(password),
      /** Makes the vault where there is none of this name. */
      createVault: Type.Optional(Type.Boolean()),
    },
    strict,
  ),
  'cert.issue': Type.Object(
    { vault, name: objectName, ...issued, createVault: Type.Optional(Type.Boolean()) },
    strict,
  ),
  /** For the other side: its key is answered, and kept nowhere. */
  'cert.device': Type.Object({ ...issued, password }, strict),
  'cert.list': Type.Object({ vault: Type.Optional(vault) }, strict),
  'cert.show': Type.Object(
    { vault, name: objectName, version: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })) },
    strict,
  ),
  'cert.check': Type.Object(
    {
      subject: Type.String({ maxLength: 1_024 }),
      /** Of each file PEM, or base64 of DER. */
      chain: Type.Array(certificateFile, { maxItems: CHAIN_FILES_LIMIT }),
      /** The device's certificate, and what it would send along. */
      peer: Type.Optional(certificateFile),
    },
    strict,
  ),
} as const satisfies Readonly<Record<string, TObject>>

/** What the site methods answer. */
export interface SiteControlResults {
  readonly connections: { readonly connections: readonly ConnectionView[] }
  readonly 'connection.reset': { readonly id: string; readonly name: string }
  readonly 'connection.doctor': ConnectionDiagnosis
  readonly 'cert.import': StoredCertificateView
  readonly 'cert.issue': StoredCertificateView
  readonly 'cert.device': DeviceCertificate
  readonly 'cert.list': { readonly certificates: readonly VaultCertificateView[] }
  readonly 'cert.show': VaultCertificateDetail
  readonly 'cert.check': InboundCheck
}

type StatusName = (typeof CONNECTION_STATUSES)[number]

/** Why something is as it is. */
export interface ReasonView {
  readonly code: string
  /** One sentence. */
  readonly message: string
}

/** A connection to a site, and how it stands. */
export interface ConnectionView {
  /** ARM id, lower case. */
  readonly id: string
  readonly name: string
  readonly authentication: (typeof CONNECTION_AUTHENTICATION_TYPES)[number]
  readonly mode: string
  /** Address or name of the other side. */
  readonly peer: string
  readonly status: StatusName
  readonly reason: ReasonView
  readonly tunnels: readonly TunnelView[]
  /** The outbound certificate in use; absent with a shared key, or while there is none. */
  readonly certificate?: {
    readonly version: string
    readonly subject: string
    readonly thumbprint: string
    /** Unix seconds. */
    readonly notAfterSeconds: number
  }
  readonly notes: readonly string[]
}

export interface TunnelView {
  readonly tunnel: string
  readonly status: StatusName
  readonly reason: ReasonView
  /** Unix seconds; absent: never. */
  readonly lastEstablishedSeconds?: number
  readonly bytesReceived: number
  readonly bytesSent: number
  readonly packetsReceived: number
  readonly packetsSent: number
  /** Packets that were dropped, by why: `replays`, `sourceViolations` and others. */
  readonly drops: Readonly<Record<string, number>>
  readonly sessions: readonly IkeSaView[]
}

/** An IKE SA, and its Child SAs. */
export interface IkeSaView {
  /** SPIs of the beginning, hex of 16 digits. */
  readonly initiatorSpi: string
  /** Absent: nobody told it. */
  readonly responderSpi?: string
  readonly isInitiator: boolean
  /** `IP:port`. */
  readonly local: string
  readonly remote: string
  readonly localIdentity: string
  readonly remoteIdentity: string
  readonly method: 'certificate' | 'psk'
  readonly suite: {
    readonly encryption: string
    readonly integrity: string
    readonly prf: string
    readonly group: string
  }
  readonly natDetected: { readonly local: boolean; readonly remote: boolean }
  /** Unix seconds. */
  readonly establishedSeconds: number
  /** Whether the tunnel's traffic goes through it. */
  readonly isCarrier: boolean
  readonly children: readonly ChildSaView[]
}

export interface ChildSaView {
  readonly receiveSpi: number
  readonly sendSpi: number
  readonly encryption: string
  readonly integrity: string
  readonly group: string
  /** Traffic selectors. */
  readonly local: readonly string[]
  readonly remote: readonly string[]
  /** Unix seconds. */
  readonly establishedSeconds: number
  readonly bytesReceived: number
  readonly bytesSent: number
}

/** One link of what a connection hangs by. */
export interface FindingView {
  readonly check: string
  readonly state: 'good' | 'warning' | 'bad'
  readonly detail: string
  /** What to do; absent when good. */
  readonly fix?: string
}

/** What a connection hangs by, link by link in the order in which each needs the ones before. */
export interface ConnectionDiagnosis {
  readonly connection: string
  readonly findings: readonly FindingView[]
  /** `check` of the first link that is bad; absent: none is. */
  readonly firstBroken?: string
}

/** Whether a certificate would do, and why not. */
export type CertificateVerdict =
  | { readonly accepted: true; readonly notes: readonly string[] }
  | { readonly accepted: false; readonly code: string; readonly message: string }

/** A version of a certificate in a vault. */
export interface VaultCertificateView {
  readonly vault: string
  readonly name: string
  readonly version: string
  /** Whether it is the newest one. */
  readonly isCurrent: boolean
  /** `https://VAULT/certificates/NAME/VERSION`. */
  readonly id: string
  readonly subject: string
  /** SHA-1, upper-case hex. */
  readonly thumbprint: string
  /** Unix seconds. */
  readonly expiresAt: number
  readonly isEnabled: boolean
  /** Names of connections whose outbound certificate it is. */
  readonly usedBy: readonly string[]
}

export interface StoredCertificateView extends VaultCertificateView {
  /** Whether the vault was made for it. */
  readonly hasMadeVault: boolean
  /** As the outbound certificate of a connection. */
  readonly outbound: CertificateVerdict
}

export interface VaultCertificateDetail extends VaultCertificateView {
  readonly issuer: string
  /** Alternative names. */
  readonly names: readonly string[]
  readonly key: string
  readonly outbound: CertificateVerdict
  /** What the other side has to trust, the root first: its `inboundAuthCertificateChain`, if it is a gateway too. */
  readonly trust: readonly TrustedCertificate[]
  /** The issuer whose certificate is in no bundle; absent: all are there. */
  readonly missingIssuer?: string
}

/** A public certificate. */
export interface TrustedCertificate {
  readonly subject: string
  readonly isRoot: boolean
  /** Unix seconds. */
  readonly expiresAt: number
  readonly pem: string
  /** Base64 of DER in one line. */
  readonly base64: string
}

/** A certificate for the other side, with its key: its only showing. */
export interface DeviceCertificate {
  readonly subject: string
  readonly serialNumber: string
  /** SHA-1, upper-case hex. */
  readonly thumbprint: string
  /** Unix seconds. */
  readonly expiresAt: number
  /** PKCS#8 in PEM, not encrypted: a secret. */
  readonly key: string
  /** PEM. */
  readonly certificate: string
  /** PEM of its issuers, the root last. */
  readonly issuers: string
  /** Base64 of PKCS#12 with all of it: a secret. */
  readonly pkcs12: string
  /** What a connection's `inboundAuthCertificateChain` is for it. */
  readonly inboundChain: readonly string[]
}

/** What a connection would make of an inbound chain, and of a device's certificate. */
export interface InboundCheck {
  readonly trust: CertificateVerdict & {
    /** Place of the file at fault among those given, from 0. */
    readonly file?: number
  }
  /** Subject that the device must have; absent when the chain is refused. */
  readonly subject?: string
  /** `inboundAuthCertificateChain` of a connection, in order; empty when it is refused. */
  readonly certificates: readonly TrustedCertificate[]
  /** Absent: no device's certificate was given, or the chain is refused. */
  readonly peer?: CertificateVerdict & { readonly subject: string; readonly expiresAt: number }
}
