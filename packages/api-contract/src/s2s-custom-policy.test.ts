import { describe, expect, it } from 'vitest'
import type { IpsecPolicy } from './arm/schema/common.ts'
import { readS2sPolicies } from './s2s-custom-policy.ts'

const POLICY: IpsecPolicy = {
  saLifeTimeSeconds: 27_000,
  saDataSizeKilobytes: 102_400_000,
  ipsecEncryption: 'GCMAES256',
  ipsecIntegrity: 'GCMAES256',
  ikeEncryption: 'AES256',
  ikeIntegrity: 'SHA384',
  dhGroup: 'ECP384',
  pfsGroup: 'ECP256',
}

const PATH = 'properties.ipsecPolicies'

function read(changes: Partial<IpsecPolicy> = {}, allowWeakIpsec = false) {
  return readS2sPolicies([{ ...POLICY, ...changes }], { allowWeakIpsec, path: PATH })
}

function faults(changes: Partial<IpsecPolicy>, allowWeakIpsec = false): string[] {
  const result = read(changes, allowWeakIpsec)
  if (result.type === 'good') return []
  return result.faults.map(({ path, problem, remedy }) => `${path.split('.').at(-1)}: ${problem}; ${remedy}`)
}

function value(changes: Partial<IpsecPolicy> = {}, allowWeakIpsec = false) {
  const result = read(changes, allowWeakIpsec)
  if (result.type === 'bad') throw new Error(JSON.stringify(result.faults))
  if (!result.value) throw new Error('none')
  return result.value
}

