import {
  type CompleteRadiusSettings,
  quote,
  RADIUS_PORTS,
  type RadiusServerSettings,
  SECRET_TEXT,
  type VpnClientConfiguration,
} from '@causeway/api-contract'
import { formatIpAddress, parseIpAddress } from '@causeway/wire'
import type { RadiusConfiguration, RadiusServerConfiguration } from '../configuration.ts'
import { checkAuthority } from './authority.ts'
import type { DocumentName, Report } from './configuration-fault.ts'
import { isDnsName } from './settings.ts'

/** Azure's scores: the highest is asked first. */
const SCORE = { minimum: 1, maximum: 30 } as const
/** Ours: as many as a user would wait for. */
const SERVER_LIMIT = 16
/** RFC 2865 §5. */
const NAS_IDENTIFIER_BYTES = 253
/** Interim accounting may not come more often (RFC 2869 §2.1). */
const INTERIM_MINIMUM_SECONDS = 60
/** Of every RadSec server (RFC 6614 §2.3). */
const RADSEC_SECRET = 'radsec'

/** A server of the resource. */
interface GivenServer {
  /** Of the entry, or of the resource's only server, in the document. */
  readonly path: string
  readonly host: string
  readonly score: number
  readonly secret: string
}

/** Reads the RADIUS servers of the resource, with what the settings say of each. */
export function readRadius(
  clients: VpnClientConfiguration,
  settings: CompleteRadiusSettings,
  gatewayName: string,
  p2sPath: string,
  inDocument: (document: DocumentName) => Report,
): RadiusConfiguration {
  const given = readServers(clients, p2sPath, inDocument('gateway'))
  const further = readFurther(settings.servers, given, inDocument('settings'))
  const servers = given.map(server => {
    return withSettings(server, further.get(server.host), inDocument('gateway'))
  })
  const nasIdentifier = settings.nasIdentifier ?? gatewayName
  checkOwn(nasIdentifier, settings.interimSeconds, inDocument('settings'))
  checkReports(settings, servers, inDocument('settings'))
  const {
    timeoutSeconds,
    passwordProtocol,
    accounting: on,
    accountEverySession,
    interimSeconds,
    dynamicAuthorization,
  } = settings
  return {
    servers: servers.toSorted((one, other) => other.score - one.score),
    timeoutSeconds,
    nasIdentifier,
    passwordProtocol,
    accounting: { on, interimSeconds, everySession: accountEverySession },
    ...(dynamicAuthorization && { dynamicAuthorization }),
  }
}

/** What the servers are told of the gateway itself, and how often. */
function checkOwn(nasIdentifier: string, interimSeconds: number, report: Report): void {
  if (Buffer.byteLength(nasIdentifier) > NAS_IDENTIFIER_BYTES)
    report(
      'radius.nasIdentifier',
      `${quote(nasIdentifier)} is too long`,
      `give at most ${NAS_IDENTIFIER_BYTES} bytes`,
    )
  if (interimSeconds > 0 && interimSeconds < INTERIM_MINIMUM_SECONDS)
    report(
      'radius.interimSeconds',
      `${interimSeconds} is too often`,
      `give ${INTERIM_MINIMUM_SECONDS} or more, or 0 to leave it to the server`,
    )
}

/** What would have no effect, though somebody may rely on it. */
function checkReports(
  settings: CompleteRadiusSettings,
  servers: readonly RadiusServerConfiguration[],
  report: Report,
): void {
  const { accounting, accountEverySession, interimSeconds, dynamicAuthorization } = settings
  if (accountEverySession && !accounting)
    report('radius.accountEverySession', 'is of no use without accounting', 'set radius.accounting to true')
  if (interimSeconds > 0 && !accounting)
    report('radius.interimSeconds', 'is of no use without accounting', 'set radius.accounting to true')
  if (dynamicAuthorization && servers.every(({ transport }) => transport === 'tls'))
    report('radius.dynamicAuthorization', 'needs a server with transport udp', 'take it out')
}

