/**
 * What a site-to-site policy may name (New-AzIpsecPolicy, and ARM's `IpsecPolicy` beyond that), what each name is in
 * IKEv2, and whether this gateway can do it.
 */

/**
 * - `supported`: there is nothing against it.
 * - `weak`: it works, for peers that have nothing better: only where the setting `allowWeakIpsec` says so.
 * - `unsupported`: no part of the gateway can do it, whatever the settings say.
 */
export type S2sSupport = 'supported' | 'weak' | 'unsupported'

/** One name of a policy. */
export interface S2sAlgorithm {
  /** The transform id (IANA's IKEv2 parameters); 0: NONE. */
  readonly id: number
  /** Of AES: the attribute Key Length. */
  readonly keyBits?: number
  /** Of `ikeIntegrity`: which PRFs go with it, in order of preference. */
  readonly prfs?: readonly S2sPrfName[]
  readonly support: S2sSupport
  /** Why it is not simply supported, as half a sentence. */
  readonly reason?: string
}

export const S2S_IKE_ENCRYPTION_NAMES = [
  'GCMAES256',
  'GCMAES128',
  'AES256',
  'AES192',
  'AES128',
  'DES3',
  'DES',
] as const
export const S2S_IKE_INTEGRITY_NAMES = ['GCMAES256', 'GCMAES128', 'SHA384', 'SHA256', 'SHA1', 'MD5'] as const
/** `DHGroup2048`: another name of `DHGroup14`. */
export const S2S_DH_GROUP_NAMES = [
  'DHGroup24',
  'ECP384',
  'ECP256',
  'DHGroup14',
  'DHGroup2048',
  'DHGroup2',
  'DHGroup1',
  'None',
] as const
export const S2S_IPSEC_ENCRYPTION_NAMES = [
  'GCMAES256',
  'GCMAES192',
  'GCMAES128',
  'AES256',
  'AES192',
  'AES128',
  'DES3',
  'DES',
  'None',
] as const
export const S2S_IPSEC_INTEGRITY_NAMES = [
  'GCMAES256',
  'GCMAES192',
  'GCMAES128',
  'SHA256',
  'SHA1',
  'MD5',
] as const
/** `PFS14`: another name of `PFS2048`, which ARM takes too. */
export const S2S_PFS_GROUP_NAMES = [
  'PFS24',
  'ECP384',
  'ECP256',
  'PFS2048',
  'PFS14',
  'PFS2',
  'PFS1',
  'None',
] as const
export const S2S_PRF_NAMES = ['SHA384', 'SHA256', 'SHA1', 'MD5'] as const

export type S2sIkeEncryptionName = (typeof S2S_IKE_ENCRYPTION_NAMES)[number]
export type S2sIkeIntegrityName = (typeof S2S_IKE_INTEGRITY_NAMES)[number]
export type S2sDhGroupName = (typeof S2S_DH_GROUP_NAMES)[number]
export type S2sIpsecEncryptionName = (typeof S2S_IPSEC_ENCRYPTION_NAMES)[number]
export type S2sIpsecIntegrityName = (typeof S2S_IPSEC_INTEGRITY_NAMES)[number]
export type S2sPfsGroupName = (typeof S2S_PFS_GROUP_NAMES)[number]
export type S2sPrfName = (typeof S2S_PRF_NAMES)[number]

type Table<Name extends string> = Readonly<Record<Name, S2sAlgorithm>>

const gcm = (keyBits: number): S2sAlgorithm => ({ id: 20, keyBits, support: 'supported' })
const cbc = (keyBits: number): S2sAlgorithm => ({ id: 12, keyBits, support: 'supported' })
const weak = (id: number, reason: string): S2sAlgorithm => ({ id, support: 'weak', reason })
const unsupported = (id: number, reason: string): S2sAlgorithm => ({ id, support: 'unsupported', reason })

