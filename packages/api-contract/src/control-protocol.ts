import Type, { type Static } from 'typebox'
import type { ErrorBody } from './arm/errors.ts'
import { templateParametersSchema } from './arm/template.ts'
import type { DeployedResource } from './control-results.ts'
import { siteParamsByMethod } from './control-sites.ts'
import { type Checked, checkedAgainst, type DocumentFault } from './document-fault.ts'

/**
 * The protocol on `DIR/control.sock` between the CLI and a running gateway: one JSON object a
 * line, a request and its response joined by `id`. What takes long tells of its progress in lines of
 * the same id before the response. Only the gateway's own user can open the socket.
 */

/** Longest line of a request or a response, in bytes. */
export const CONTROL_LINE_LIMIT = 8 * 1_024 * 1_024

/** File name of the socket inside the data directory. */
export const CONTROL_SOCKET_NAME = 'control.sock'

/** What a client may be called: one word that is safe as a file name and as a common name. */
export const CLIENT_NAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$'

/** What a service principal may be called by these commands: as a client. */
export const PRINCIPAL_NAME_PATTERN = CLIENT_NAME_PATTERN

/** Longest life of a principal's secret, as in Entra: two years. */
export const SECRET_DAYS_LIMIT = 730

/** Key types of issued client certificates. */
export const CLIENT_KEY_TYPES = ['rsa-2048', 'rsa-3072', 'rsa-4096', 'ecdsa-p256', 'ecdsa-p384'] as const
export type ClientKeyType = (typeof CLIENT_KEY_TYPES)[number]

/** Longest life of an issued client certificate: ten years. */
const VALID_DAYS_LIMIT = 3_650

/** Longest text of a server's certificate chain and of its key: a handful of certificates, an RSA key of 16,384 bits. */
const CHAIN_LENGTH = 262_144
const KEY_LENGTH = 65_536

/** Most entries of the history that one answer has. */
export const HISTORY_LIMIT = 1_000

const strict = { additionalProperties: false } as const
const clientName = Type.String({ maxLength: 64, pattern: CLIENT_NAME_PATTERN })
const principalName = Type.String({ maxLength: 64, pattern: PRINCIPAL_NAME_PATTERN })
const secretDays = Type.Integer({ minimum: 1, maximum: SECRET_DAYS_LIMIT })
const path = Type.String({ minLength: 1, maxLength: 4_096 })
const nothing = Type.Object({}, strict)

const paramsByMethod = {
  status: nothing,
  sessions: nothing,
  disconnect: Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) }, strict),
  apply: Type.Object({ document: Type.Unknown() }, strict),
  'client.add': Type.Object(
    {
      name: clientName,
      /** Absolute path of the directory to write; default: `clients/NAME` in the data directory. */
      directory: Type.Optional(path),
      keyType: Type.Optional(Type.Enum(CLIENT_KEY_TYPES)),
      validDays: Type.Optional(Type.Integer({ minimum: 1, maximum: VALID_DAYS_LIMIT })),
    },
    strict,
  ),
  'client.revoke': Type.Object({ name: clientName }, strict),
  'client.list': nothing,
  'certificate.set': Type.Object(
    {
      /** PEM: the gateway's certificate first, each then followed by its issuer. */
      chain: Type.String({ minLength: 1, maxLength: CHAIN_LENGTH }),
      /** PEM, without a passphrase. */
      key: Type.String({ minLength: 1, maxLength: KEY_LENGTH }),
    },
    strict,
  ),
  'certificate.show': nothing,
  'certificate.reset': nothing,
  history: Type.Object(
    {
      /** The ARM id of a resource: it and what is below it. Absent: everything. */
      target: Type.Optional(Type.String({ minLength: 1, maxLength: 2_048 })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: HISTORY_LIMIT })),
    },
    strict,
  ),
  'principal.add': Type.Object(
    {
      name: principalName,
      /** Name or GUID of a role, built-in or custom. Absent: it gets none. */
      role: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
      /** Where the role holds. Absent: the installation's subscription. */
      scope: Type.Optional(Type.String({ minLength: 1, maxLength: 2_048 })),
      /** How long its secret lasts. Absent: as long as a secret can. */
      validDays: Type.Optional(secretDays),
    },
    strict,
  ),
  'principal.list': nothing,
  'principal.secret': Type.Object({ name: principalName, validDays: Type.Optional(secretDays) }, strict),
  'principal.remove': Type.Object({ name: principalName }, strict),
  'template.apply': Type.Object(
    {
      /** An ARM template. */
      document: Type.Unknown(),
      parameters: Type.Optional(templateParametersSchema),
      /** Name of the resource group. Absent: the installation's own. */
      group: Type.Optional(Type.String({ minLength: 1, maxLength: 90 })),
    },
    strict,
  ),
  ...siteParamsByMethod,
} as const

const envelope = Type.Object(
  { id: Type.Integer({ minimum: 0 }), method: Type.String(), params: Type.Unknown() },
  strict,
)

type Params = typeof paramsByMethod
export type ControlMethod = keyof Params
/** The methods that the management API answers, which runs beside the gateway. */
export const MANAGEMENT_METHODS = [
  'principal.add',
  'principal.list',
  'principal.secret',
  'principal.remove',
  'template.apply',
  'cert.import',
  'cert.issue',
  'cert.list',
  'cert.show',
  'connection.doctor',
] as const satisfies readonly ControlMethod[]
export type ManagementMethod = (typeof MANAGEMENT_METHODS)[number]

/** The methods that a running gateway alone can answer; the others also work on a resting data directory. */
export const LIVE_METHODS: readonly ControlMethod[] = [
  'status',
  'sessions',
  'disconnect',
  'connections',
  'connection.reset',
  ...MANAGEMENT_METHODS,
]

/** A request without its id. */
export type ControlRequest = RequestOf<ControlMethod>
/** A request that the management API answers. */
export type ManagementRequest = RequestOf<ManagementMethod>
/** A request that the gateway answers itself. */
export type GatewayRequest = RequestOf<Exclude<ControlMethod, ManagementMethod>>

type RequestOf<Among extends ControlMethod> = {
  [Method in Among]: { readonly method: Method; readonly params: Static<Params[Method]> }
}[Among]

/** The last line from the gateway about a request. */
export type ControlResponse =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorBody }

/** A line before it: a resource of `template.apply` that has come further. */
export interface ControlProgress {
  readonly id: number
  readonly progress: DeployedResource
}

/** Checks a parsed request line. */
export function readControlRequest(
  value: unknown,
): Checked<{ readonly id: number; readonly request: ControlRequest }> {
  const line = checkedAgainst<Static<typeof envelope>>(envelope, value)
  if (line.type === 'bad') return line
  const { id, method, params } = line.value
  if (!isMethod(method)) return { type: 'bad', faults: [unknownMethod()] }
  const checked = checkedAgainst(paramsByMethod[method], params)
  if (checked.type === 'bad') return checked
  return { type: 'good', value: { id, request: { method, params } as ControlRequest } }
}

/** Whether the management API answers a request, and not the gateway. */
export function isManagementRequest(request: ControlRequest): request is ManagementRequest {
  return (MANAGEMENT_METHODS as readonly ControlMethod[]).includes(request.method)
}

function isMethod(name: string): name is ControlMethod {
  return Object.hasOwn(paramsByMethod, name)
}

function unknownMethod(): DocumentFault {
  return {
    path: 'method',
    problem: 'is not known to this gateway',
    remedy: `use one of ${Object.keys(paramsByMethod).join(', ')}, or bring CLI and gateway to one version`,
  }
}
