import Type, { type Static } from 'typebox'

const DAY_SECONDS = 86_400
/** Longest NAS-Identifier: what one attribute holds (RFC 2865 §5). */
const NAS_IDENTIFIER_LENGTH = 253
/** Room for a handful of certificates. */
const PEM_LENGTH = 65_536
/** Ours. */
const SERVER_LIMIT = 16

const strict = { additionalProperties: false } as const
const text = Type.String({ minLength: 1, maxLength: 2_048 })
const port = Type.Integer({ minimum: 1, maximum: 65_535 })
const pem = Type.String({ minLength: 1, maxLength: PEM_LENGTH })

const radiusServer = Type.Object(
  {
    address: Type.String({ minLength: 1, maxLength: 256 }),
    transport: Type.Optional(Type.Enum(['udp', 'tls'] as const)),
    authenticationPort: Type.Optional(port),
    accountingPort: Type.Optional(port),
    requireMessageAuthenticator: Type.Optional(Type.Boolean()),
    authority: Type.Optional(pem),
  },
  strict,
)

/** Schema of the settings' `radius`. */
export const radiusSettingsSchema = Type.Object(
  {
    timeoutSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 300 })),
    nasIdentifier: Type.Optional(Type.String({ minLength: 1, maxLength: NAS_IDENTIFIER_LENGTH })),
    passwordProtocol: Type.Optional(Type.Enum(['pap', 'mschapv2'] as const)),
    accounting: Type.Optional(Type.Boolean()),
    accountEverySession: Type.Optional(Type.Boolean()),
    interimSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: DAY_SECONDS })),
    dynamicAuthorization: Type.Optional(Type.Object({ port: Type.Optional(port) }, strict)),
    servers: Type.Optional(Type.Array(radiusServer, { maxItems: SERVER_LIMIT })),
  },
  strict,
)

/** A scope as it may stand in a request (RFC 6749 §3.3). */
const scope = Type.String({ pattern: '^[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,256}$' })

const entraBrowser = Type.Object(
  {
    clientId: Type.String({ minLength: 1, maxLength: 256 }),
    clientSecret: Type.Optional(Type.String({ minLength: 1, maxLength: 1_024 })),
    publicUrl: Type.Optional(text),
    scopes: Type.Optional(Type.Array(scope, { minItems: 1, maxItems: SERVER_LIMIT })),
    timeoutSeconds: Type.Optional(Type.Integer({ minimum: 30, maximum: 600 })),
    recheckSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: DAY_SECONDS })),
    sameAddress: Type.Optional(Type.Boolean()),
  },
  strict,
)

/** Schema of the settings' `entra`. */
export const entraSettingsSchema = Type.Object(
  {
    authority: Type.Optional(text),
    additionalAudiences: Type.Optional(Type.Array(text, { maxItems: SERVER_LIMIT })),
    sessionSecondsPastExpiry: Type.Optional(Type.Integer({ minimum: 0, maximum: 30 * DAY_SECONDS })),
    httpsAuthority: Type.Optional(pem),
    browser: Type.Optional(entraBrowser),
  },
  strict,
)

/**
 * One RADIUS server of the resource, found by its `address` there, as far as ARM has no place for it. Absent:
 * UDP 1812 and 1813, or with `tls` (RadSec) TCP 2083 for both. `requireMessageAuthenticator: false` takes answers
 * of an old server that can be forged (CVE-2024-3596). `authority`: PEM, to which a RadSec server's certificate
 * must lead; absent: a public authority.
 */
export type RadiusServerSettings = Static<typeof radiusServer>
/**
 * The RADIUS part of the settings; what is absent has a default. `timeoutSeconds`: for all attempts of one request;
 * `nasIdentifier`: by default the gateway's name; `passwordProtocol`: how servers are asked about OpenVPN's passwords,
 * by default `pap`; `accounting`: report the sessions that RADIUS let in, by default
 * not; `accountEverySession`: with it, those of other methods too; `interimSeconds`: how often a session is reported
 * while it lasts, 0: as the server says; `dynamicAuthorization`: hear CoA and Disconnect of the servers, by default
 * not at all.
 */
