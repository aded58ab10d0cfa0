import { type KeyUsage, keyUsages } from '@causeway/x509'
import { describedProperties, type ImportedContent } from './certificate-content.ts'
import {
  booleanIn,
  type Fields,
  integerIn,
  objectIn,
  objectsIn,
  pathOf,
  stringIn,
  stringsIn,
  wordIn,
} from './fields.ts'
import { badParameter } from './vault-error.ts'

export const contentTypes = ['application/x-pkcs12', 'application/x-pem-file'] as const
/** How a certificate's secret holds certificate and key: base64 of PKCS#12 without password, or PEM. */
export type CertificateContentType = (typeof contentTypes)[number]

export interface KeyProperties {
  /** Whether the private key may leave the vault, as the certificate's secret. */
  readonly exportable: boolean
  readonly kty: 'RSA' | 'EC'
  /** Bits. */
  readonly key_size: number
  readonly crv?: 'P-256' | 'P-384'
  /** Whether the next version is for the same key. */
  readonly reuse_key: boolean
}

/** Wire names as in Key Vault, its odd one included. */
export interface SubjectAltNames {
  readonly dns_names?: readonly string[]
  readonly emails?: readonly string[]
  readonly upns?: readonly string[]
  readonly uris?: readonly string[]
  readonly ipAddresses?: readonly string[]
}

export interface X509Properties {
  readonly subject: string
  readonly sans?: SubjectAltNames
  /** Dotted OIDs. */
  readonly ekus?: readonly string[]
  readonly key_usage?: readonly KeyUsage[]
  readonly validity_months: number
  readonly basic_constraints?: { readonly ca: boolean }
}

export interface LifetimeAction {
  readonly trigger: { readonly lifetime_percentage?: number; readonly days_before_expiry?: number }
  readonly action: { readonly action_type: 'AutoRenew' | 'EmailContacts' }
}

/** How the versions of a certificate are made; wire names as in Key Vault. */
export interface CertificatePolicy {
  readonly key_props: KeyProperties
  readonly secret_props: { readonly contentType: CertificateContentType }
  readonly x509_props: X509Properties
  /** `Self`: signed by its own key. `Unknown`: it was imported. */
  readonly issuer: { readonly name: 'Self' | 'Unknown' }
  readonly lifetime_actions: readonly LifetimeAction[]
  readonly attributes: { readonly enabled: boolean; readonly created: number; readonly updated: number }
}

/** What a request says of a policy; what it leaves out is decided by who reads it. */
export interface RequestedPolicy {
  readonly path: string
  readonly key: Partial<KeyProperties>
  readonly contentType: CertificateContentType | undefined
  readonly x509: Partial<X509Properties>
  readonly issuer: 'Self' | 'Unknown' | undefined
  readonly lifetimeActions: readonly LifetimeAction[] | undefined
}

const EMPTY: RequestedPolicy = {
  path: 'policy',
  key: {},
  contentType: undefined,
  x509: {},
  issuer: undefined,
  lifetimeActions: undefined,
}

/** Azure's own limit of a self-signed certificate's life. */
const MOST_MONTHS = 1_200
const RSA_SIZES = [2_048, 3_072, 4_096] as const
const CURVE_BITS = { 'P-256': 256, 'P-384': 384 } as const

/** The `policy` of a request. Errors: `BadParameter`. */
export function policyIn(body: Fields): RequestedPolicy {
  const fields = objectIn(body, 'policy')
  return fields ? readPolicy(fields) : EMPTY
}

/** A policy itself. Errors: `BadParameter`. */
export function readPolicy(fields: Fields): RequestedPolicy {
  const [key, secret, x509, issuer] = ['key_props', 'secret_props', 'x509_props', 'issuer'].map(name =>
    objectIn(fields, name),
  )
  return {
    path: fields.path,
    key: key ? readKey(key) : {},
    contentType: secret && wordIn(secret, 'contentType', contentTypes),
    x509: x509 ? readX509(x509) : {},
    issuer: issuer && wordIn(issuer, 'name', ['Self', 'Unknown']),
    lifetimeActions: objectsIn(fields, 'lifetime_actions')?.map(readLifetimeAction),
  }
}