describe('a custom policy', () => {
  it('is one row of each, with its lifetimes', () => {
    expect(value()).toEqual({
      ike: [{ encryption: 'AES256', integrity: 'SHA384', prf: 'SHA384', group: 'ECP384' }],
      ipsec: [{ encryption: 'GCMAES256', integrity: 'GCMAES256', group: 'ECP256' }],
      lifetimeSeconds: 27_000,
      lifetimeKilobytes: 102_400_000,
    })
  })

  it('with GCM for IKE leaves the PRF to the peer, or names it by a hash', () => {
    const prfs = (changes: Partial<IpsecPolicy>) => value(changes).ike.map(({ prf }) => prf)
    expect(prfs({ ikeEncryption: 'GCMAES256', ikeIntegrity: 'GCMAES256' })).toEqual(['SHA384', 'SHA256'])
    expect(prfs({ ikeEncryption: 'GCMAES128', ikeIntegrity: 'GCMAES128' })).toEqual(['SHA256', 'SHA384'])
    expect(prfs({ ikeEncryption: 'GCMAES256', ikeIntegrity: 'SHA256' })).toEqual(['SHA256'])
  })

  it.each([
    ['DHGroup14', 'PFS2048'],
    ['DHGroup2048', 'PFS2048'],
    ['ECP256', 'ECP256'],
  ])('has by PFSMM the group of its main mode: %s', (dhGroup, group) => {
    expect(value({ dhGroup, pfsGroup: 'PFSMM' }).ipsec[0]).toMatchObject({ group })
  })

  it('takes names in any case, as ARM does', () => {
    expect(value({ ikeEncryption: 'aes256', pfsGroup: 'pfs2048' })).toMatchObject({
      ike: [{ encryption: 'AES256' }],
      ipsec: [{ group: 'PFS2048' }],
    })
  })

  it.each<[Partial<IpsecPolicy>, string]>([
    [{ ikeIntegrity: 'SHA1' }, "ikeIntegrity: 'SHA1' is weak: "],
    [{ dhGroup: 'DHGroup2' }, "dhGroup: 'DHGroup2' is weak: "],
    [{ dhGroup: 'DHGroup24' }, "dhGroup: 'DHGroup24' is weak: "],
    [{ ipsecEncryption: 'AES256', ipsecIntegrity: 'SHA1' }, "ipsecIntegrity: 'SHA1' is weak: "],
    [{ pfsGroup: 'PFS24' }, "pfsGroup: 'PFS24' is weak: "],
    [{ pfsGroup: 'PFS2' }, "pfsGroup: 'PFS2' is weak: "],
  ])('that is weak has to be allowed (%#)', (changes, fault) => {
    const [found, ...more] = faults(changes)
    expect(found?.startsWith(fault)).toBe(true)
    expect(found?.endsWith('or set allowWeakIpsec')).toBe(true)
    expect([more, faults(changes, true)]).toEqual([[], []])
  })

  it.each<[Partial<IpsecPolicy>, string]>([
    [{ ikeEncryption: 'DES3' }, "ikeEncryption: 'DES3' is not supported: "],
    [{ ikeEncryption: 'DES' }, "ikeEncryption: 'DES' is not supported: "],
    [{ ikeIntegrity: 'MD5' }, "ikeIntegrity: 'MD5' is not supported: "],
    [{ dhGroup: 'DHGroup1' }, "dhGroup: 'DHGroup1' is not supported: "],
    [{ dhGroup: 'None' }, "dhGroup: 'None' is not supported: "],
    [{ ipsecEncryption: 'None', ipsecIntegrity: 'SHA256' }, "ipsecEncryption: 'None' is not supported: "],
    [{ ipsecEncryption: 'DES3', ipsecIntegrity: 'SHA256' }, "ipsecEncryption: 'DES3' is not supported: "],
    [{ pfsGroup: 'PFS1' }, "pfsGroup: 'PFS1' is not supported: "],
    [
      { ikeEncryption: 'ROT13' },
      "ikeEncryption: 'ROT13' is not known; use one of GCMAES256, GCMAES128, AES256,",
    ],
  ])('that cannot be had is refused, whatever is allowed (%#)', (changes, fault) => {
    const found = faults(changes, true)
    expect(found).toHaveLength(1)
    expect(found[0]?.startsWith(fault)).toBe(true)
    expect(found[0]).not.toContain('allowWeakIpsec')
  })

  it.each<[Partial<IpsecPolicy>, string]>([
    [
      { ipsecIntegrity: 'SHA256' },
      "ipsecIntegrity: 'SHA256' does not go with 'GCMAES256'; give the same GCM cipher in both, or none of them",
    ],
    [
      { ipsecEncryption: 'GCMAES192' },
      "ipsecIntegrity: 'GCMAES256' does not go with 'GCMAES192'; give the same GCM cipher in both, or none of them",
    ],
    [
      { ikeIntegrity: 'GCMAES128' },
      "ikeIntegrity: 'GCMAES128' does not go with 'AES256'; use SHA384 or SHA256",
    ],
    [
      { ikeEncryption: 'GCMAES256', ikeIntegrity: 'GCMAES128' },
      "ikeIntegrity: 'GCMAES128' does not go with 'GCMAES256'; use GCMAES256, SHA384 or SHA256",
    ],
    [{ saLifeTimeSeconds: 299 }, 'saLifeTimeSeconds: 299 is too little; give 300 or more'],
    [{ saDataSizeKilobytes: 1_023 }, 'saDataSizeKilobytes: 1023 is too little; give 1024 or more'],
  ])('of parts that do not go together is refused (%#)', (changes, fault) => {
    expect(faults(changes)).toEqual([fault])
  })

  it('stands alone, or is not there', () => {
    const reading = { allowWeakIpsec: false, path: PATH }
    expect(readS2sPolicies([], reading)).toEqual({ type: 'good', value: undefined })
    expect(readS2sPolicies([POLICY, POLICY], reading)).toEqual({
      type: 'bad',
      faults: [{ path: PATH, problem: 'holds 2 policies', remedy: 'give one, or none for the defaults' }],
    })
    expect(read({ dhGroup: 'None' })).toMatchObject({ faults: [{ path: `${PATH}[0].dhGroup` }] })
  })

  it('tells everything that is wrong at once', () => {
    expect(faults({ ikeEncryption: 'DES', dhGroup: 'DHGroup1', saLifeTimeSeconds: 1 })).toHaveLength(3)
  })
})