const DES = unsupported(2, 'its keys have 56 bits, and neither IKE nor the datapath has it here')
const DES3 = unsupported(3, 'its blocks have 64 bits (Sweet32), and neither IKE nor the datapath has it here')
const NULL = unsupported(11, 'it encrypts nothing, and the datapath carries nothing in the clear')
const SHA1 = 'RFC 8247 §2.3 has it on the way out'
const MD5 = 'RFC 8247 §2.3 forbids it, and neither IKE nor the datapath has it here'
const GROUP_1 = unsupported(
  1,
  '768 bits are broken (RFC 8247 §2.4), and no part of the gateway computes them',
)
const GROUP_2 = weak(2, '1,024 bits are too few (RFC 8247 §2.4)')
const GROUP_24 = weak(24, 'its prime has a small subgroup that nobody can account for (RFC 8247 §2.4)')
const GROUP_14: S2sAlgorithm = { id: 14, support: 'supported' }
const ECP256: S2sAlgorithm = { id: 19, support: 'supported' }
const ECP384: S2sAlgorithm = { id: 20, support: 'supported' }
/** A GCM cipher is its own integrity. */
const WITH_GCM: S2sAlgorithm = { id: 0, support: 'supported' }

export const S2S_IKE_ENCRYPTION: Table<S2sIkeEncryptionName> = {
  GCMAES256: gcm(256),
  GCMAES128: gcm(128),
  AES256: cbc(256),
  AES192: cbc(192),
  AES128: cbc(128),
  DES3,
  DES,
}

/** With a GCM cipher the name of a hash stands for the PRF alone, and GCM's own for either of the usual ones. */
export const S2S_IKE_INTEGRITY: Table<S2sIkeIntegrityName> = {
  GCMAES256: { ...WITH_GCM, prfs: ['SHA384', 'SHA256'] },
  GCMAES128: { ...WITH_GCM, prfs: ['SHA256', 'SHA384'] },
  SHA384: { id: 13, prfs: ['SHA384'], support: 'supported' },
  SHA256: { id: 12, prfs: ['SHA256'], support: 'supported' },
  SHA1: { ...weak(2, SHA1), prfs: ['SHA1'] },
  MD5: { ...unsupported(1, MD5), prfs: ['MD5'] },
}

export const S2S_DH_GROUP: Table<S2sDhGroupName> = {
  DHGroup24: GROUP_24,
  ECP384,
  ECP256,
  DHGroup14: GROUP_14,
  DHGroup2048: GROUP_14,
  DHGroup2: GROUP_2,
  DHGroup1: GROUP_1,
  None: unsupported(0, 'an IKE SA has no keys without a group'),
}

export const S2S_IPSEC_ENCRYPTION: Table<S2sIpsecEncryptionName> = {
  GCMAES256: gcm(256),
  GCMAES192: gcm(192),
  GCMAES128: gcm(128),
  AES256: cbc(256),
  AES192: cbc(192),
  AES128: cbc(128),
  DES3,
  DES,
  None: NULL,
}

export const S2S_IPSEC_INTEGRITY: Table<S2sIpsecIntegrityName> = {
  GCMAES256: WITH_GCM,
  GCMAES192: WITH_GCM,
  GCMAES128: WITH_GCM,
  SHA256: { id: 12, support: 'supported' },
  SHA1: weak(2, SHA1),
  MD5: unsupported(1, MD5),
}

export const S2S_PFS_GROUP: Table<S2sPfsGroupName> = {
  PFS24: GROUP_24,
  ECP384,
  ECP256,
  PFS2048: GROUP_14,
  PFS14: GROUP_14,
  PFS2: GROUP_2,
  PFS1: GROUP_1,
  None: { id: 0, support: 'supported' },
}

/** PRF transform ids. */
export const S2S_PRF: Readonly<Record<S2sPrfName, number>> = { SHA384: 6, SHA256: 5, SHA1: 2, MD5: 1 }
