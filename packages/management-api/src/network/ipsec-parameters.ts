import {
  completeGatewaySettings,
  type GatewaySettings,
  type IpsecPolicy,
  P2S_IKE_POLICY,
  P2S_IPSEC_POLICY,
} from '@causeway/api-contract'
import type { ServedResource } from '../resources/resource-server.ts'
import { entriesAt } from '../resources/schema-paths.ts'

/** `saDataSizeKilobytes` of Azure's default policies (site-to-site; none is told for point-to-site). */
const DEFAULT_KILOBYTES = 102_400_000

/** `VpnClientIPsecParameters`: the gateway's custom policy, or the first choice of the defaults. */
export function ipsecParametersOf(settings: GatewaySettings, { body }: ServedResource): IpsecPolicy {
  const [own] = entriesAt(body, 'properties.vpnClientConfiguration.vpnClientIpsecPolicies')
  // Its shape was checked when it was put.
  return own ? (own as unknown as IpsecPolicy) : defaultParameters(settings)
}

function defaultParameters(settings: GatewaySettings): IpsecPolicy {
  const [ike, ipsec] = [P2S_IKE_POLICY[0], P2S_IPSEC_POLICY[0]]
  if (!ike || !ipsec) throw new Error('ERR_API_POLICY: the table of default policies is empty')
  return {
    saLifeTimeSeconds: completeGatewaySettings(settings).ikev2.childLifetimeSeconds,
    saDataSizeKilobytes: DEFAULT_KILOBYTES,
    ipsecEncryption: ipsec.encryption,
    ipsecIntegrity: ipsec.integrity,
    ikeEncryption: ike.encryption,
    // With a GCM cipher a policy names the PRF here.
    ikeIntegrity: ike.prf,
    dhGroup: ike.group,
    pfsGroup: ipsec.group,
  }
}
