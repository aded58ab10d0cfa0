import { expect, test } from 'vitest'
import { clientCredentials, root } from '../testing/credentials.suite.ts'
import { certificateMethod } from './certificate-method.ts'
import type { Verdict } from './identity.ts'

const authority = await root()

async function verdictFor(commonName: string): Promise<Verdict> {
  const configuration = {
    roots: [authority.certificate],
    intermediates: [],
    revokedThumbprints: new Set<string>(),
  }
  const method = certificateMethod(configuration, new Set(['OpenVPN'] as const), () => Date.now() / 1_000)
  const { chain } = await clientCredentials(authority, commonName)
  return method.authenticate({
    tunnel: 'OpenVPN',
    peerChain: chain,
    username: undefined,
    password: undefined,
  })
}

test.each([
  ['alice@Corp.Example', 'corp.example'],
  ['CORP\\alice', 'corp'],
  ['corp.example\\alice b.', 'corp.example'],
])('%s is a member of %s', async (commonName, value) => {
  expect(await verdictFor(commonName)).toMatchObject({
    type: 'allow',
    identity: { user: commonName, memberships: [{ type: 'CertificateGroupId', value }] },
  })
})

test.each([
  'alice',
  '@corp.example',
  'CORP\\',
  'CORP\\alice@corp.example',
  'alice@b@corp.example',
  'alice@corp.example ',
  // The Kelvin sign, whose lower case is k.
  'alice@boo\u{212a}s.example',
])('%s is a member of nothing', async commonName => {
  const verdict = await verdictFor(commonName)
  expect(verdict.type).toBe('allow')
  expect(verdict).not.toHaveProperty('identity.memberships')
})
