/** One thing in strongSwan's two languages: as it is proposed, and as `swanctl --list-sas` shows it. */
interface Words {
  readonly proposal: string
  readonly suite: string
}

/** A row of a policy: `AES256 SHA256 SHA256 DHGroup14` (cipher, integrity, PRF, group) or `AES256 SHA256 PFS2`. */
export interface PolicyWords extends Words {
  /** The group of a row of IPsec, which an SA shows that came from an exchange of its own. */
  readonly group: string | undefined
}

const CIPHERS: Readonly<Record<string, Words>> = {
  GCMAES256: { proposal: 'aes256gcm16', suite: 'AES_GCM_16-256' },
  GCMAES192: { proposal: 'aes192gcm16', suite: 'AES_GCM_16-192' },
  GCMAES128: { proposal: 'aes128gcm16', suite: 'AES_GCM_16-128' },
  AES256: { proposal: 'aes256', suite: 'AES_CBC-256' },
  AES192: { proposal: 'aes192', suite: 'AES_CBC-192' },
  AES128: { proposal: 'aes128', suite: 'AES_CBC-128' },
}

const INTEGRITIES: Readonly<Record<string, Words>> = {
  SHA384: { proposal: 'sha384', suite: 'HMAC_SHA2_384_192' },
  SHA256: { proposal: 'sha256', suite: 'HMAC_SHA2_256_128' },
  SHA1: { proposal: 'sha1', suite: 'HMAC_SHA1_96' },
}

const PRFS: Readonly<Record<string, Words>> = {
  SHA384: { proposal: 'prfsha384', suite: 'PRF_HMAC_SHA2_384' },
  SHA256: { proposal: 'prfsha256', suite: 'PRF_HMAC_SHA2_256' },
  SHA1: { proposal: 'prfsha1', suite: 'PRF_HMAC_SHA1' },
}

const GROUP_24: Words = { proposal: 'modp2048s256', suite: 'MODP_2048_256' }
const GROUP_14: Words = { proposal: 'modp2048', suite: 'MODP_2048' }
const GROUP_2: Words = { proposal: 'modp1024', suite: 'MODP_1024' }

const GROUPS: Readonly<Record<string, Words>> = {
  DHGroup24: GROUP_24,
  PFS24: GROUP_24,
  ECP384: { proposal: 'ecp384', suite: 'ECP_384' },
  ECP256: { proposal: 'ecp256', suite: 'ECP_256' },
  DHGroup14: GROUP_14,
  DHGroup2048: GROUP_14,
  PFS2048: GROUP_14,
  PFS14: GROUP_14,
  DHGroup2: GROUP_2,
  PFS2: GROUP_2,
}

/** A row of IKE. A GCM cipher stands for its integrity, too. */
export function ikeWords(row: string): PolicyWords {
  const [cipher = '', integrity = '', prf = '', group = ''] = row.split(' ')
  return join([CIPHERS[cipher], INTEGRITIES[integrity], PRFS[prf], GROUPS[group]], undefined)
}

/** A row of IPsec; the group `None` has no words. */
export function ipsecWords(row: string): PolicyWords {
  const [cipher = '', integrity = '', group = ''] = row.split(' ')
  return join([CIPHERS[cipher], INTEGRITIES[integrity]], GROUPS[group])
}

function join(parts: readonly (Words | undefined)[], group: Words | undefined): PolicyWords {
  const words = parts.filter(part => part !== undefined)
  return {
    proposal: [...words, ...(group ? [group] : [])].map(({ proposal }) => proposal).join('-'),
    suite: words.map(({ suite }) => suite).join('/'),
    group: group?.suite,
  }
}
