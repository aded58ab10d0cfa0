import { expect, it } from 'vitest'
import { TLS_POLICY, tlsSuite } from './tls-policy.ts'

it('holds the six suites of the seed and finds them by either name', () => {
  expect(TLS_POLICY).toHaveLength(6)
  expect(tlsSuite('TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256')?.opensslName).toBe('ECDHE-RSA-AES128-SHA256')
  expect(tlsSuite('TLS_AES_128_GCM_SHA256')?.version).toBe('TLSv1.3')
  expect(tlsSuite('TLS_CHACHA20_POLY1305_SHA256')).toBeUndefined()
})
