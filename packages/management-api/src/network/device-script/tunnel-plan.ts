import type { IpsecPolicy } from '@causeway/api-contract'
import { formatIpAddress, formatIpPrefix, parseIpAddress, parseIpPrefix } from '@causeway/wire'
import { propertiesOf } from '../../resources/document.ts'
import { ResourceServerError, type ServedResource } from '../../resources/resource-server.ts'
import { entriesAt, valueAt } from '../../resources/schema-paths.ts'
import { isBetweenGateways } from '../connection/connection-peer.ts'
import { recordOf } from '../connection/connection-view.ts'
import { networkOf } from '../gateway-network.ts'
import { inForce, textsAt } from '../gateway-resource.ts'
import type { NetworkOptions } from '../network-options.ts'
import { publicAddressOf } from '../public-address.ts'

/** A tunnel as the device at its other end has to know it. Nothing in it needs to be escaped any more. */
export interface TunnelPlan {
  /** Letters, digits, `.`, `_` and `-`. */
  readonly name: string
  readonly protocol: 'IKEv2' | 'IKEv1'
  readonly gateway: TunnelEnd
  readonly device: TunnelEnd
  readonly policy: IpsecPolicy
  readonly dpdSeconds: number
  /** Absent: there is a key. */
  readonly certificates?: TunnelCertificates
}

/** What both sides have to know of each other's certificates. */
export interface TunnelCertificates {
  /** The distinguished name of the gateway's, in its own order; `undefined`: it is not known. */
  readonly gatewaySubject: string | undefined
  /** The common name that the gateway asks of the device's. */
  readonly deviceName: string | undefined
}

export interface TunnelEnd {
  /** An IP address or a DNS name. `undefined`: it is not known. */
  readonly address: string | undefined
  readonly prefixes: readonly string[]
}

/** Of the gateway's own defaults, what devices of today have and every setting allows; Azure's lifetimes. */
const DEFAULT_POLICY: IpsecPolicy = {
  saLifeTimeSeconds: 27_000,
  saDataSizeKilobytes: 102_400_000,
  ipsecEncryption: 'GCMAES256',
  ipsecIntegrity: 'GCMAES256',
  ikeEncryption: 'AES256',
  ikeIntegrity: 'SHA256',
  dhGroup: 'DHGroup14',
  pfsGroup: 'None',
}
const DEFAULT_DPD_SECONDS = 45

/** Errors: `InvalidResourceReference` when an end of the connection is not there. */
export async function tunnelPlan(options: NetworkOptions, connection: ServedResource): Promise<TunnelPlan> {
  const { body } = connection
  if (isBetweenGateways(connection))
    throw new ResourceServerError(
      'OperationNotSupported',
      'The other side of this connection is a gateway, and no device: make the connection back there.',
      'vendor',
    )
  const gateway = await endAt(options, body, 'virtualNetworkGateway1')
  const site = await endAt(options, body, 'localNetworkGateway2')
  const [policy] = entriesAt(body, 'properties.ipsecPolicies')
  const { dpdTimeoutSeconds: dpd, connectionProtocol, authenticationType } = propertiesOf(body)
  return {
    name: plainName(connection.name),
    protocol: connectionProtocol === 'IKEv1' ? 'IKEv1' : 'IKEv2',
    gateway: await gatewayEnd(options, gateway),
    device: siteEnd(site),
    policy: policy ? (policy as unknown as IpsecPolicy) : DEFAULT_POLICY,
    dpdSeconds: typeof dpd === 'number' && dpd > 0 ? dpd : DEFAULT_DPD_SECONDS,
    ...(authenticationType === 'Certificate' && { certificates: certificatesOf(options, connection) }),
  }
}

function certificatesOf({ gateway }: NetworkOptions, { id, body }: ServedResource): TunnelCertificates {
  const subject = recordOf(gateway.connections(), id)?.certificate?.subject
  const name = valueAt(body, 'properties.certificateAuthentication.inboundAuthCertificateSubjectName')
  return {
    gatewaySubject: subject === undefined ? undefined : ownOrder(subject),
    deviceName: typeof name === 'string' && PLAIN_SUBJECT.test(name) ? name : undefined,
  }
}

/** A distinguished name without anything that has to be escaped, there or in a configuration file. */
const PLAIN_SUBJECT = /^[A-Za-z0-9 .,=@_*/:()-]{1,1000}$/

/** RFC 4514 begins with the most specific part; devices write a name as it stands in the certificate. */
function ownOrder(subject: string): string | undefined {
  return PLAIN_SUBJECT.test(subject) ? subject.split(',').reverse().join(', ') : undefined
}

async function endAt(
  { resources }: NetworkOptions,
  body: ServedResource['body'],
  property: string,
): Promise<ServedResource> {
  const path = `properties.${property}.id`
  const id = valueAt(body, path)
  const found = typeof id === 'string' ? await resources.read(id) : undefined
  if (found) return found
  throw new ResourceServerError(
    'InvalidResourceReference',
    `${path}: is not there; put the connection anew.`,
    path,
  )
}

async function gatewayEnd(options: NetworkOptions, gateway: ServedResource): Promise<TunnelEnd> {
  const network = await networkOf(options, gateway.body)
  const running = inForce(options, gateway.id)
  const settings = options.gateway.settings()
  const inside =
    network?.addressPrefixes ?? running?.network?.addressPrefixes ?? settings.insidePrefixes ?? []
  return { address: await gatewayAddress(options, gateway), prefixes: plainPrefixes(inside) }
}

async function gatewayAddress(
  options: NetworkOptions,
  { body }: ServedResource,
): Promise<string | undefined> {
  const [entry] = entriesAt(body, 'properties.ipConfigurations')
  const id = entry && valueAt(entry, 'properties.publicIPAddress.id')
  const address = typeof id === 'string' ? await options.resources.read(id) : undefined
  const text = publicAddressOf(options, address?.body ?? {})
  return text === undefined ? undefined : plainHost(text)
}

function siteEnd({ body }: ServedResource): TunnelEnd {
  const { gatewayIpAddress, fqdn } = propertiesOf(body)
  const text = typeof gatewayIpAddress === 'string' && gatewayIpAddress !== '' ? gatewayIpAddress : fqdn
  return {
    address: typeof text === 'string' ? plainHost(text) : undefined,
    prefixes: plainPrefixes(textsAt(body, 'properties.localNetworkAddressSpace.addressPrefixes')),
  }
}

/** Azure: a tunnel is from any to any where a side names no networks. */
function plainPrefixes(texts: readonly string[]): readonly string[] {
  const prefixes = texts.flatMap(text => {
    const prefix = parseIpPrefix(text)
    return prefix ? [formatIpPrefix(prefix)] : []
  })
  return prefixes.length === 0 ? ['0.0.0.0/0'] : prefixes
}

/** An address, or a name without anything that means something in a configuration file. */
function plainHost(text: string): string | undefined {
  const address = parseIpAddress(text)
  if (address) return formatIpAddress(address)
  return /^[A-Za-z0-9.-]{1,253}$/.test(text) ? text : undefined
}

function plainName(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]/g, '_')
}
