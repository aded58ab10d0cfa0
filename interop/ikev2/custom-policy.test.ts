import { afterAll, beforeAll, expect, test } from 'vitest'
import { issue } from '../harness/certificates.ts'
import { applyGateway, expectInside, gatewayDocument } from '../harness/scenario.ts'
import { CHILD } from './road-warrior.ts'
import { type Ikev2Scenario, openIkev2, startClient } from './scenario.ts'

let scenario: Ikev2Scenario

const POLICY = {
  saLifeTimeSeconds: 28_800,
  saDataSizeKilobytes: 102_400_000,
  ipsecEncryption: 'GCMAES128',
  ipsecIntegrity: 'GCMAES128',
  ikeEncryption: 'AES128',
  ikeIntegrity: 'SHA256',
  dhGroup: 'ECP256',
  pfsGroup: 'ECP256',
} as const

beforeAll(async () => {
  scenario = await openIkev2({ clients: 2 })
})

afterAll(() => scenario?.close())

test('a custom policy takes the place of the default one for clients to come', async () => {
  const before = await startClient(scenario)
  await before.initiate(CHILD)

  const options = { protocols: ['OpenVPN', 'IkeV2'] as const, ipsecPolicies: [POLICY] }
  await applyGateway(scenario.gateway, gatewayDocument(scenario.gateway, [scenario.root], options))
  await expectInside(before)

  const credential = await issue(scenario.root, { commonName: 'bob' })
  const proposals = { ike: 'aes128-sha256-ecp256', esp: 'aes128gcm16-ecp256' }
  const custom = await startClient(scenario, { credential, at: 1, ...proposals })
  await custom.initiate(CHILD)
  const { suite, children } = await custom.sa()
  expect([suite, children[0]?.suite]).toEqual([
    'AES_CBC-128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/ECP_256',
    'AES_GCM_16-128',
  ])
  await expectInside(custom)
  await custom.stop()

  const mark = scenario.gateway.process.mark()
  const former = await startClient(scenario, { credential, at: 1, ike: 'aes256gcm16-prfsha384-ecp384' })
  expect((await former.attempt(CHILD)).stdout).toMatch(/NO_PROP/)
  const line = await scenario.gateway.logged(/no proposal chosen/i, 5_000, mark)
  expect(line).toMatch(/AES-GCM-16-256.*AES-CBC-128/)
  expect((await before.sas()).length).toBe(1)
})
