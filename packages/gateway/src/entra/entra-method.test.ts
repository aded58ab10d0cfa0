import type { TokenValidator, TokenVerdict } from '@causeway/entra'
import { describe, expect, test } from 'vitest'
import type { Credentials, TokenOrigin } from '../authentication/identity.ts'
import { recordingLog } from '../testing/test-gateway.suite.ts'
import { EntraMethod } from './entra-method.ts'

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'
const NOW = 1_800_000_000
const ALICE: TokenVerdict = {
  type: 'allow',
  subject: 'alice-id',
  user: 'alice@contoso.example',
  tenant: undefined,
  groups: ['AAAA'],
  isGuest: false,
  expiresAt: NOW + 3_600,
  notBefore: NOW,
  claims: { iss: 'https://sts.test/', aud: 'one two' },
  warning: undefined,
}

function method(verdict: TokenVerdict, sessionSecondsPastExpiry = 100) {
  const validator: TokenValidator = { validate: async () => verdict }
  const recorded = recordingLog()
  const { log } = recorded
  const tunnels = new Set(['OpenVPN'] as const)
  const isAccepted = ({ issuer, audiences }: TokenOrigin) =>
    issuer === 'https://sts.test/' && audiences.includes('two')
  const options = { validator, isAccepted, sessionSecondsPastExpiry, tunnels, unixSeconds: () => NOW, log }
  return { entra: new EntraMethod(options), recorded }
}

const credentials = (password: string | undefined): Credentials => {
  return { tunnel: 'OpenVPN', peerChain: [], username: 'ignored', password }
}

describe('an access token as the password', () => {
  test('is what looks like one', () => {
    const { entra } = method(ALICE)
    expect(entra.accepts(credentials(TOKEN))).toBe(true)
    for (const other of [undefined, '', 'hunter2', 'a.b.c', `${TOKEN}.x`, ` ${TOKEN}`])
      expect(entra.accepts(credentials(other))).toBe(false)
  })

  test('lets its user in for its own time and that which was allowed after it, with its groups', async () => {
    expect(await method(ALICE).entra.authenticate(credentials(TOKEN))).toEqual({
      type: 'allow',
      identity: {
        user: 'alice@contoso.example',
        subject: 'alice-id',
        description: 'alice@contoso.example (Entra ID, alice-id)',
        thumbprint: undefined,
        memberships: [{ type: 'AADGroupId', value: 'aaaa' }],
        token: { issuer: 'https://sts.test/', tenant: undefined, audiences: ['one', 'two'] },
      },
      terms: { endsAt: NOW + 3_700 },
    })
  })

  test('holds no longer than its origin is accepted', async () => {
    const { entra } = method(ALICE)
    const verdict = await entra.authenticate(credentials(TOKEN))
    if (verdict.type === 'deny') throw new Error(verdict.reason)
    const { identity } = verdict
    expect(entra.recheck(credentials(undefined), identity)).toEqual({ type: 'allow', identity })
    const token = { issuer: 'https://sts.test/', tenant: undefined, audiences: ['one'] }
    expect(entra.recheck(credentials(undefined), { ...identity, token })).toMatchObject({ type: 'deny' })
    const { token: _, ...unknown } = identity
    expect(entra.recheck(credentials(undefined), unknown)).toMatchObject({ type: 'deny' })
  })

  test('of a user in more groups than it has room for makes them a member of none, which the log says', async () => {
    const { entra, recorded } = method({ ...ALICE, groups: 'overage' })
    expect(await entra.authenticate(credentials(TOKEN))).toMatchObject({ identity: { memberships: [] } })
    expect(recorded.lines.map(({ msg }) => msg)).toEqual([
      'Entra ID: alice@contoso.example has more groups than fit into the token; the default group applies',
    ])
  })

  test('whose session would end at once is refused', async () => {
    const late = { ...ALICE, expiresAt: NOW - 100 }
    expect(await method(late, 100).entra.authenticate(credentials(TOKEN))).toMatchObject({
      type: 'deny',
      reason: expect.stringContaining('the time of its session is over'),
    })
    expect(await method(late, 101).entra.authenticate(credentials(TOKEN))).toMatchObject({ type: 'allow' })
  })
})