/**
 * The whole policy of a certificate that the vault is to make: Key Vault's defaults, or those of `former`, where the
 * request says nothing. Errors: `BadParameter`.
 */
export function policyToIssue(
  requested: RequestedPolicy,
  now: number,
  former?: CertificatePolicy,
): CertificatePolicy {
  const { path, key, x509 } = requested
  const issuer = requested.issuer ?? former?.issuer.name ?? 'Self'
  if (issuer !== 'Self')
    throw badParameter(
      `${path}.issuer.name`,
      "must be 'Self': the vault has no other authority; import what it issues",
    )
  const subject = x509.subject ?? former?.x509_props.subject
  if (subject === undefined)
    throw badParameter(`${path}.x509_props.subject`, 'is missing, such as CN=vpn.example.org')
  return {
    key_props: completeKey(path, key, former?.key_props),
    secret_props: {
      contentType: requested.contentType ?? former?.secret_props.contentType ?? 'application/x-pkcs12',
    },
    x509_props: { ...DEFAULT_X509, ...former?.x509_props, ...x509, subject },
    issuer: { name: issuer },
    lifetime_actions: requested.lifetimeActions ?? former?.lifetime_actions ?? DEFAULT_ACTIONS,
    attributes: { enabled: true, created: former?.attributes.created ?? now, updated: now },
  }
}

/**
 * The policy of an imported certificate: what it says of itself, and how the request wants it kept. Errors:
 * `BadParameter` when the request wants another key than it has.
 */
export function policyOfImport(
  { path, key, contentType, x509, lifetimeActions }: RequestedPolicy,
  content: ImportedContent,
  now: number,
): CertificatePolicy {
  for (const name of ['kty', 'key_size', 'crv'] as const)
    if (key[name] !== undefined && key[name] !== content.key[name])
      throw badParameter(
        `${path}.key_props.${name}`,
        `is ${key[name]}, but the key that is imported has ${content.key[name] ?? 'none'}`,
      )
  const { exportable = true, reuse_key = false } = key
  const { key_usage } = x509
  return {
    key_props: { exportable, reuse_key, ...content.key },
    secret_props: { contentType: contentType ?? content.contentType },
    x509_props: { ...describedProperties(content.bundle.certificate), ...(key_usage && { key_usage }) },
    issuer: { name: 'Unknown' },
    lifetime_actions: lifetimeActions ?? IMPORT_ACTIONS,
    attributes: { enabled: true, created: now, updated: now },
  }
}

/** A policy with what a request changes of it, to be followed by the next version. Errors: `BadParameter`. */
export function changedPolicy(
  former: CertificatePolicy,
  requested: RequestedPolicy,
  now: number,
): CertificatePolicy {
  const { path, key, contentType, x509, issuer, lifetimeActions } = requested
  return {
    key_props: completeKey(path, key, former.key_props),
    secret_props: { contentType: contentType ?? former.secret_props.contentType },
    x509_props: { ...former.x509_props, ...x509 },
    issuer: { name: issuer ?? former.issuer.name },
    lifetime_actions: lifetimeActions ?? former.lifetime_actions,
    attributes: { ...former.attributes, updated: now },
  }
}

const DEFAULT_X509 = {
  ekus: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
  key_usage: ['digitalSignature', 'keyEncipherment'],
  validity_months: 12,
  basic_constraints: { ca: false },
} as const

const DEFAULT_ACTIONS: readonly LifetimeAction[] = [
  { trigger: { lifetime_percentage: 80 }, action: { action_type: 'AutoRenew' } },
]

/** What the vault did not sign it cannot renew. */
const IMPORT_ACTIONS: readonly LifetimeAction[] = [
  { trigger: { lifetime_percentage: 80 }, action: { action_type: 'EmailContacts' } },
]

