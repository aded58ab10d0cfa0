import type { GatewaySettings, VirtualNetworkGateway } from '@causeway/api-contract'
import { formatIpAddress } from '@causeway/wire'
import type { Issuer } from '@causeway/x509'
import { pointToSiteOf } from '../arm/index.ts'
import type { GatewayConfiguration, GatewayIdentity } from '../configuration.ts'
import { CommandError } from './command-error.ts'
import { type Interfaces, reachableAddresses } from './connected-networks.ts'
import {
  configurationOf,
  type Documents,
  type GatewayDocuments,
  type GatewayPart,
  type IdleDocuments,
  readDocuments,
  type StoredDocuments,
  writeDocuments,
} from './documents.ts'
import { firstResource, firstSettings, GATEWAY_NAME, withAddressPool } from './first-documents.ts'
import { DOCUMENTS, type Installation } from './installation.ts'
import { gatewayId, type InstallationIdentity, installationIdentity } from './installation-identity.ts'
import { isWildcard, type ListenAddress, listenersAt, parseListenAddress } from './listen-address.ts'
import { operatorGateway } from './operator-gateway.ts'
import { ensureAuthority } from './own-authority.ts'
import { ensureServerCertificate, type ServerCertificate } from './server-certificate.ts'
import { ensureIdentity } from './server-identity.ts'
import { separateSettings } from './settings-store.ts'
import { writeDocument } from './stored.ts'

/** What the operator asks for at a start. What is given is stored; what is absent stays, or gets its default. */
export interface StartOptions {
  readonly resource?: VirtualNetworkGateway
  /** Makes no gateway where there is none; one that there is stays. */
  readonly gateway?: 'none'
  readonly settings?: GatewaySettings
  /** `ADDRESS` or `ADDRESS:PORT` to listen on instead of all. */
  readonly listen?: string
  readonly insidePrefixes?: readonly string[]
  readonly addressPool?: readonly string[]
  readonly hostNames?: readonly string[]
}

interface PreparedParts {
  readonly configuration: GatewayConfiguration
  readonly identity: GatewayIdentity
  /** What is behind `identity`. */
  readonly server: ServerCertificate
  /** The gateway's own authority, which issues the certificates of clients. */
  readonly authority: Issuer
  readonly tenancy: InstallationIdentity
}

/** All that a gateway starts with. */
export interface PreparedGateway extends GatewayDocuments, PreparedParts {}

/** What an installation without a gateway starts with: a configuration by which nobody connects. */
export interface PreparedIdle extends IdleDocuments, PreparedParts {}

/** All that an installation starts with. `resource` tells whether it has a gateway. */
export type Prepared = PreparedGateway | PreparedIdle

/**
 * Makes a data directory into one that a gateway can start from: its own authority, certificate,
 * keys and documents, each made where it is missing. A start that was cut short is taken up again.
 * Nothing of the documents is stored unless they are good together.
 *
 * Errors: `CommandError` `InvalidParameter`, `StoreError`.
 */
export async function prepareGateway(
  installation: Installation,
  options: StartOptions,
  interfaces: Interfaces,
): Promise<Prepared> {
  refuseContradiction(options)
  const stored = await readDocuments(installation.data)
  const authority = await ensureAuthority(installation)
  const settings = separateSettings(
    nextSettings(options, stored.settings?.settings, interfaces),
    stored.settings?.settingsSecrets,
  )
  const tenancy = await installationIdentity(installation, stored.gateway?.resource ?? options.resource)
  const first = (): VirtualNetworkGateway =>
    firstResource(gatewayId(tenancy, GATEWAY_NAME), authority.certificate, settings.settings, interfaces)
  const documents: Documents = staysIdle(options, stored)
    ? settings
    : { ...settings, ...nextGateway(options, stored, tenancy, first) }
  const configuration = configurationOf(documents)
  await writeDocument(installation, DOCUMENTS.identity, tenancy)
  await writeDocuments(installation.data, documents, stored.gateway?.connections ?? [])
  const shown = await showIdentity(installation, authority, { ...documents, tenancy })
  return { ...documents, configuration, authority, tenancy, ...shown }
}

