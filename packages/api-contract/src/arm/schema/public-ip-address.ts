import type { Static } from 'typebox'
import { extendedLocation, provisioningState, subResource, trackedResource } from './common.ts'
import { entryName, integer, list, model, named, readOnly, since, text } from './shape.ts'

const ipConfiguration = model(
  'IPConfiguration',
  {},
  {
    id: text,
    name: entryName,
    etag: readOnly(text),
    properties: model(
      'IPConfigurationProperties',
      {},
      {
        privateIPAddress: text,
        privateIPAllocationMethod: named(['Static', 'Dynamic']),
        subnet: subResource,
        publicIPAddress: subResource,
        provisioningState,
      },
    ),
  },
)

const dnsSettings = model(
  'PublicIPAddressDnsSettings',
  {},
  {
    domainNameLabel: text,
    domainNameLabelScope: since(
      '2023-05-01',
      named(['TenantReuse', 'SubscriptionReuse', 'ResourceGroupReuse', 'NoReuse']),
    ),
    fqdn: text,
    reverseFqdn: text,
  },
)

const ddosSettings = model(
  'DdosSettings',
  {},
  {
    protectionMode: named(['VirtualNetworkInherited', 'Enabled', 'Disabled']),
    ddosProtectionPlan: subResource,
  },
)

/** Schema of `Microsoft.Network/publicIPAddresses`. */
export const publicIpAddressSchema = model(
  'PublicIPAddress',
  {},
  {
    ...trackedResource,
    extendedLocation,
    sku: model(
      'PublicIPAddressSku',
      {},
      { name: named(['Basic', 'Standard', 'StandardV2']), tier: named(['Regional', 'Global']) },
    ),
    etag: readOnly(text),
    zones: list(text),
    properties: model(
      'PublicIPAddressProperties',
      {},
      {
        publicIPAllocationMethod: named(['Static', 'Dynamic']),
        publicIPAddressVersion: named(['IPv4', 'IPv6']),
        ipConfiguration: readOnly(ipConfiguration),
        dnsSettings,
        ddosSettings,
        ipTags: list(model('IpTag', {}, { ipTagType: text, tag: text }), { key: 'ipTagType' }),
        ipAddress: text,
        publicIPPrefix: subResource,
        idleTimeoutInMinutes: integer,
        resourceGuid: readOnly(text),
        provisioningState,
        servicePublicIPAddress: subResource,
        natGateway: subResource,
        migrationPhase: named(['None', 'Prepare', 'Commit', 'Abort', 'Committed']),
        linkedPublicIPAddress: subResource,
        deleteOption: named(['Delete', 'Detach']),
      },
    ),
  },
)

/** `PublicIPAddress` of ARM. */
export type PublicIpAddress = Static<typeof publicIpAddressSchema>
