import { describe, expect, test } from 'vitest'
import {
  clientCredentials,
  gatewayCredentials,
  hoursAround,
  intermediate,
  root,
} from '../testing/credentials.suite.ts'
import { AuthenticationPolicy } from './authentication-policy.ts'
import { certificateMethod } from './certificate-method.ts'
import type { AuthenticationMethod, Credentials } from './identity.ts'
import { SignInPace } from './sign-in-pace.ts'

const unixSeconds = () => Date.now() / 1000
const OPENVPN = new Set(['OpenVPN'] as const)
const NOTHING = { intermediates: [], revokedThumbprints: new Set<string>() }
const credentials = (peerChain: readonly Uint8Array[]): Credentials => {
  return { tunnel: 'OpenVPN', peerChain, username: undefined, password: undefined }
}

describe('certificate authentication', () => {
  test('lets in a client of a trusted root, under its common name', async () => {
    const anchor = await root()
    const policy = new AuthenticationPolicy([
      certificateMethod({ ...NOTHING, roots: [anchor.certificate] }, OPENVPN, unixSeconds),
    ])
    const { chain } = await clientCredentials(anchor, 'alice')
    expect(await policy.authenticate(credentials(chain))).toEqual({
      type: 'allow',
      by: 'certificate',
      identity: {
        user: 'alice',
        description: expect.stringMatching(/^CN=alice \(thumbprint [0-9A-F]{40}\)$/),
        thumbprint: expect.stringMatching(/^[0-9A-F]{40}$/),
      },
    })
  })

  test('says for the log what is wrong, and tells the user nothing', async () => {
    const anchor = await root()
    const day = 86_400
    const old = await root('Old root', hoursAround(Date.now() / 1000 - day))
    const cases = [
      [await clientCredentials(await root('Other'), 'mallory'), /does not lead to a trusted root/],
      [await clientCredentials(old, 'late', [], hoursAround(Date.now() / 1000 - day - 1)), /expired/],
      [await gatewayCredentials(anchor), /not made for this purpose/],
    ] as const
    const roots = [anchor.certificate, old.certificate]
    const policy = new AuthenticationPolicy([certificateMethod({ ...NOTHING, roots }, OPENVPN, unixSeconds)])
    for (const [{ chain }, reason] of cases) {
      expect(await policy.authenticate(credentials(chain))).toMatchObject({
        type: 'deny',
        reason: expect.stringMatching(reason),
        userReason: 'certificate not accepted',
        temporary: false,
      })
    }
  })

  test('a revoked authority takes its users with it', async () => {
    const anchor = await root()
    const middle = await intermediate(anchor)
    const { chain } = await clientCredentials(middle, 'alice', [middle])
    const { describeCertificate } = await import('@causeway/x509')
    const revokedThumbprints = new Set([describeCertificate(middle.certificate).thumbprint])
    const settings = { ...NOTHING, roots: [anchor.certificate], revokedThumbprints }
    const policy = new AuthenticationPolicy([certificateMethod(settings, OPENVPN, unixSeconds)])
    expect(await policy.authenticate(credentials(chain))).toMatchObject({
      type: 'deny',
      reason: expect.stringMatching(/revoked \(thumbprint/),
    })
  })

  test('a renegotiation with the certificate of another user is refused', async () => {
    const anchor = await root()
    const method = certificateMethod({ ...NOTHING, roots: [anchor.certificate] }, OPENVPN, unixSeconds)
    const policy = new AuthenticationPolicy([method])
    const [alice, bob] = [await clientCredentials(anchor, 'alice'), await clientCredentials(anchor, 'bob')]
    const first = await policy.authenticate(credentials(alice.chain))
    if (first.type === 'deny') throw new Error(first.reason)
    const again = await clientCredentials(anchor, 'alice')
    expect(policy.recheck(credentials(again.chain), first.identity).type).toBe('allow')
    expect(policy.recheck(credentials(bob.chain), first.identity)).toMatchObject({
      type: 'deny',
      reason: expect.stringMatching(/another user \(bob\)/),
    })
  })
})

test('credentials that no method takes are refused with what would be accepted', async () => {
  const policy = new AuthenticationPolicy([
    certificateMethod({ ...NOTHING, roots: [] }, OPENVPN, unixSeconds),
  ])
  expect(await policy.authenticate(credentials([]))).toMatchObject({
    type: 'deny',
    reason: 'the client brought no certificate; OpenVPN accepts: certificate',
  })
})

test.each([true, false])(
  'who brought nothing that can be guessed (%s) has not to wait',
  async asksElsewhere => {
    const method: AuthenticationMethod = {
      name: 'entra',
      tunnels: OPENVPN,
      asksElsewhere,
      accepts: () => true,
      authenticate: () => ({ type: 'deny', reason: 'disabled', userReason: 'no', temporary: false }),
      recheck: (_credentials, identity) => ({ type: 'allow', identity }),
    }
    const policy = new AuthenticationPolicy([method], undefined, new SignInPace(() => 0))
    const brought = { ...credentials([]), username: 'browser', password: 'sign-in-by-browser' }
    const reasons: string[] = []
    for (let i = 0; i < 10; i++) {
      const verdict = await policy.authenticate(brought)
      if (verdict.type === 'deny') reasons.push(verdict.reason)
    }
    expect(reasons[0]).toBe('disabled')
    expect(reasons[9] === 'disabled').toBe(asksElsewhere)
  },
)
