import { describe, expect, it } from 'vitest'
import { ipsecPolicySchema } from './arm/schema/common.ts'
import {
  S2S_DH_GROUP,
  S2S_IKE_ENCRYPTION,
  S2S_IKE_INTEGRITY,
  S2S_IPSEC_ENCRYPTION,
  S2S_IPSEC_INTEGRITY,
  S2S_PFS_GROUP,
} from './s2s-algorithm.ts'
import {
  judgeS2sIkeRow,
  judgeS2sIpsecRow,
  S2S_IKE_LIFETIME_SECONDS,
  S2S_IKE_POLICY,
  S2S_IPSEC_INITIATOR_POLICY,
  S2S_IPSEC_LIFETIME,
  S2S_IPSEC_RESPONDER_POLICY,
  s2sDefaultPolicy,
} from './s2s-policy.ts'

// The tables of "Default IPsec/IKE parameters", line by line: encryption, integrity, group.
const MAIN_MODE = `
AES256 SHA1 DHGroup2
AES256 SHA256 DHGroup2
AES128 SHA1 DHGroup2
AES128 SHA256 DHGroup2
DES3 SHA1 DHGroup2
DES3 SHA256 DHGroup2`
const INITIATOR = `
GCMAES256 GCMAES256 None
AES256 SHA1 None
DES3 SHA1 None
AES256 SHA256 None
AES128 SHA1 None
DES3 SHA256 None`
const RESPONDER = `${INITIATOR}
DES SHA1 None
AES256 SHA1 PFS1
AES256 SHA1 PFS2
AES256 SHA1 PFS2048
AES128 SHA1 PFS1
AES128 SHA1 PFS2
AES128 SHA1 PFS2048
DES3 SHA1 PFS1
DES3 SHA1 PFS2
DES3 SHA256 PFS2
AES256 SHA256 PFS1
AES256 SHA256 PFS2
AES256 SHA256 PFS2048
AES256 SHA1 PFS24
AES256 SHA256 PFS24
AES128 SHA256 None
AES128 SHA256 PFS1
AES128 SHA256 PFS2
AES128 SHA256 PFS2048
DES3 SHA1 PFS2048`

interface Row {
  readonly encryption: string
  readonly integrity: string
  readonly group: string
}

const lines = (table: readonly Row[]) =>
  table.map(({ encryption, integrity, group }) => `\n${encryption} ${integrity} ${group}`).join('')

describe('the default policies of site-to-site', () => {
  it('are the tables of the document, row by row', () => {
    expect(lines(S2S_IKE_POLICY)).toBe(MAIN_MODE)
    expect(lines(S2S_IPSEC_INITIATOR_POLICY)).toBe(INITIATOR)
    expect(lines(S2S_IPSEC_RESPONDER_POLICY)).toBe(RESPONDER)
    expect(S2S_IKE_LIFETIME_SECONDS).toBe(28_800)
    expect(S2S_IPSEC_LIFETIME).toEqual({ seconds: 27_000, kilobytes: 102_400_000 })
  })

  it('have nothing weak in them unless that is allowed', () => {
    const initiator = s2sDefaultPolicy('initiator', false)
    const responder = s2sDefaultPolicy('responder', false)
    const judged = [...initiator.ike, ...responder.ike].map(judgeS2sIkeRow)
    judged.push(...[...initiator.ipsec, ...responder.ipsec].map(judgeS2sIpsecRow))
    expect(new Set(judged.map(({ support }) => support))).toEqual(new Set(['supported']))
    expect(lines(initiator.ipsec)).toBe('\nGCMAES256 GCMAES256 None\nAES256 SHA256 None')
    expect(lines(responder.ipsec)).toBe(
      '\nGCMAES256 GCMAES256 None\nAES256 SHA256 None\nAES256 SHA256 PFS2048\nAES128 SHA256 None\nAES128 SHA256 PFS2048',
    )
    expect(initiator.ike).toEqual(responder.ike)
    expect(initiator.ike[0]).toEqual({
      encryption: 'GCMAES256',
      integrity: 'GCMAES256',
      prf: 'SHA384',
      group: 'DHGroup14',
    })
  })

  it('keep the order of the document where weak ones are allowed, behind what is better', () => {
    const { ike, ipsec } = s2sDefaultPolicy('responder', true)
    expect(lines(ike.slice(-4))).toBe(MAIN_MODE.split('\nDES3')[0])
    const kept = RESPONDER.split('\n').filter(line => !/DES|PFS1$/.test(line))
    expect(lines(ipsec)).toBe(kept.join('\n'))
  })

  it('never have what the gateway cannot do', () => {
    const { ike, ipsec } = s2sDefaultPolicy('responder', true)
    const judged = [...ike.map(judgeS2sIkeRow), ...ipsec.map(judgeS2sIpsecRow)]
    expect(judged.filter(({ support }) => support === 'unsupported')).toEqual([])
  })
})

describe('the table of algorithms', () => {
  const tables = {
    ikeEncryption: S2S_IKE_ENCRYPTION,
    ikeIntegrity: S2S_IKE_INTEGRITY,
    dhGroup: S2S_DH_GROUP,
    ipsecEncryption: S2S_IPSEC_ENCRYPTION,
    ipsecIntegrity: S2S_IPSEC_INTEGRITY,
    pfsGroup: S2S_PFS_GROUP,
  } as const

  it.each(Object.keys(tables) as (keyof typeof tables)[])(
    'has every name that ARM takes for %s',
    property => {
      const taken = (ipsecPolicySchema.properties[property] as unknown as { readonly names: string[] }).names
      // It stands for another one: that of `dhGroup`.
      const own = taken.filter(name => name !== 'PFSMM')
      expect(Object.keys(tables[property]).toSorted()).toEqual(own.toSorted())
    },
  )

  it('gives a reason for whatever is not simply supported, and for nothing else', () => {
    for (const table of Object.values(tables))
      for (const { support, reason } of Object.values(table))
        expect(reason === undefined).toBe(support === 'supported')
  })

  it.each([
    [judgeS2sIkeRow({ encryption: 'AES256', integrity: 'SHA1', prf: 'SHA1', group: 'DHGroup2' }), 'weak', 2],
    [
      judgeS2sIkeRow({ encryption: 'DES3', integrity: 'SHA1', prf: 'SHA1', group: 'ECP384' }),
      'unsupported',
      2,
    ],
    [judgeS2sIpsecRow({ encryption: 'None', integrity: 'SHA256', group: 'None' }), 'unsupported', 1],
    [judgeS2sIpsecRow({ encryption: 'AES192', integrity: 'SHA256', group: 'PFS24' }), 'weak', 1],
    [judgeS2sIpsecRow({ encryption: 'GCMAES192', integrity: 'GCMAES192', group: 'ECP256' }), 'supported', 0],
  ] as const)('judges a row by the least of its parts (%#)', (judgement, support, reasons) => {
    expect(judgement.support).toBe(support)
    expect(judgement.reasons).toHaveLength(reasons)
  })
})
