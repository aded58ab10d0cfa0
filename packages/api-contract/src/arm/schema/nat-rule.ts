import type { Static } from 'typebox'
import { provisioningState } from './common.ts'
import { entryName, list, model, named, readOnly, text } from './shape.ts'

const mapping = model(
  'VpnNatRuleMapping',
  {},
  {
    addressSpace: text,
    /** One port or a range, as `100-200`. */
    portRange: text,
  },
)

/** Schema of `Microsoft.Network/virtualNetworkGateways/natRules`, by itself and within its gateway. */
export const natRuleSchema = model(
  'VirtualNetworkGatewayNatRule',
  {},
  {
    id: text,
    name: entryName,
    etag: readOnly(text),
    type: readOnly(text),
    properties: model(
      'VirtualNetworkGatewayNatRuleProperties',
      {},
      {
        provisioningState,
        type: named(['Static', 'Dynamic']),
        mode: named(['EgressSnat', 'IngressSnat']),
        internalMappings: list(mapping),
        externalMappings: list(mapping),
        ipConfigurationId: text,
      },
    ),
  },
)

/** `VirtualNetworkGatewayNatRule` of ARM. */
export type NatRuleResource = Static<typeof natRuleSchema>
