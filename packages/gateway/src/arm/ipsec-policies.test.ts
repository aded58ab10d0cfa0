import type { IpsecPolicy } from '@causeway/api-contract'
import { expect, test } from 'vitest'
import { readP2sPolicies } from './ipsec-policies.ts'

const CUSTOM: IpsecPolicy = {
  saLifeTimeSeconds: 86_472,
  saDataSizeKilobytes: 429_497,
  ipsecEncryption: 'AES256',
  ipsecIntegrity: 'SHA256',
  ikeEncryption: 'AES256',
  ikeIntegrity: 'SHA384',
  dhGroup: 'DHGroup2',
  pfsGroup: 'None',
}

function read(...policies: IpsecPolicy[]) {
  const faults: string[] = []
  const value = readP2sPolicies(policies, 'p', (path, problem, remedy) =>
    faults.push(`${path}: ${problem}; ${remedy}`),
  )
  return { value, faults }
}

test('without a custom policy the tables of the document hold, in their order', () => {
  const { ikeSuites, espSuites } = read().value
  expect(ikeSuites).toHaveLength(17)
  expect(ikeSuites[0]).toEqual({ encryption: 'AES-GCM-16-256', prf: 'HMAC-SHA384', group: 'MODP-2048-256' })
  expect(ikeSuites[16]).toEqual({
    encryption: 'AES-CBC-256',
    integrity: 'HMAC-SHA256-128',
    prf: 'HMAC-SHA256',
    group: 'MODP-1024',
  })
  expect(espSuites).toHaveLength(11)
  expect(espSuites[0]).toEqual({ encryption: 'AES-GCM-16-256' })
  expect(espSuites[10]).toEqual({ encryption: 'AES-CBC-256', integrity: 'HMAC-SHA1-96' })
})

test('a custom policy replaces them', () => {
  expect(read(CUSTOM)).toEqual({
    value: {
      ikeSuites: [
        {
          encryption: 'AES-CBC-256',
          integrity: 'HMAC-SHA384-192',
          prf: 'HMAC-SHA384',
          group: 'MODP-1024',
        },
      ],
      espSuites: [{ encryption: 'AES-CBC-256', integrity: 'HMAC-SHA256-128' }],
      saLifetimeSeconds: 86_472,
      saLifetimeBytes: 429_497 * 1_024,
    },
    faults: [],
  })
})

test('with GCM the integrity names the PRF alone, and PFSMM is the group of the IKE SA', () => {
  const { value } = read({
    ...CUSTOM,
    ikeEncryption: 'gcmaes128',
    ipsecEncryption: 'GCMAES256',
    ipsecIntegrity: 'GCMAES256',
    dhGroup: 'ECP384',
    pfsGroup: 'PFSMM',
  })
  expect(value.ikeSuites).toEqual([{ encryption: 'AES-GCM-16-128', prf: 'HMAC-SHA384', group: 'ECP-384' }])
  expect(value.espSuites).toEqual([{ encryption: 'AES-GCM-16-256', group: 'ECP-384' }])
})

test.each([
  [{ ikeEncryption: 'DES' }, "p[0].ikeEncryption: 'DES' is not accepted; use one of GCMAES256, "],
  [{ ipsecEncryption: 'None' }, "p[0].ipsecEncryption: 'None' is not accepted"],
  [{ ipsecIntegrity: 'GCMAES256' }, 'p[0].ipsecIntegrity: GCMAES256 does not go with ipsecEncryption AES256'],
  [{ saLifeTimeSeconds: 299 }, 'p[0].saLifeTimeSeconds: 299 is not accepted; give 300 to 172799'],
  [{ saDataSizeKilobytes: 1_023 }, 'p[0].saDataSizeKilobytes: 1023 is not accepted'],
] as const)('%j is refused', (change, fault) => {
  expect(read({ ...CUSTOM, ...change }).faults[0]).toContain(fault)
})

test('one policy only', () => {
  expect(read(CUSTOM, CUSTOM).faults).toEqual(['p: holds 2 policies; give one'])
})
