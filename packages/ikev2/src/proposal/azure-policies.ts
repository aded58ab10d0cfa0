import type { GroupName } from '@causeway/crypto'
import type { EspSuite, IkeSuite, Integrity, Prf } from './suite.ts'

/** One row of Azure's point-to-site IKEv2 table, in Azure's spelling. */
export interface AzureIkeRow {
  readonly cipher: 'GCM_AES256' | 'AES256'
  readonly integrity: 'GCM_AES256' | 'SHA384' | 'SHA256'
  readonly prf: 'SHA384' | 'SHA256'
  readonly group: Exclude<AzureGroup, 'GROUP_NONE'>
}

/** One row of Azure's point-to-site IPsec table, in Azure's spelling. */
export interface AzureEspRow {
  readonly cipher: 'GCM_AES256' | 'AES256'
  readonly integrity: 'GCM_AES256' | 'SHA256' | 'SHA1'
  readonly pfsGroup: AzureGroup
}

export type AzureGroup = 'GROUP_24' | 'GROUP_14' | 'GROUP_ECP384' | 'GROUP_ECP256' | 'GROUP_2' | 'GROUP_NONE'

/** "What IKE/IPsec policies are configured on VPN gateways for P2S?": IKEv2, in Azure's order. */
export const P2S_IKE_ROWS: readonly AzureIkeRow[] = [
  { cipher: 'GCM_AES256', integrity: 'GCM_AES256', prf: 'SHA384', group: 'GROUP_24' },
  { cipher: 'GCM_AES256', integrity: 'GCM_AES256', prf: 'SHA384', group: 'GROUP_14' },
  { cipher: 'GCM_AES256', integrity: 'GCM_AES256', prf: 'SHA384', group: 'GROUP_ECP384' },
  { cipher: 'GCM_AES256', integrity: 'GCM_AES256', prf: 'SHA384', group: 'GROUP_ECP256' },
  { cipher: 'GCM_AES256', integrity: 'GCM_AES256', prf: 'SHA256', group: 'GROUP_24' },
  { cipher: 'GCM_AES256', integrity: 'GCM_AES256', prf: 'SHA256', group: 'GROUP_14' },
  { cipher: 'GCM_AES256', integrity: 'GCM_AES256', prf: 'SHA256', group: 'GROUP_ECP384' },
  { cipher: 'GCM_AES256', integrity: 'GCM_AES256', prf: 'SHA256', group: 'GROUP_ECP256' },
  { cipher: 'AES256', integrity: 'SHA384', prf: 'SHA384', group: 'GROUP_24' },
  { cipher: 'AES256', integrity: 'SHA384', prf: 'SHA384', group: 'GROUP_14' },
  { cipher: 'AES256', integrity: 'SHA384', prf: 'SHA384', group: 'GROUP_ECP384' },
  { cipher: 'AES256', integrity: 'SHA384', prf: 'SHA384', group: 'GROUP_ECP256' },
  { cipher: 'AES256', integrity: 'SHA256', prf: 'SHA256', group: 'GROUP_24' },
  { cipher: 'AES256', integrity: 'SHA256', prf: 'SHA256', group: 'GROUP_14' },
  { cipher: 'AES256', integrity: 'SHA256', prf: 'SHA256', group: 'GROUP_ECP384' },
  { cipher: 'AES256', integrity: 'SHA256', prf: 'SHA256', group: 'GROUP_ECP256' },
  { cipher: 'AES256', integrity: 'SHA256', prf: 'SHA256', group: 'GROUP_2' },
]

/** The same page's IPsec table. */
export const P2S_ESP_ROWS: readonly AzureEspRow[] = [
  { cipher: 'GCM_AES256', integrity: 'GCM_AES256', pfsGroup: 'GROUP_NONE' },
  { cipher: 'GCM_AES256', integrity: 'GCM_AES256', pfsGroup: 'GROUP_24' },
  { cipher: 'GCM_AES256', integrity: 'GCM_AES256', pfsGroup: 'GROUP_14' },
  { cipher: 'GCM_AES256', integrity: 'GCM_AES256', pfsGroup: 'GROUP_ECP384' },
  { cipher: 'GCM_AES256', integrity: 'GCM_AES256', pfsGroup: 'GROUP_ECP256' },
  { cipher: 'AES256', integrity: 'SHA256', pfsGroup: 'GROUP_NONE' },
  { cipher: 'AES256', integrity: 'SHA256', pfsGroup: 'GROUP_24' },
  { cipher: 'AES256', integrity: 'SHA256', pfsGroup: 'GROUP_14' },
  { cipher: 'AES256', integrity: 'SHA256', pfsGroup: 'GROUP_ECP384' },
  { cipher: 'AES256', integrity: 'SHA256', pfsGroup: 'GROUP_ECP256' },
  { cipher: 'AES256', integrity: 'SHA1', pfsGroup: 'GROUP_NONE' },
]

const GROUPS: Readonly<Record<Exclude<AzureGroup, 'GROUP_NONE'>, GroupName>> = {
  GROUP_24: 'MODP-2048-256',
  GROUP_14: 'MODP-2048',
  GROUP_ECP384: 'ECP-384',
  GROUP_ECP256: 'ECP-256',
  GROUP_2: 'MODP-1024',
}

const PRFS: Readonly<Record<AzureIkeRow['prf'], Prf>> = { SHA384: 'HMAC-SHA384', SHA256: 'HMAC-SHA256' }

const INTEGRITIES: Readonly<Record<'SHA384' | 'SHA256' | 'SHA1', Integrity>> = {
  SHA384: 'HMAC-SHA384-192',
  SHA256: 'HMAC-SHA256-128',
  SHA1: 'HMAC-SHA1-96',
}

/** The suite that a row of Azure's IKEv2 table means. */
export function ikeSuiteOf({ integrity, prf, group }: AzureIkeRow): IkeSuite {
  const rest = { prf: PRFS[prf], group: GROUPS[group] }
  if (integrity === 'GCM_AES256') return { encryption: 'AES-GCM-16-256', ...rest }
  return { encryption: 'AES-CBC-256', integrity: INTEGRITIES[integrity], ...rest }
}

/** The suite that a row of Azure's IPsec table means. */
export function espSuiteOf({ integrity, pfsGroup }: AzureEspRow): EspSuite {
  const group = pfsGroup === 'GROUP_NONE' ? {} : { group: GROUPS[pfsGroup] }
  if (integrity === 'GCM_AES256') return { encryption: 'AES-GCM-16-256', ...group }
  return { encryption: 'AES-CBC-256', integrity: INTEGRITIES[integrity], ...group }
}

/** Azure's default point-to-site policy for IKE: 17 suites, row by row as {@link P2S_IKE_ROWS}. */
export const P2S_IKE_SUITES: readonly IkeSuite[] = P2S_IKE_ROWS.map(ikeSuiteOf)

/** Azure's default point-to-site policy for ESP: 11 suites, row by row as {@link P2S_ESP_ROWS}. */
export const P2S_ESP_SUITES: readonly EspSuite[] = P2S_ESP_ROWS.map(espSuiteOf)