/** Kind, size and curve go together: what is left out follows from what is said. */
function completeKey(path: string, key: Partial<KeyProperties>, former?: KeyProperties): KeyProperties {
  const kty = key.kty ?? (key.crv === undefined ? former?.kty : 'EC') ?? 'RSA'
  const flags = {
    exportable: key.exportable ?? former?.exportable ?? true,
    reuse_key: key.reuse_key ?? former?.reuse_key ?? false,
  }
  const same = former?.kty === kty ? former : undefined
  if (kty === 'RSA')
    return { ...flags, kty, key_size: rsaSize(path, key.key_size ?? same?.key_size ?? 2_048) }
  const bits = key.key_size === 384 ? 'P-384' : 'P-256'
  const crv = key.crv ?? (key.key_size === undefined ? same?.crv : bits) ?? 'P-256'
  if (key.key_size !== undefined && key.key_size !== CURVE_BITS[crv])
    throw badParameter(
      `${path}.key_props.key_size`,
      `${key.key_size} is not the size of ${crv}: leave it out`,
    )
  return { ...flags, kty, key_size: CURVE_BITS[crv], crv }
}

function rsaSize(path: string, size: number): number {
  if (RSA_SIZES.some(one => one === size)) return size
  throw badParameter(`${path}.key_props.key_size`, `${size} is not one of ${RSA_SIZES.join(', ')}`)
}

function readKey(fields: Fields): Partial<KeyProperties> {
  return defined({
    exportable: booleanIn(fields, 'exportable'),
    kty: wordIn(fields, 'kty', ['RSA', 'EC']),
    key_size: integerIn(fields, 'key_size', 1, 65_536),
    crv: wordIn(fields, 'crv', ['P-256', 'P-384']),
    reuse_key: booleanIn(fields, 'reuse_key'),
  })
}

function readX509(fields: Fields): Partial<X509Properties> {
  const sans = objectIn(fields, 'sans')
  const constraints = objectIn(fields, 'basic_constraints')
  return defined({
    subject: stringIn(fields, 'subject', 1_024),
    sans: sans && readAltNames(sans),
    ekus: stringsIn(fields, 'ekus'),
    key_usage: usagesIn(fields),
    validity_months: integerIn(fields, 'validity_months', 1, MOST_MONTHS),
    basic_constraints: constraints && { ca: booleanIn(constraints, 'ca') ?? false },
  })
}

function readAltNames(fields: Fields): SubjectAltNames {
  return defined({
    dns_names: stringsIn(fields, 'dns_names'),
    emails: stringsIn(fields, 'emails'),
    upns: stringsIn(fields, 'upns'),
    uris: stringsIn(fields, 'uris'),
    ipAddresses: stringsIn(fields, 'ipAddresses'),
  })
}

function usagesIn(fields: Fields): readonly KeyUsage[] | undefined {
  return stringsIn(fields, 'key_usage')?.map(word => {
    const usage = keyUsages.find(one => one === word)
    if (usage !== undefined) return usage
    throw badParameter(pathOf(fields, 'key_usage'), `'${word}' is not one of ${keyUsages.join(', ')}`)
  })
}

function readLifetimeAction(fields: Fields): LifetimeAction {
  const [trigger, action] = [objectIn(fields, 'trigger'), objectIn(fields, 'action')]
  const type = action && wordIn(action, 'action_type', ['AutoRenew', 'EmailContacts'])
  if (!trigger || !type) throw badParameter(fields.path, 'needs a trigger and an action.action_type')
  const when = defined({
    lifetime_percentage: integerIn(trigger, 'lifetime_percentage', 1, 99),
    days_before_expiry: integerIn(trigger, 'days_before_expiry', 1, 36_500),
  })
  if (Object.keys(when).length !== 1)
    throw badParameter(trigger.path, 'needs either lifetime_percentage or days_before_expiry')
  return { trigger: when, action: { action_type: type } }
}

type Defined<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> }

/** Without what is undefined. */
function defined<Values extends object>(values: Values): Defined<Values> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Defined<Values>
}