/** Of the two ways to give servers, `radiusServers` decides where both name one. */
function readServers(clients: VpnClientConfiguration, p2sPath: string, report: Report): GivenServer[] {
  const { radiusServerAddress: only = '', radiusServerSecret = '', radiusServers = [] } = clients
  const path = `${p2sPath}.radiusServers`
  const listed = radiusServers.flatMap((server, i) =>
    readServer(`${path}[${i}]`, server.radiusServerAddress, server, report),
  )
  if (radiusServers.length > SERVER_LIMIT)
    report(path, `holds ${radiusServers.length} servers`, `give at most ${SERVER_LIMIT}`)
  for (const [i, { host, path: place }] of listed.entries())
    if (listed.slice(0, i).some(before => before.host === host))
      report(`${place}.radiusServerAddress`, `${quote(host)} is listed twice`, 'take one out')
  if (only === '' && radiusServers.length === 0)
    report(path, 'is empty', 'add a RADIUS server, or take Radius out of vpnAuthenticationTypes')
  const alone = only === '' ? [] : readServer(p2sPath, only, { radiusServerSecret }, report)
  return [...alone.filter(({ host }) => !listed.some(server => server.host === host)), ...listed]
}

/** The entry of one server; without a score it is Azure's default, the highest. */
function readServer(
  path: string,
  address: string,
  entry: { readonly radiusServerScore?: number; readonly radiusServerSecret?: string },
  report: Report,
): GivenServer[] {
  const { radiusServerScore: score = SCORE.maximum, radiusServerSecret: secret = '' } = entry
  const host = hostOf(address)
  if (host === undefined)
    report(
      `${path}.radiusServerAddress`,
      `${quote(address)} is neither an IP address nor a DNS name`,
      'correct it',
    )
  if (score < SCORE.minimum || score > SCORE.maximum)
    report(
      `${path}.radiusServerScore`,
      `${score} is out of bounds`,
      `give ${SCORE.minimum} to ${SCORE.maximum}, the most for the server that is asked first`,
    )
  if (secret === SECRET_TEXT)
    report(`${path}.radiusServerSecret`, 'is only what secrets are shown as', 'give the secret itself')
  return host === undefined ? [] : [{ path, host, score, secret }]
}

/** What the settings say of servers, by address. */
function readFurther(
  entries: readonly RadiusServerSettings[],
  given: readonly GivenServer[],
  report: Report,
): ReadonlyMap<string, RadiusServerSettings> {
  const found = new Map<string, RadiusServerSettings>()
  for (const [i, entry] of entries.entries()) {
    const path = `radius.servers[${i}]`
    const host = hostOf(entry.address) ?? entry.address
    if (!given.some(server => server.host === host))
      report(
        `${path}.address`,
        `${quote(entry.address)} is no RADIUS server of the gateway`,
        `use one of ${given.map(server => server.host).join(', ') || 'its radiusServers'}`,
      )
    if (found.has(host)) report(`${path}.address`, `${quote(entry.address)} is listed twice`, 'take one out')
    checkFurther(entry, path, report)
    found.set(host, entry)
  }
  return found
}

function checkFurther(entry: RadiusServerSettings, path: string, report: Report): void {
  if (entry.authority === undefined) return
  if (entry.transport !== 'tls')
    report(`${path}.authority`, 'is of no use over UDP', 'take it out, or set transport to tls')
  checkAuthority(entry.authority, `${path}.authority`, report)
}

/** Only UDP needs a secret: RadSec's is public, and the connection proves who it is. */
function withSettings(
  { path, host, score, secret }: GivenServer,
  further: RadiusServerSettings | undefined,
  report: Report,
): RadiusServerConfiguration {
  const transport = further?.transport ?? 'udp'
  if (transport === 'udp' && secret === '')
    report(
      `${path}.radiusServerSecret`,
      `is missing for ${host}`,
      'give the secret that the server has for this gateway',
    )
  const ports =
    transport === 'tls' ? { authentication: RADIUS_PORTS.tls, accounting: RADIUS_PORTS.tls } : RADIUS_PORTS
  return {
    host,
    score,
    secret: new TextEncoder().encode(transport === 'tls' ? RADSEC_SECRET : secret),
    transport,
    authenticationPort: further?.authenticationPort ?? ports.authentication,
    accountingPort: further?.accountingPort ?? further?.authenticationPort ?? ports.accounting,
    requireMessageAuthenticator: further?.requireMessageAuthenticator ?? true,
    ...(further?.authority !== undefined && { authority: further.authority }),
  }
}

/** Addresses and names in one spelling. */
function hostOf(text: string): string | undefined {
  const address = parseIpAddress(text)
  if (address) return formatIpAddress(address)
  return isDnsName(text) ? text.toLowerCase() : undefined
}
