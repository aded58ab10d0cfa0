import { CONNECTION_AUTHENTICATION_TYPES, type Connection } from '../arm/schema/connection.ts'
import type { VirtualNetworkGateway } from '../arm/schema/virtual-network-gateway.ts'
import { quote } from '../document-fault.ts'
import { skusWith } from './gateway-features.ts'
import { skuOf } from './judge-sku.ts'
import { faultsOf, type SkuFault, type TakeFault } from './sku-fault.ts'
import { SKU_FEATURES, type SkuFeature, type SkuLimits } from './sku-table.ts'

/** Seconds between which `dpdTimeoutSeconds` lies; 0: not said (Azure). */
export const DPD_SECONDS = { minimum: 9, maximum: 3_600 } as const
/** Tunnels of a policy-based gateway (Azure). */
const POLICY_BASED_TUNNELS = 1

/**
 * Judges a connection by the gateway that it is of: what the gateway's SKU has, how many tunnels it allows, and what
 * certificate authentication needs (the S2S seed).
 *
 * @param others how many other connections the gateway has.
 */
export function judgeConnection(
  connection: Connection,
  gateway: VirtualNetworkGateway,
  others = 0,
): readonly SkuFault[] {
  return faultsOf(take => {
    const sku = skuOf(gateway)
    if (sku) judgeFeatures(connection, sku, take)
    judgeTunnels(gateway, sku, others, take)
    judgeProtocol(connection, gateway, take)
    judgeCertificates(connection, gateway, take)
    judgeDpd(connection, take)
  })
}

function judgeFeatures({ properties }: Connection, sku: SkuLimits, take: TakeFault): void {
  const uses: readonly (readonly [SkuFeature, string, boolean, string])[] = [
    ['certificateConnections', 'authenticationType', hasCertificates(properties), 'use PSK'],
    ['customPolicy', 'ipsecPolicies', (properties.ipsecPolicies ?? []).length > 0, 'leave it empty'],
    ['bgp', 'enableBgp', properties.enableBgp === true, 'set it to false'],
  ]
  for (const [feature, property, isUsed, remedy] of uses)
    if (isUsed && sku.lacks.includes(feature))
      take(
        'feature',
        `properties.${property}`,
        `the gateway's SKU ${sku.name} has no ${SKU_FEATURES[feature]}`,
        `${remedy}, or a gateway of ${skusWith(feature).join(', ')}`,
      )
}

function judgeTunnels(
  { properties }: VirtualNetworkGateway,
  sku: SkuLimits | undefined,
  others: number,
  take: TakeFault,
): void {
  const isPolicyBased = properties.vpnType?.toLowerCase() === 'policybased'
  const limit = isPolicyBased ? POLICY_BASED_TUNNELS : sku?.tunnels
  if (limit === undefined || others < limit) return
  const name = isPolicyBased ? 'a policy-based gateway' : `its SKU ${sku?.name ?? ''}`
  take(
    'tunnels',
    'properties.virtualNetworkGateway1.id',
    `the gateway has ${others} ${others === 1 ? 'connection' : 'connections'}, and ${name} allows ${limit}`,
    'delete one, or use a larger SKU',
  )
}

/** A policy-based gateway speaks IKEv1 alone; certificates go with IKEv2 alone. */
function judgeProtocol({ properties }: Connection, gateway: VirtualNetworkGateway, take: TakeFault): void {
  const protocol = properties.connectionProtocol?.toLowerCase() ?? 'ikev2'
  const path = 'properties.connectionProtocol'
  if (gateway.properties.vpnType?.toLowerCase() === 'policybased' && protocol !== 'ikev1')
    take('connection-protocol', path, 'a policy-based gateway has IKEv1 alone', 'use IKEv1', ['IKEv1'])
  if (hasCertificates(properties) && protocol !== 'ikev2')
    take('connection-protocol', path, 'certificate authentication needs IKEv2', 'use IKEv2', ['IKEv2'])
}

/** The S2S seed: what identifies both sides, and the identity by which the gateway reads its own certificate. */
function judgeCertificates(
  { properties }: Connection,
  gateway: VirtualNetworkGateway,
  take: TakeFault,
): void {
  if (!hasCertificates(properties)) return
  const given = properties.certificateAuthentication ?? {}
  for (const [property, remedy] of CERTIFICATE_PROPERTIES)
    if ((given[property] ?? '').length === 0)
      take(
        'connection-certificate',
        `properties.certificateAuthentication.${property}`,
        'is missing',
        `${remedy}, or use another authenticationType of ${CONNECTION_AUTHENTICATION_TYPES.join(', ')}`,
      )
  if (properties.connectionType.toLowerCase() !== 'ipsec')
    take(
      'connection-certificate',
      'properties.connectionType',
      `${quote(properties.connectionType)} has no certificate authentication`,
      'use IPsec',
      ['IPsec'],
    )
  if (Object.keys(gateway.identity?.userAssignedIdentities ?? {}).length === 0)
    take(
      'connection-certificate',
      'properties.virtualNetworkGateway1.id',
      'the gateway has no user-assigned identity to read its certificate with',
      "give the gateway identity.type 'UserAssigned' and identity.userAssignedIdentities, or use PSK",
    )
}

const CERTIFICATE_PROPERTIES = [
  ['outboundAuthCertificate', 'give the identifier of a certificate in a key vault'],
  ['inboundAuthCertificateSubjectName', "give the common name of the other side's certificate"],
  ['inboundAuthCertificateChain', "give the other side's root, then its intermediates, as base64 of DER"],
] as const

function judgeDpd({ properties }: Connection, take: TakeFault): void {
  const { minimum, maximum } = DPD_SECONDS
  const seconds = properties.dpdTimeoutSeconds ?? 0
  if (seconds === 0 || (seconds >= minimum && seconds <= maximum)) return
  take('dpd', 'properties.dpdTimeoutSeconds', `${seconds} is not accepted`, `give ${minimum} to ${maximum}`)
}

function hasCertificates({ authenticationType }: Connection['properties']): boolean {
  return authenticationType?.toLowerCase() === 'certificate'
}
