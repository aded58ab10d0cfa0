import { randomUUID } from 'node:crypto'
import type { GatewaySettings, VirtualNetworkGateway } from '@causeway/api-contract'
import { formatIpAddress } from '@causeway/wire'
import type { Issuer } from '@causeway/x509'
import type { GatewayConfiguration, GatewayIdentity } from '../configuration.ts'
import { type Interfaces, reachableAddresses } from './connected-networks.ts'
import { configurationOf, type GatewayDocuments, readDocuments } from './documents.ts'
import { firstResource, firstSettings, withAddressPool } from './first-documents.ts'
import type { Installation } from './installation.ts'
import { isWildcard, type ListenAddress, listenersAt, parseListenAddress } from './listen-address.ts'
import { ensureAuthority } from './own-authority.ts'
import { type ResourceWithSecrets, separateSecrets, writeResource } from './resource-store.ts'
import { ensureServerCertificate, type ServerCertificate } from './server-certificate.ts'
import { ensureIdentity } from './server-identity.ts'
import { separateSettings, writeSettings } from './settings-store.ts'

/** What the operator asks for at a start. What is given is stored; what is absent stays, or gets its default. */
export interface StartOptions {
  readonly resource?: VirtualNetworkGateway
  readonly settings?: GatewaySettings
  /** `ADDRESS` or `ADDRESS:PORT` to listen on instead of all. */
  readonly listen?: string
  readonly insidePrefixes?: readonly string[]
  readonly addressPool?: readonly string[]
  readonly hostNames?: readonly string[]
}

/** All that a gateway starts with. */
export interface PreparedGateway extends GatewayDocuments {
  readonly configuration: GatewayConfiguration
  readonly identity: GatewayIdentity
  /** What is behind `identity`. */
  readonly server: ServerCertificate
  /** The gateway's own authority, which issues the certificates of clients. */
  readonly authority: Issuer
}

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
): Promise<PreparedGateway> {
  const stored = await readDocuments(installation.data)
  const authority = await ensureAuthority(installation)
  const { settings, settingsSecrets } = separateSettings(
    nextSettings(options, stored.settings, interfaces),
    stored.settingsSecrets,
  )
  const next = nextResource(options, stored, settings, authority, interfaces)
  const documents = { ...next, settings, settingsSecrets }
  const configuration = configurationOf(documents)
  await writeSettings(installation.data, documents)
  await writeResource(installation.data, next)
  return {
    ...documents,
    configuration,
    authority,
    ...(await showIdentity(installation, authority, documents)),
  }
}

/** The certificate, and all that the gateway shows with it. */
export type ShownIdentity = Pick<PreparedGateway, 'identity' | 'server'>

/** What a gateway with these documents shows of itself today. Errors: `StoreError`. */
export async function showIdentity(
  installation: Installation,
  authority: Issuer,
  { resource, settings }: Pick<GatewayDocuments, 'resource' | 'settings'>,
): Promise<ShownIdentity> {
  const guid = resource.properties.resourceGuid ?? ''
  const server = await ensureServerCertificate(installation, authority, guid, settings.hostNames ?? [])
  return { server, identity: await ensureIdentity(installation, authority, server) }
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

function nextResource(
  options: StartOptions,
  stored: Partial<GatewayDocuments>,
  settings: GatewaySettings,
  authority: Issuer,
  interfaces: Interfaces,
): ResourceWithSecrets {
  const given =
    options.resource ?? stored.resource ?? firstResource(authority.certificate, settings, interfaces)
  const { resource, secrets } = separateSecrets(given, stored.secrets)
  const named = withGuid(resource, stored.resource)
  return { secrets, resource: options.addressPool ? withAddressPool(named, [...options.addressPool]) : named }
}

/** The GUID names the server in every profile: a new document keeps the old one's. */
export function withGuid(
  resource: VirtualNetworkGateway,
  stored: VirtualNetworkGateway | undefined,
): VirtualNetworkGateway {
  const given = resource.properties.resourceGuid
  const resourceGuid = stored?.properties.resourceGuid ?? (given && GUID.test(given) ? given : randomUUID())
  return { ...resource, properties: { ...resource.properties, resourceGuid } }
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
