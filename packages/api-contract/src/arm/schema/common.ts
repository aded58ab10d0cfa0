import Type, { type Static } from 'typebox'
import { dateTime, entryName, integer, list, model, named, noted, readOnly, since, text } from './shape.ts'

/** `provisioningState` of every resource. */
export const PROVISIONING_STATES = [
  'Succeeded',
  'Failed',
  'Canceled',
  'Creating',
  'Updating',
  'Deleting',
] as const
export type ProvisioningState = (typeof PROVISIONING_STATES)[number]

export const provisioningState = readOnly(named(PROVISIONING_STATES))

/** `tags`. A PATCH replaces them all. */
export const tags = Type.Record(Type.String(), Type.String({ maxLength: 256 }), { maxProperties: 50 })

/** `TagsObject`: body of every PATCH of the network provider. */
export const tagsObject = model('TagsObject', {}, { tags })

/** Who made and changed a resource; the newer providers answer it. */
export const systemData = readOnly(
  model(
    'SystemData',
    {},
    {
      createdBy: text,
      createdByType: text,
      createdAt: dateTime,
      lastModifiedBy: text,
      lastModifiedByType: text,
      lastModifiedAt: dateTime,
    },
  ),
)

/** What a tracked resource has at its top. */
export const trackedResource = {
  id: text,
  name: readOnly(entryName),
  type: readOnly(text),
  location: text,
  tags,
} as const

/** A reference to another resource by id, whatever else was sent with it. */
export const subResource = noted(model('SubResource', {}, { id: text }), { reference: true })

export const extendedLocation = model('ExtendedLocation', {}, { name: text, type: named(['EdgeZone']) })

const ipamPool = model(
  'IpamPoolPrefixAllocation',
  {},
  { numberOfIpAddresses: text, allocatedAddressPrefixes: readOnly(list(text)), pool: subResource },
)

export const ipamPoolAllocations = list(ipamPool)

export const addressSpaceSchema = model(
  'AddressSpace',
  {},
  { addressPrefixes: list(text), ipamPoolPrefixAllocations: since('2024-05-01', ipamPoolAllocations) },
)

const bgpPeeringAddress = model(
  'IPConfigurationBgpPeeringAddress',
  {},
  {
    ipconfigurationId: text,
    defaultBgpIpAddresses: readOnly(list(text)),
    customBgpIpAddresses: list(text),
    tunnelIpAddresses: readOnly(list(text)),
  },
)

/** RFC 6793: AS numbers have 32 bits. */
export const asNumber = Type.Integer({ minimum: 0, maximum: 4_294_967_295 })

export const bgpSettings = model(
  'BgpSettings',
  {},
  {
    asn: asNumber,
    bgpPeeringAddress: text,
    peerWeight: integer,
    bgpPeeringAddresses: list(bgpPeeringAddress, { key: 'ipconfigurationId' }),
  },
)

const cryptographicChoices = {
  saLifeTimeSeconds: integer,
  saDataSizeKilobytes: integer,
  ipsecEncryption: named([
    'None',
    'DES',
    'DES3',
    'AES128',
    'AES192',
    'AES256',
    'GCMAES128',
    'GCMAES192',
    'GCMAES256',
  ]),
  ipsecIntegrity: named(['MD5', 'SHA1', 'SHA256', 'GCMAES128', 'GCMAES192', 'GCMAES256']),
  ikeEncryption: named(['DES', 'DES3', 'AES128', 'AES192', 'AES256', 'GCMAES256', 'GCMAES128']),
  ikeIntegrity: named(['MD5', 'SHA1', 'SHA256', 'SHA384', 'GCMAES256', 'GCMAES128']),
  dhGroup: named([
    'None',
    'DHGroup1',
    'DHGroup2',
    'DHGroup14',
    'DHGroup2048',
    'ECP256',
    'ECP384',
    'DHGroup24',
  ]),
  pfsGroup: named(['None', 'PFS1', 'PFS2', 'PFS2048', 'ECP256', 'ECP384', 'PFS24', 'PFS14', 'PFSMM']),
} as const

/** `IpsecPolicy`: a policy is whole, or it is not there. */
export const ipsecPolicySchema = model('IpsecPolicy', cryptographicChoices, {})

/** `VpnClientIPsecParameters`: the same choices, of `set…` and `getvpnclientipsecparameters`. */
export const vpnClientIpsecParameters = model('VpnClientIPsecParameters', cryptographicChoices, {})

const assignedIdentity = model(
  'Components1Jq1T4ISchemasManagedserviceidentityPropertiesUserassignedidentitiesAdditionalproperties',
  {},
  { principalId: readOnly(text), clientId: readOnly(text) },
)

export const IDENTITY_TYPES = [
  'SystemAssigned',
  'UserAssigned',
  'SystemAssigned, UserAssigned',
  'None',
] as const

/** `ManagedServiceIdentity`. */
export const managedServiceIdentity = model(
  'ManagedServiceIdentity',
  {},
  {
    principalId: readOnly(text),
    tenantId: readOnly(text),
    type: named(IDENTITY_TYPES),
    userAssignedIdentities: Type.Record(Type.String(), assignedIdentity, { maxProperties: 100 }),
  },
)

/** `AddressSpace` of ARM. */
export type AddressSpace = Static<typeof addressSpaceSchema>
/** `IpsecPolicy`: a custom policy, which replaces the defaults. */
export type IpsecPolicy = Static<typeof ipsecPolicySchema>
/** `SubResource`: a reference by id. */
export type SubResource = Static<typeof subResource>
/** `ManagedServiceIdentity` of ARM. */
export type ManagedServiceIdentity = Static<typeof managedServiceIdentity>
