import {
  S2S_DH_GROUP,
  S2S_IKE_ENCRYPTION,
  S2S_IKE_INTEGRITY,
  S2S_IPSEC_ENCRYPTION,
  S2S_IPSEC_INTEGRITY,
  S2S_PFS_GROUP,
  type S2sAlgorithm,
  type S2sDhGroupName,
  type S2sIkeEncryptionName,
  type S2sIkeIntegrityName,
  type S2sIpsecEncryptionName,
  type S2sIpsecIntegrityName,
  type S2sPfsGroupName,
  type S2sPrfName,
  type S2sSupport,
} from './s2s-algorithm.ts'

/**
 * The policies of site-to-site connections that have none of their own: Azure's lists, "Default IPsec/IKE parameters"
 * of its page on VPN devices, in their order.
 */

/** One row of an IKE (main mode) policy. With a GCM cipher `integrity` repeats it. */
export interface S2sIkeRow {
  readonly encryption: S2sIkeEncryptionName
  readonly integrity: S2sIkeIntegrityName
  readonly prf: S2sPrfName
  readonly group: S2sDhGroupName
}

/** One row of an IPsec (quick mode) policy. With a GCM cipher `integrity` repeats it. */
export interface S2sIpsecRow {
  readonly encryption: S2sIpsecEncryptionName
  readonly integrity: S2sIpsecIntegrityName
  readonly group: S2sPfsGroupName
}

/** What a connection may agree on, in order of preference. */
export interface S2sPolicyRows {
  readonly ike: readonly S2sIkeRow[]
  readonly ipsec: readonly S2sIpsecRow[]
}

/** Of an IKE SA; Azure lets nobody change it. */
export const S2S_IKE_LIFETIME_SECONDS = 28_800
/** Of an IPsec SA, unless a policy says otherwise. It is our own affair: the peer's need not be the same. */
export const S2S_IPSEC_LIFETIME = { seconds: 27_000, kilobytes: 102_400_000 } as const
/** IPsec SAs of one IKE SA at a time, by Azure. */
export const S2S_IPSEC_SAS = 100

/** Azure's main mode, as initiator and as responder. */
export const S2S_IKE_POLICY: readonly S2sIkeRow[] = (['AES256', 'AES128', 'DES3'] as const).flatMap(
  encryption =>
    (['SHA1', 'SHA256'] as const).map(hash => ({
      encryption,
      integrity: hash,
      prf: hash,
      group: 'DHGroup2' as const,
    })),
)

/** Azure's quick mode as initiator. */
export const S2S_IPSEC_INITIATOR_POLICY: readonly S2sIpsecRow[] = [
  { encryption: 'GCMAES256', integrity: 'GCMAES256', group: 'None' },
  ...rows('AES256', 'SHA1', 'None'),
  ...rows('DES3', 'SHA1', 'None'),
  ...rows('AES256', 'SHA256', 'None'),
  ...rows('AES128', 'SHA1', 'None'),
  ...rows('DES3', 'SHA256', 'None'),
]

/** Azure's quick mode as responder. */
export const S2S_IPSEC_RESPONDER_POLICY: readonly S2sIpsecRow[] = [
  ...S2S_IPSEC_INITIATOR_POLICY,
  ...rows('DES', 'SHA1', 'None'),
  ...rows('AES256', 'SHA1', 'PFS1', 'PFS2', 'PFS2048'),
  ...rows('AES128', 'SHA1', 'PFS1', 'PFS2', 'PFS2048'),
  ...rows('DES3', 'SHA1', 'PFS1', 'PFS2'),
  ...rows('DES3', 'SHA256', 'PFS2'),
  ...rows('AES256', 'SHA256', 'PFS1', 'PFS2', 'PFS2048'),
  ...rows('AES256', 'SHA1', 'PFS24'),
  ...rows('AES256', 'SHA256', 'PFS24'),
  ...rows('AES128', 'SHA256', 'None'),
  ...rows('AES128', 'SHA256', 'PFS1', 'PFS2', 'PFS2048'),
  ...rows('DES3', 'SHA1', 'PFS2048'),
]

/**
 * Ours: Azure's main mode has no row without the 1,024-bit group, so without weak ones there would be none. These come
 * first in any case; what a device of today has is among them.
 */
export const S2S_STRONG_IKE_POLICY: readonly S2sIkeRow[] = [
  ...strongRows('GCMAES256', 'GCMAES256', 'SHA384'),
  ...strongRows('GCMAES256', 'GCMAES256', 'SHA256'),
  ...strongRows('AES256', 'SHA256', 'SHA256'),
  ...strongRows('AES128', 'SHA256', 'SHA256'),
]

/** What a connection without a policy of its own may agree on, for who begins and for who is asked. */
export function s2sDefaultPolicy(role: 'initiator' | 'responder', allowWeakIpsec: boolean): S2sPolicyRows {
  const ipsec = role === 'initiator' ? S2S_IPSEC_INITIATOR_POLICY : S2S_IPSEC_RESPONDER_POLICY
  const mayBe = ({ support }: S2sJudgement): boolean =>
    support === 'supported' || (allowWeakIpsec && support === 'weak')
  return {
    ike: [...S2S_STRONG_IKE_POLICY, ...S2S_IKE_POLICY].filter(row => mayBe(judgeS2sIkeRow(row))),
    ipsec: ipsec.filter(row => mayBe(judgeS2sIpsecRow(row))),
  }
}

/** Whether a row can be had: as much as the least of its parts. */
export interface S2sJudgement {
  readonly support: S2sSupport
  /** What is against it, each as `SHA1: RFC 8247 …`. */
  readonly reasons: readonly string[]
}

export function judgeS2sIkeRow({ encryption, integrity, group }: S2sIkeRow): S2sJudgement {
  return judgementOf([
    [encryption, S2S_IKE_ENCRYPTION[encryption]],
    [integrity, S2S_IKE_INTEGRITY[integrity]],
    [group, S2S_DH_GROUP[group]],
  ])
}

export function judgeS2sIpsecRow({ encryption, integrity, group }: S2sIpsecRow): S2sJudgement {
  return judgementOf([
    [encryption, S2S_IPSEC_ENCRYPTION[encryption]],
    [integrity, S2S_IPSEC_INTEGRITY[integrity]],
    [group, S2S_PFS_GROUP[group]],
  ])
}

const FROM_WORST = ['unsupported', 'weak', 'supported'] as const

function judgementOf(parts: readonly (readonly [string, S2sAlgorithm])[]): S2sJudgement {
  const support = FROM_WORST.find(level => parts.some(([, part]) => part.support === level))
  return {
    support: support ?? 'supported',
    reasons: parts.flatMap(([name, { reason }]) => (reason === undefined ? [] : [`${name}: ${reason}`])),
  }
}

function rows(
  encryption: S2sIpsecEncryptionName,
  integrity: S2sIpsecIntegrityName,
  ...groups: readonly S2sPfsGroupName[]
): S2sIpsecRow[] {
  return groups.map(group => ({ encryption, integrity, group }))
}

function strongRows(
  encryption: S2sIkeEncryptionName,
  integrity: S2sIkeIntegrityName,
  prf: S2sPrfName,
): S2sIkeRow[] {
  return (['DHGroup14', 'ECP256', 'ECP384'] as const).map(group => ({ encryption, integrity, prf, group }))
}
