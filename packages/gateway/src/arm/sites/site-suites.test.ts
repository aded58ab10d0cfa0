import {
  S2S_DH_GROUP_NAMES,
  S2S_IKE_ENCRYPTION_NAMES,
  S2S_IPSEC_ENCRYPTION_NAMES,
  S2S_IPSEC_INTEGRITY_NAMES,
  S2S_PFS_GROUP_NAMES,
} from '@causeway/api-contract'
import { formatSuites } from '@causeway/ikev2'
import { describe, expect, it } from 'vitest'
import { readSitePolicy, type SitePolicy } from './site-suites.ts'
import { connectionOf, faultsWith, siteOf } from './sites.suite.ts'

const POLICY = {
  saLifeTimeSeconds: 3_600,
  saDataSizeKilobytes: 2_048,
  ipsecEncryption: 'GCMAES256',
  ipsecIntegrity: 'GCMAES256',
  ikeEncryption: 'AES256',
  ikeIntegrity: 'SHA384',
  dhGroup: 'ECP384',
  pfsGroup: 'PFSMM',
}

function policy(changes: Partial<typeof POLICY> = {}, allowWeakIpsec = true): SitePolicy | string {
  const faults: string[] = []
  const read = readSitePolicy([{ ...POLICY, ...changes }], allowWeakIpsec, (path, problem, remedy) =>
    faults.push(`${path}: ${problem}; ${remedy}`),
  )
  return faults.length > 0 ? faults.join('\n') : read
}

function good(changes: Partial<typeof POLICY>): SitePolicy {
  const read = policy(changes)
  if (typeof read === 'string') throw new Error(read)
  return read
}

describe('default suites', () => {
  it('differ by role, and are strong unless weak ones are allowed', () => {
    const strong = siteOf(connectionOf())
    expect(strong.espSuites.initiator).toEqual([
      { encryption: 'AES-GCM-16-256' },
      { encryption: 'AES-CBC-256', integrity: 'HMAC-SHA256-128' },
    ])
    expect(strong.espSuites.responder).toContainEqual({
      encryption: 'AES-CBC-256',
      integrity: 'HMAC-SHA256-128',
      group: 'MODP-2048',
    })
    expect(strong.ikeSuites.initiator[0]).toEqual({
      encryption: 'AES-GCM-16-256',
      prf: 'HMAC-SHA384',
      group: 'MODP-2048',
    })
    const texts = ({ ikeSuites, espSuites }: SitePolicy) =>
      JSON.stringify([ikeSuites, espSuites]).match(/SHA1|MODP-1024|MODP-2048-256/g) ?? []
    expect(texts(strong)).toEqual([])
    const weak = siteOf(connectionOf(), { settings: { sites: { allowWeakIpsec: true } } })
    expect(new Set(texts(weak))).toEqual(new Set(['SHA1', 'MODP-1024', 'MODP-2048-256']))
    expect(weak.ikeSuites.initiator.length).toBeGreaterThan(strong.ikeSuites.initiator.length)
  })

  it('are the same objects for all connections', () => {
    expect(siteOf(connectionOf({}, {}, 'a')).ikeSuites).toBe(siteOf(connectionOf({}, {}, 'b')).ikeSuites)
  })
})

describe('a policy', () => {
  it('takes the place of the defaults in either role, lifetimes too', () => {
    const site = siteOf(connectionOf({ ipsecPolicies: [POLICY] }))
    const ike = {
      encryption: 'AES-CBC-256',
      integrity: 'HMAC-SHA384-192',
      prf: 'HMAC-SHA384',
      group: 'ECP-384',
    }
    expect(site.ikeSuites).toEqual({ initiator: [ike], responder: [ike] })
    const esp = { encryption: 'AES-GCM-16-256', group: 'ECP-384' }
    expect(site.espSuites).toEqual({ initiator: [esp], responder: [esp] })
    expect(site).toMatchObject({
      ikeLifetimeSeconds: 28_800,
      childLifetimeSeconds: 3_600,
      childLifetimeKilobytes: 2_048,
    })
  })

  it('has GCM with either hash for its PRF, or with the one that it names', () => {
    const prfs = (ikeIntegrity: string) =>
      good({ ikeEncryption: 'GCMAES128', ikeIntegrity }).ikeSuites.initiator.map(({ prf }) => prf)
    expect(prfs('GCMAES128')).toEqual(['HMAC-SHA256', 'HMAC-SHA384'])
    expect(prfs('SHA384')).toEqual(['HMAC-SHA384'])
  })

  const unsupported = /DES|None|MD5|DHGroup1\b|PFS1\b/
  const cases = [
    ...S2S_IKE_ENCRYPTION_NAMES.map(name => ({ ikeEncryption: name })),
    ...S2S_DH_GROUP_NAMES.map(name => ({ dhGroup: name, pfsGroup: 'PFS2048' })),
    ...S2S_IPSEC_ENCRYPTION_NAMES.map(name => ({
      ipsecEncryption: name,
      ipsecIntegrity: name.startsWith('GCM') ? name : 'SHA256',
    })),
    ...S2S_IPSEC_INTEGRITY_NAMES.filter(name => !name.startsWith('GCM')).map(name => ({
      ipsecEncryption: 'AES192',
      ipsecIntegrity: name,
    })),
    ...S2S_PFS_GROUP_NAMES.map(name => ({ pfsGroup: name })),
  ]

  it.each(cases)('may name %j', changes => {
    const read = policy(changes)
    const [name] = Object.values(changes)
    const isPfsNone = 'pfsGroup' in changes && changes.pfsGroup === 'None'
    if (unsupported.test(Object.values(changes).join(' ')) && !isPfsNone) {
      expect(read, name).toContain('is not supported: ')
      return
    }
    const { ikeSuites, espSuites } = read as SitePolicy
    expect(formatSuites(ikeSuites.initiator).length).toBeGreaterThan(0)
    expect(espSuites.initiator).toHaveLength(1)
  })

  it('that is weak is refused, with what would allow it', () => {
    expect(faultsWith(connectionOf({ ipsecPolicies: [{ ...POLICY, dhGroup: 'DHGroup2' }] }))).toEqual([
      "connection site-1: properties.ipsecPolicies[0].dhGroup: 'DHGroup2' is weak: 1,024 bits are too few (RFC 8247 §2.4); use one of ECP384, ECP256, DHGroup14, DHGroup2048, or set the settings' sites.allowWeakIpsec",
    ])
  })

  it('stands alone', () => {
    expect(faultsWith(connectionOf({ ipsecPolicies: [POLICY, POLICY] }))).toEqual([
      'connection site-1: properties.ipsecPolicies: holds 2 policies; give one, or none for the defaults',
    ])
  })
})