/** The certificate, and all that the gateway shows with it. */
export type ShownIdentity = Pick<PreparedGateway, 'identity' | 'server'>

/** What a gateway with these documents shows of itself today. Errors: `StoreError`. */
export async function showIdentity(
  installation: Installation,
  authority: Issuer,
  documents: Pick<Prepared, 'resource' | 'settings' | 'tenancy'>,
): Promise<ShownIdentity> {
  const { hostNames = [] } = documents.settings
  const server = await ensureServerCertificate(installation, authority, serverGuid(documents), hostNames)
  return { server, identity: await ensureIdentity(installation, authority, server) }
}

/** What names the server: the gateway's GUID. Where there is no gateway nobody sees it. */
export function serverGuid({ resource, tenancy }: Pick<Prepared, 'resource' | 'tenancy'>): string {
  return resource ? (resource.properties.resourceGuid ?? '') : tenancy.subscriptionId
}

function refuseContradiction({ gateway, resource }: StartOptions): void {
  if (gateway === 'none' && resource)
    throw new CommandError(
      'InvalidParameter',
      '--gateway none and --config contradict each other; give one of them',
    )
}

function staysIdle({ gateway, resource }: StartOptions, stored: StoredDocuments): boolean {
  return !resource && !stored.gateway && (stored.isIdle || gateway === 'none')
}

function nextSettings(
  options: StartOptions,
  stored: GatewaySettings | undefined,
  interfaces: Interfaces,
): GatewaySettings {
  const { listen, insidePrefixes, hostNames } = options
  const base = options.settings ?? stored ?? firstSettings(interfaces)
  const own =
    hostNames ?? (listen === undefined ? undefined : namesFor(parseListenAddress(listen), base, interfaces))
  return {
    ...base,
    ...(listen !== undefined && { listeners: listenersAt(parseListenAddress(listen)) }),
    ...(insidePrefixes && { insidePrefixes: [...insidePrefixes] }),
    ...(own && { hostNames: [...own] }),
  }
}

/**
 * A gateway that listens on one address is reached there, unless somebody has named it: a public
 * name or address, as behind NAT, stays.
 */
function namesFor(
  listen: ListenAddress,
  base: GatewaySettings,
  interfaces: Interfaces,
): string[] | undefined {
  const derived = [...reachableAddresses(interfaces), ...(base.listeners ?? []).map(({ address }) => address)]
  const isNamed = (base.hostNames ?? []).some(name => !derived.includes(name))
  return isWildcard(listen) || isNamed ? undefined : [formatIpAddress(listen.address)]
}

function nextGateway(
  options: StartOptions,
  { gateway }: StoredDocuments,
  tenancy: InstallationIdentity,
  first: () => VirtualNetworkGateway,
): GatewayPart {
  const document = options.resource ?? gateway?.resource ?? first()
  const next = operatorGateway(document, gateway ?? {}, tenancy)
  if (!options.addressPool || !pointToSiteOf(next.resource)) return next
  return { ...next, resource: withAddressPool(next.resource, [...options.addressPool]) }
}

/** What was asked for and has no effect, for people. */
export function unusedOptions(prepared: Prepared, options: StartOptions): string[] {
  const { insidePrefixes, addressPool } = options
  const inNetwork = 'the virtual network of the gateway says what lies inside: --inside has no effect'
  const withoutPool = 'the gateway has no point-to-site configuration: --pool has no effect'
  return [
    ...(insidePrefixes && prepared.network ? [inNetwork] : []),
    ...(addressPool && !(prepared.resource && pointToSiteOf(prepared.resource)) ? [withoutPool] : []),
  ]
}
