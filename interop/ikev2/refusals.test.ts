import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Credential, createAuthority, issue, thumbprint } from '../harness/certificates.ts'
import { applyGateway, gatewayDocument } from '../harness/scenario.ts'
import { CHILD, type RoadWarrior, type SignIn } from './road-warrior.ts'
import { type Ikev2Scenario, openIkev2, startClient } from './scenario.ts'

// Each is told AUTHENTICATION_FAILED or NO_PROPOSAL_CHOSEN and no more; the gateway's log says why.

let scenario: Ikev2Scenario

beforeAll(async () => {
  scenario = await openIkev2()
})

afterAll(() => scenario?.close())

/** Tries to connect. Returns what the client was told. Errors: it got in. */
async function refused(options: Partial<RoadWarrior>): Promise<string> {
  const client = await startClient(scenario, options)
  const { code, stdout } = await client.attempt(CHILD)
  expect(code, stdout).not.toBe(0)
  expect(stdout).not.toMatch(/CHILD_SA .* established/)
  return stdout
}

type Case = readonly [name: string, make: () => Promise<Credential>, reason: RegExp]

const certificates: readonly Case[] = [
  [
    'a wrong root',
    async () => issue(await createAuthority('Other Root'), { commonName: 'eve' }),
    /issuer|self.signed|not trusted|untrusted|no trusted root/i,
  ],
  [
    'a root of the right name with another key',
    async () => issue(await createAuthority('Interop Root'), { commonName: 'eve' }),
    /signature|issuer|not trusted|untrusted|no trusted root/i,
  ],
  ['expired', () => issue(scenario.root, { commonName: 'old', fromDays: -30, toDays: -1 }), /expired/i],
  [
    'not yet valid',
    () => issue(scenario.root, { commonName: 'early', fromDays: 2, toDays: 30 }),
    /not yet valid/i,
  ],
  [
    'for servers only',
    () => issue(scenario.root, { commonName: 'server', usage: 'serverAuth' }),
    /purpose|clientAuth/i,
  ],
  [
    'not for signatures',
    () => issue(scenario.root, { commonName: 'wrap', keyUsage: 'keyEncipherment' }),
    /key usage|purpose|digitalSignature/i,
  ],
  [
    'revoked',
    async () => {
      const credential = await issue(scenario.root, { commonName: 'revoked' })
      const revokedThumbprints = [await thumbprint(credential)]
      const others = { protocols: ['OpenVPN', 'IkeV2'] as const, revokedThumbprints }
      await applyGateway(scenario.gateway, gatewayDocument(scenario.gateway, [scenario.root], others))
      return credential
    },
    /revoked/i,
  ],
]

describe.each<SignIn>(['pubkey', 'eap-tls'])('a certificate, by %s', signIn => {
  test.each(certificates)('%s', async (_, make, reason) => {
    const credential = await make()
    const mark = scenario.gateway.process.mark()
    expect(await refused({ credential, signIn })).toMatch(/AUTHENTICATION_FAILED|AUTH_FAILED|EAP_FAILURE/)
    const line = await scenario.gateway.logged(reason, 5_000, mark)
    expect(line).toMatch(/refus|reject|denied|fail|not accepted/i)
  })
})

describe('a mismatched policy', () => {
  const policies = [
    ['a cipher for IKE', { ike: 'aes128-sha256-modp2048' }, /NO_PROPOSAL_CHOSEN|NO_PROP/],
    ['a group for IKE', { ike: 'aes256-sha256-modp4096' }, /NO_PROPOSAL_CHOSEN|NO_PROP/],
    ['a cipher for ESP', { esp: 'aes128-sha256' }, /NO_PROPOSAL_CHOSEN|NO_PROP/],
    ['triple DES', { ike: '3des-sha1-modp1024' }, /NO_PROPOSAL_CHOSEN|NO_PROP/],
    ['NULL for ESP', { esp: 'null-sha1' }, /NO_PROPOSAL_CHOSEN|NO_PROP/],
  ] as const

  test.each(policies)('%s', async (_, options, told) => {
    const mark = scenario.gateway.process.mark()
    expect(await refused(options)).toMatch(told)
    const line = await scenario.gateway.logged(/no proposal chosen/i, 5_000, mark)
    expect(line).toMatch(/AES|3DES|NULL/i)
  })

  test('of PFS alone is told at the rekey, and the old SA stays', async () => {
    const mark = scenario.gateway.process.mark()
    const client = await startClient(scenario, { esp: 'aes256gcm16-modp4096' })
    await client.initiate(CHILD)
    const before = await client.sa()
    await client.rekeyChild(CHILD)
    await client.waitFor(/NO_PROPOSAL_CHOSEN|NO_PROP|INVAL_KE|INVALID_KE/)
    const { children } = await client.sa()
    expect(children.map(child => child.inboundSpi)).toEqual(before.children.map(child => child.inboundSpi))
    await scenario.gateway.logged(/no proposal chosen/i, 5_000, mark)
  })
})

test('a client that knows another gateway by this address says so, and no session is left', async () => {
  const stranger = await createAuthority('Unrelated Root')
  const client = await startClient(scenario, { trusts: [stranger.certificatePath] })
  const { code } = await client.attempt(CHILD)
  expect(code).not.toBe(0)
  const sessions = async (): Promise<number> =>
    (await scenario.gateway.json<{ sessions: unknown[] }>('sessions')).sessions.length
  await expect.poll(sessions, { timeout: 5_000 }).toBe(0)
})
