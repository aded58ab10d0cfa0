/** What the parts of a suite are called by the IKEv2 core, and by Azure's policies. */
const ENCRYPTION: Readonly<Record<string, string>> = {
  'AES-GCM-16-256': 'GCMAES256',
  'AES-GCM-16-192': 'GCMAES192',
  'AES-GCM-16-128': 'GCMAES128',
  'AES-CBC-256': 'AES256',
  'AES-CBC-192': 'AES192',
  'AES-CBC-128': 'AES128',
}
const INTEGRITY: Readonly<Record<string, string>> = {
  'HMAC-SHA384-192': 'SHA384',
  'HMAC-SHA256-128': 'SHA256',
  'HMAC-SHA1-96': 'SHA1',
}
const DH_GROUP: Readonly<Record<string, string>> = {
  'MODP-1024': 'DHGroup2',
  'MODP-2048': 'DHGroup14',
  'MODP-2048-256': 'DHGroup24',
  'ECP-256': 'ECP256',
  'ECP-384': 'ECP384',
}
const PFS_GROUP: Readonly<Record<string, string>> = {
  none: 'None',
  'MODP-1024': 'PFS2',
  'MODP-2048': 'PFS2048',
  'MODP-2048-256': 'PFS24',
  'ECP-256': 'ECP256',
  'ECP-384': 'ECP384',
}

/** Azure's names of a cipher and its integrity: a GCM cipher is its own. What Azure has no name for keeps ours. */
export function cipherNames(suite: { readonly encryption: string; readonly integrity: string }): {
  readonly encryption: string
  readonly integrity: string
} {
  const encryption = ENCRYPTION[suite.encryption] ?? suite.encryption
  const integrity = suite.integrity === 'none' ? encryption : (INTEGRITY[suite.integrity] ?? suite.integrity)
  return { encryption, integrity }
}

export function dhGroupName(group: string): string {
  return DH_GROUP[group] ?? group
}

export function pfsGroupName(group: string): string {
  return PFS_GROUP[group] ?? group
}
