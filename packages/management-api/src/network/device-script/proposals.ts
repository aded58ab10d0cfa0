import type { IpsecPolicy } from '@causeway/api-contract'
import { ResourceServerError } from '../../resources/resource-server.ts'

/** What a policy's choices are called by a program; what is missing it does not have. */
export interface ProposalWords {
  readonly program: string
  readonly encryption: Readonly<Record<string, string>>
  readonly integrity: Readonly<Record<string, string>>
  readonly groups: Readonly<Record<string, string>>
  /** Between a cipher with its integrity, and a group. */
  readonly beforeGroup: string
  /** What an IKE cipher has beside it: its integrity, or for a GCM cipher the PRF. */
  readonly prf: (integrity: string) => string
}

/** strongSwan's keywords (docs.strongswan.org, "Algorithm Proposals"). */
export const STRONGSWAN: ProposalWords = {
  program: 'strongSwan',
  encryption: {
    None: 'null',
    DES3: '3des',
    AES128: 'aes128',
    AES192: 'aes192',
    AES256: 'aes256',
    GCMAES128: 'aes128gcm16',
    GCMAES192: 'aes192gcm16',
    GCMAES256: 'aes256gcm16',
  },
  integrity: { MD5: 'md5', SHA1: 'sha1', SHA256: 'sha256', SHA384: 'sha384' },
  groups: {
    DHGroup1: 'modp768',
    DHGroup2: 'modp1024',
    DHGroup14: 'modp2048',
    DHGroup2048: 'modp2048',
    DHGroup24: 'modp2048s256',
    ECP256: 'ecp256',
    ECP384: 'ecp384',
    PFS1: 'modp768',
    PFS2: 'modp1024',
    PFS2048: 'modp2048',
    PFS14: 'modp2048',
    PFS24: 'modp2048s256',
  },
  beforeGroup: '-',
  prf: integrity => `prf${integrity}`,
}

/** Libreswan's keywords (ipsec.conf(5), `ike=` and `esp=`). It has neither DES nor the 768-bit group. */
export const LIBRESWAN: ProposalWords = {
  program: 'Libreswan',
  encryption: {
    None: 'null',
    DES3: '3des',
    AES128: 'aes128',
    AES192: 'aes192',
    AES256: 'aes256',
    GCMAES128: 'aes_gcm128',
    GCMAES192: 'aes_gcm192',
    GCMAES256: 'aes_gcm256',
  },
  integrity: { MD5: 'md5', SHA1: 'sha1', SHA256: 'sha2_256', SHA384: 'sha2_384' },
  groups: {
    DHGroup2: 'modp1024',
    DHGroup14: 'modp2048',
    DHGroup2048: 'modp2048',
    DHGroup24: 'dh24',
    ECP256: 'dh19',
    ECP384: 'dh20',
    PFS2: 'modp1024',
    PFS2048: 'modp2048',
    PFS14: 'modp2048',
    PFS24: 'dh24',
  },
  beforeGroup: ';',
  prf: integrity => integrity,
}

/** The IKE proposal of a policy. Errors: `InvalidParameter` for what the program does not have. */
export function ikeProposal(words: ProposalWords, policy: IpsecPolicy): string {
  const { ikeEncryption, ikeIntegrity, dhGroup } = policy
  const cipher = word(words, 'encryption', ikeEncryption, 'ikeEncryption')
  // Where a GCM cipher is named again, its PRF is the one of its strength.
  const hash = ikeIntegrity.startsWith('GCM')
    ? ikeIntegrity === 'GCMAES256'
      ? 'SHA384'
      : 'SHA256'
    : ikeIntegrity
  const integrity = word(words, 'integrity', hash, 'ikeIntegrity')
  const isGcm = ikeEncryption.startsWith('GCM')
  const group = word(words, 'groups', dhGroup, 'dhGroup')
  return `${cipher}-${isGcm ? words.prf(integrity) : integrity}${words.beforeGroup}${group}`
}

/** The proposal of a policy for the packets. Errors: as {@link ikeProposal}. */
export function espProposal(words: ProposalWords, policy: IpsecPolicy): string {
  const { ipsecEncryption, ipsecIntegrity, dhGroup, pfsGroup } = policy
  const cipher = word(words, 'encryption', ipsecEncryption, 'ipsecEncryption')
  const isGcm = ipsecEncryption.startsWith('GCM')
  const integrity = isGcm ? '' : `-${word(words, 'integrity', ipsecIntegrity, 'ipsecIntegrity')}`
  if (pfsGroup === 'None') return `${cipher}${integrity}`
  const group = word(words, 'groups', pfsGroup === 'PFSMM' ? dhGroup : pfsGroup, 'pfsGroup')
  return `${cipher}${integrity}${words.beforeGroup}${group}`
}

function word(
  words: ProposalWords,
  kind: 'encryption' | 'integrity' | 'groups',
  name: string,
  property: keyof IpsecPolicy,
): string {
  const table = words[kind]
  const found = Object.hasOwn(table, name) ? table[name] : undefined
  if (found !== undefined) return found
  throw new ResourceServerError(
    'InvalidParameter',
    `ipsecPolicies[0].${property}: ${words.program} has no ${name}; use one of ${Object.keys(table).join(', ')}, or the script of another device.`,
    `properties.ipsecPolicies[0].${property}`,
  )
}