export type RadiusSettings = Static<typeof radiusSettingsSchema>
/**
 * The Entra part of the settings; what is absent has a default. `authority`: where keys are fetched, by default
 * `aadTenant`; `additionalAudiences`: accepted beside `aadAudience`, where Azure has just one;
 * `sessionSecondsPastExpiry`: how long after its token's end a session may go on; `httpsAuthority`: PEM, to which
 * the certificate of `authority` must lead, where that is no public one; `browser`: sign-in through the browser, by
 * default not at all.
 */
export type EntraSettings = Static<typeof entraSettingsSchema>
/**
 * Sign-in through the browser; what is absent has a default. `clientId`, `clientSecret`: the gateway as the provider
 * knows it, without a secret a public client; `publicUrl`: under which browsers reach the gateway, without a path, by
 * default its first host name and TCP port; `scopes`: asked of the provider; `timeoutSeconds`: so long the user has;
 * `recheckSeconds`: how often the provider is asked whether the user may still be connected, 0: never; `sameAddress`:
 * the browser must come from the address of the VPN client.
 */
export type EntraBrowserSettings = Static<typeof entraBrowser>

/** With every default filled in; what depends on the resource stays absent. */
export type CompleteRadiusSettings = Required<
  Omit<RadiusSettings, 'nasIdentifier' | 'dynamicAuthorization'>
> &
  Pick<RadiusSettings, 'nasIdentifier'> & { readonly dynamicAuthorization?: { readonly port: number } }
export type CompleteEntraSettings = Required<
  Omit<EntraSettings, 'authority' | 'httpsAuthority' | 'browser'>
> &
  Pick<EntraSettings, 'authority' | 'httpsAuthority'> & { readonly browser?: CompleteEntraBrowserSettings }
export type CompleteEntraBrowserSettings = Required<
  Omit<EntraBrowserSettings, 'clientSecret' | 'publicUrl'>
> &
  Pick<EntraBrowserSettings, 'clientSecret' | 'publicUrl'>

/** Defaults of the RADIUS settings: the time that Azure allows; nothing is reported unasked. */
export const DEFAULT_RADIUS: Pick<
  CompleteRadiusSettings,
  'timeoutSeconds' | 'passwordProtocol' | 'accounting' | 'accountEverySession' | 'interimSeconds'
> = {
  timeoutSeconds: 30,
  passwordProtocol: 'pap',
  accounting: false,
  accountEverySession: false,
  interimSeconds: 0,
}

/** From the specifications: RFC 2865 §3, RFC 2866 §3, RFC 6614 §2.1, RFC 5176 §3. */
export const RADIUS_PORTS = {
  authentication: 1_812,
  accounting: 1_813,
  tls: 2_083,
  dynamicAuthorization: 3_799,
} as const

/** Defaults of the Entra settings. A token lives for about an hour; a session may last a working day. */
export const DEFAULT_ENTRA: Pick<CompleteEntraSettings, 'sessionSecondsPastExpiry'> = {
  sessionSecondsPastExpiry: 8 * 3_600,
}

/** Defaults of sign-in through the browser. A user who is disabled is cut off within a quarter of an hour. */
export const DEFAULT_ENTRA_BROWSER: Omit<
  CompleteEntraBrowserSettings,
  'clientId' | 'clientSecret' | 'publicUrl'
> = {
  scopes: ['openid', 'profile', 'email', 'offline_access'],
  timeoutSeconds: 180,
  recheckSeconds: 900,
  sameAddress: true,
}

export function completeRadius(settings: RadiusSettings): CompleteRadiusSettings {
  const { dynamicAuthorization, ...rest } = settings
  return {
    ...DEFAULT_RADIUS,
    servers: [],
    ...rest,
    ...(dynamicAuthorization && {
      dynamicAuthorization: { port: dynamicAuthorization.port ?? RADIUS_PORTS.dynamicAuthorization },
    }),
  }
}

export function completeEntra(settings: EntraSettings): CompleteEntraSettings {
  const { browser, ...rest } = settings
  return {
    ...DEFAULT_ENTRA,
    additionalAudiences: [],
    ...rest,
    ...(browser && { browser: { ...DEFAULT_ENTRA_BROWSER, ...browser } }),
  }
}
