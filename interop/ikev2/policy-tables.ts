/** A row of a table: its words in Azure's documentation, strongSwan's proposal, and how strongSwan reports it. */
export interface PolicyRow {
  readonly row: string
  readonly proposal: string
  /** How `swanctl --list-sas` shows the SA. */
  readonly suite: string
}

/** An IPsec row has a group only when a rekey shows it: IKE_AUTH has no key exchange for the first Child SA. */
export interface IpsecRow extends PolicyRow {
  readonly group: string | undefined
}

interface Words {
  readonly proposal: string
  readonly suite: string
}

/** Azure's words for algorithms in strongSwan's two languages. */
const CIPHERS: Readonly<Record<string, Words>> = {
  GCM_AES256: { proposal: 'aes256gcm16', suite: 'AES_GCM_16-256' },
  AES256: { proposal: 'aes256', suite: 'AES_CBC-256' },
}

const INTEGRITIES: Readonly<Record<string, Words>> = {
  SHA384: { proposal: 'sha384', suite: 'HMAC_SHA2_384_192' },
  SHA256: { proposal: 'sha256', suite: 'HMAC_SHA2_256_128' },
  SHA1: { proposal: 'sha1', suite: 'HMAC_SHA1_96' },
}

const PRFS: Readonly<Record<string, Words>> = {
  SHA384: { proposal: 'prfsha384', suite: 'PRF_HMAC_SHA2_384' },
  SHA256: { proposal: 'prfsha256', suite: 'PRF_HMAC_SHA2_256' },
}

const GROUPS: Readonly<Record<string, Words>> = {
  GROUP_24: { proposal: 'modp2048s256', suite: 'MODP_2048_256' },
  GROUP_14: { proposal: 'modp2048', suite: 'MODP_2048' },
  GROUP_ECP384: { proposal: 'ecp384', suite: 'ECP_384' },
  GROUP_ECP256: { proposal: 'ecp256', suite: 'ECP_256' },
  GROUP_2: { proposal: 'modp1024', suite: 'MODP_1024' },
}

const P2S_GROUPS = ['GROUP_24', 'GROUP_14', 'GROUP_ECP384', 'GROUP_ECP256'] as const

/** "What IKE/IPsec policies are configured on VPN gateways for P2S?": the IKEv2 table, in its order. */
export const IKE_ROWS: readonly PolicyRow[] = [
  ...P2S_GROUPS.map(group => ikeRow('GCM_AES256', 'GCM_AES256', 'SHA384', group)),
  ...P2S_GROUPS.map(group => ikeRow('GCM_AES256', 'GCM_AES256', 'SHA256', group)),
  ...P2S_GROUPS.map(group => ikeRow('AES256', 'SHA384', 'SHA384', group)),
  ...P2S_GROUPS.map(group => ikeRow('AES256', 'SHA256', 'SHA256', group)),
  ikeRow('AES256', 'SHA256', 'SHA256', 'GROUP_2'),
]

/** The IPsec table, in its order. */
export const IPSEC_ROWS: readonly IpsecRow[] = [
  ...['GROUP_NONE', ...P2S_GROUPS].map(group => ipsecRow('GCM_AES256', 'GCM_AES256', group)),
  ...['GROUP_NONE', ...P2S_GROUPS].map(group => ipsecRow('AES256', 'SHA256', group)),
  ipsecRow('AES256', 'SHA1', 'GROUP_NONE'),
]

function ikeRow(cipher: string, integrity: string, prf: string, group: string): PolicyRow {
  return {
    row: [cipher, integrity, prf, group].join(' '),
    ...join([CIPHERS[cipher], INTEGRITIES[integrity], PRFS[prf], GROUPS[group]]),
  }
}

function ipsecRow(cipher: string, integrity: string, group: string): IpsecRow {
  const own = join([CIPHERS[cipher], INTEGRITIES[integrity]])
  const words = GROUPS[group]
  return {
    row: [cipher, integrity, group].join(' '),
    proposal: words ? `${own.proposal}-${words.proposal}` : own.proposal,
    suite: own.suite,
    group: words?.suite,
  }
}

/** A combined cipher has no integrity of its own, and GROUP_NONE no group: they have no words. */
function join(parts: readonly (Words | undefined)[]): Words {
  const words = parts.filter(part => part !== undefined)
  return {
    proposal: words.map(word => word.proposal).join('-'),
    suite: words.map(word => word.suite).join('/'),
  }
}
