import type { Static } from 'typebox'
import { addressSpaceSchema, bgpSettings, provisioningState, trackedResource } from './common.ts'
import { model, readOnly, text } from './shape.ts'

/** Schema of `Microsoft.Network/localNetworkGateways`: the other end of a site-to-site connection. */
export const localNetworkGatewaySchema = model(
  'LocalNetworkGateway',
  {
    properties: model(
      'LocalNetworkGatewayProperties',
      {},
      {
        localNetworkAddressSpace: addressSpaceSchema,
        gatewayIpAddress: text,
        fqdn: text,
        bgpSettings,
        resourceGuid: readOnly(text),
        provisioningState,
      },
    ),
  },
  { ...trackedResource, etag: readOnly(text) },
)

/** `LocalNetworkGateway` of ARM. */
export type LocalNetworkGateway = Static<typeof localNetworkGatewaySchema>
