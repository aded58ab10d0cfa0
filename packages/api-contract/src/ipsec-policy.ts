/**
 * IPsec policies as Azure speaks of them: the point-to-site defaults and the values that a custom policy
 * may have (New-AzVpnClientIpsecParameter). Site-to-site has values of its own.
 */

/** `IkeEncryption` of a P2S policy. */
export const IKE_ENCRYPTION_NAMES = ['GCMAES256', 'GCMAES128', 'AES256', 'AES128'] as const
/** `IkeIntegrity`: with a GCM cipher it names the PRF alone. */
export const IKE_INTEGRITY_NAMES = ['SHA384', 'SHA256'] as const
export const DH_GROUP_NAMES = ['DHGroup24', 'ECP384', 'ECP256', 'DHGroup14', 'DHGroup2'] as const
export const IPSEC_ENCRYPTION_NAMES = ['GCMAES256', 'GCMAES128', 'AES256', 'AES128'] as const
export const IPSEC_INTEGRITY_NAMES = ['GCMAES256', 'GCMAES128', 'SHA256'] as const
/** `PFSMM`: the group of the IKE SA. */
export const PFS_GROUP_NAMES = ['PFS24', 'PFSMM', 'ECP384', 'ECP256', 'PFS14', 'PFS2', 'None'] as const

export type IkeEncryptionName = (typeof IKE_ENCRYPTION_NAMES)[number]
export type IkeIntegrityName = (typeof IKE_INTEGRITY_NAMES)[number]
export type DhGroupName = (typeof DH_GROUP_NAMES)[number]
export type IpsecEncryptionName = (typeof IPSEC_ENCRYPTION_NAMES)[number]
/** With SHA1, which only the default policy has. */
export type IpsecIntegrityName = (typeof IPSEC_INTEGRITY_NAMES)[number] | 'SHA1'
export type PfsGroupName = (typeof PFS_GROUP_NAMES)[number]

/** One row of an IKEv2 policy. With a GCM cipher `integrity` repeats it, as Azure's table does. */
export interface IkePolicyRow {
  readonly encryption: IkeEncryptionName
  readonly integrity: IkeIntegrityName | 'GCMAES256' | 'GCMAES128'
  readonly prf: IkeIntegrityName
  readonly group: DhGroupName
}

/** One row of an IPsec policy. */
export interface IpsecPolicyRow {
  readonly encryption: IpsecEncryptionName
  readonly integrity: IpsecIntegrityName
  readonly group: PfsGroupName
}

const STRONG_GROUPS = ['DHGroup24', 'DHGroup14', 'ECP384', 'ECP256'] as const
const PFS_CHOICES = ['None', 'PFS24', 'PFS14', 'ECP384', 'ECP256'] as const

/** The seed's IKEv2 table for P2S: 17 rows in its order. */
export const P2S_IKE_POLICY: readonly IkePolicyRow[] = [
  ...ikeRows('GCMAES256', 'GCMAES256', 'SHA384'),
  ...ikeRows('GCMAES256', 'GCMAES256', 'SHA256'),
  ...ikeRows('AES256', 'SHA384', 'SHA384'),
  ...ikeRows('AES256', 'SHA256', 'SHA256'),
  // What Windows proposes unless it is told otherwise.
  { encryption: 'AES256', integrity: 'SHA256', prf: 'SHA256', group: 'DHGroup2' },
]

/** The seed's IPsec table for P2S: 11 rows in its order. */
export const P2S_IPSEC_POLICY: readonly IpsecPolicyRow[] = [
  ...PFS_CHOICES.map(group => ({ encryption: 'GCMAES256', integrity: 'GCMAES256', group }) as const),
  ...PFS_CHOICES.map(group => ({ encryption: 'AES256', integrity: 'SHA256', group }) as const),
  { encryption: 'AES256', integrity: 'SHA1', group: 'None' },
]

function ikeRows(
  encryption: IkePolicyRow['encryption'],
  integrity: IkePolicyRow['integrity'],
  prf: IkePolicyRow['prf'],
): IkePolicyRow[] {
  return STRONG_GROUPS.map(group => ({ encryption, integrity, prf, group }))
}
