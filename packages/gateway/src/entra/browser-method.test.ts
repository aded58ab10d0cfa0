import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { NOW } from '../../../entra/src/testing/fake-provider.suite.ts'
import type { Credentials, Verdict } from '../authentication/identity.ts'
import { BROWSER_CREDENTIALS } from '../authentication/sign-in-token.ts'
import { Browser, type BrowserSite, browserSite, Client, CODE, HOME, REFRESH_TOKEN } from './browser.suite.ts'
import { BrowserMethod } from './browser-method.ts'
import { WAITING_SIGN_INS, WAITING_SIGN_INS_PER_SOURCE } from './sign-in-desk.ts'

let site: BrowserSite

beforeEach(async () => {
  vi.useFakeTimers()
  site = await browserSite()
})
afterEach(() => void vi.useRealTimers())

const denied = (reason: string | RegExp): Verdict =>
  expect.objectContaining({ type: 'deny', reason: expect.stringMatching(reason) })

describe('a user who signs in', () => {
  /*
   * client                     gateway                      browser                provider
   *   password: none  ────────▶  id
   *   ◀──── WEB_AUTH /signin/id
   *                              ◀──────────── GET /signin/id
   *                              page, cookie ───────────▶
   *                              ◀──── POST, cookie + token
   *                              303, binding cookie ────▶ ─────────────────────────▶
   *                              ◀─── GET callback, binding  ◀───── code and state ──
   *                              code, PKCE verifier ───────────────────────────────▶
   *   ◀──────────── PUSH_REPLY   ◀─────────────────────────────── ID token ──────────
   */
  test('is let in under the name of the ID token', async () => {
    const client = new Client()
    const verdict = site.method.authenticate(client.credentials)
    const page = await new Browser(site).signIn(client.path, {
      groups: ['AAAAAAAA-0000-4000-8000-00000000000B'],
    })
    expect(page).toMatchObject({ status: 200, html: expect.stringContaining('<h1>You are signed in</h1>') })
    expect(await verdict).toMatchObject({
      type: 'allow',
      identity: {
        user: 'alice@contoso.example',
        description: 'alice@contoso.example (Entra ID by the browser, aaaaaaaa-0000-4000-8000-000000000001)',
        memberships: [{ type: 'AADGroupId', value: 'aaaaaaaa-0000-4000-8000-00000000000b' }],
      },
      terms: { broughtNothing: true, watch: { everySeconds: 900, goodUntil: NOW + 3_700 } },
    })
    expect(site.desk.waiting).toBe(0)
  })

  test('is sent to a short URL of the gateway, and from there to the provider with PKCE', async () => {
    const client = new Client()
    const verdict = site.method.authenticate(client.credentials)
    expect(client.urls).toEqual([expect.stringMatching(/^https:\/\/vpn\.example\/signin\/[\w-]{22}$/)])
    const browser = new Browser(site)
    const sent = await browser.submit(await browser.get(client.path))
    expect(sent).toMatchObject({ status: 303, html: '' })
    expect(Object.fromEntries(new URL(sent.location ?? '').searchParams)).toMatchObject({
      response_type: 'code',
      redirect_uri: 'https://vpn.example/signin/callback',
      code_challenge_method: 'S256',
    })
    client.leave()
    expect(await verdict).toEqual(denied('the client left'))
  })

  test('without a refresh token, or where nobody is asked again, has the time of a token', async () => {
    for (const [changes, answer] of [
      [{}, { refresh_token: undefined }],
      [{ recheckSeconds: 0 }, {}],
    ] as const) {
      site = await browserSite(changes)
      const client = new Client()
      const verdict = site.method.authenticate(client.credentials)
      const browser = new Browser(site)
      const sent = await browser.submit(await browser.get(client.path))
      const back = await browser.returning(sent)
      await site.answer(new URL(sent.location ?? '').searchParams.get('nonce') ?? undefined, {}, answer)
      await browser.get(back)
      expect(await verdict).toMatchObject({ terms: { broughtNothing: true, endsAt: NOW + 3_700 } })
    }
  })

  test('in more groups than fit into a token is in none, and the log says so', async () => {
    const client = new Client()
    const verdict = site.method.authenticate(client.credentials)
    await new Browser(site).signIn(client.path, { _claim_names: { groups: 'src1' } })
    expect(await verdict).toMatchObject({ type: 'allow', identity: { memberships: [] } })
    expect(site.recorded.lines.map(({ msg }) => msg)).toEqual([
      'Entra ID: alice@contoso.example has more groups than fit into the token; the default group applies',
    ])
  })

  test('as a guest of the tenant is in no group', async () => {
    const client = new Client()
    const verdict = site.method.authenticate(client.credentials)
    await new Browser(site).signIn(client.path, { groups: ['g'], acct: 1 })
    expect(await verdict).toMatchObject({ identity: { memberships: [] } })
  })
})

describe('a user is refused', () => {
  const end = async (claims: object, parameters: Record<string, string>) => {
    const client = new Client()
    const verdict = site.method.authenticate(client.credentials)
    const page = await new Browser(site).signIn(client.path, claims, parameters)
    return { page, verdict: await verdict }
  }

  test.each([
    ['by the provider', {}, { error: 'access_denied' }, 'refuses: "access_denied"', '(access_denied)'],
    [
      'by the provider, with its number',
      {},
      { error: 'access_denied', error_description: 'AADSTS50105: <b>secret</b>' },
      'refuses: "access_denied" AADSTS50105',
      '(access_denied AADSTS50105)',
    ],
    [
      'by an error that is markup',
      {},
      { error: '<script>' },
      'refuses: "<script>"',
      'The sign-in was refused.',
    ],
    ['for another nonce', { nonce: 'x' }, {}, 'the nonce is not', 'The sign-in is not valid.'],
    ['for another audience', { aud: 'x' }, {}, 'audience "x" is not', 'Token for another application.'],
    ['for another tenant', { tid: 'x' }, {}, 'tenant "x" is not', 'Token of another tenant.'],
    ['by another provider', {}, { iss: 'https://evil.test' }, 'another provider', 'The sign-in was refused.'],
  ])('%s: the client hears it at once', async (_what, claims, parameters, reason, told) => {
    const { page, verdict } = await end(claims, parameters)
    expect(page).toMatchObject({ status: 403, html: expect.stringContaining(told) })
    expect(page.html).not.toMatch(/<script>|<b>/)
    expect(verdict).toEqual(denied(`^browser sign-in refused: .*${reason}`))
  })

  test('and no code or token is in a log, a page or a reason', async () => {
    const { page, verdict } = await end({ nonce: 'x' }, {})
    const said = JSON.stringify([page, verdict, site.recorded.lines])
    for (const secret of [CODE, REFRESH_TOKEN, 'eyJ']) expect(said).not.toContain(secret)
  })

  test('who takes too long', async () => {
    const client = new Client()
    const verdict = site.method.authenticate(client.credentials)
    vi.advanceTimersByTime(180_000)
    expect(await verdict).toEqual(denied('refused: nobody signed in within 180 s$'))
    expect(await new Browser(site).get(client.path)).toMatchObject({ status: 404 })
    expect(site.desk.waiting).toBe(0)
  })

  test('whose configuration is gone', async () => {
    const client = new Client()
    const verdict = site.method.authenticate(client.credentials)
    site.desk.close()
    expect(await verdict).toMatchObject({ type: 'deny', temporary: true })
  })

  test('who has signed in when the client waits no more: the refresh token is forgotten', async () => {
    const client = new Client()
    const verdict = site.method.authenticate(client.credentials)
    const browser = new Browser(site)
    const back = await browser.returning(await browser.submit(await browser.get(client.path)))
    const page = browser.get(back)
    client.leave()
    expect(await page).toMatchObject({ status: 403, html: expect.stringContaining('does not wait any more') })
    expect(await verdict).toEqual(denied('the client left'))
  })
})

describe('sign-ins that wait', () => {
  const fill = (count: number, outer: (i: number) => string) => {
    const clients = Array.from({ length: count }, (_, i) => new Client(outer(i)))
    for (const client of clients) site.method.authenticate(client.credentials)
    return clients
  }

  test('are so many for one source, and a place is free when one has ended', async () => {
    const clients = fill(WAITING_SIGN_INS_PER_SOURCE, () => HOME)
    expect(await site.method.authenticate(new Client().credentials)).toEqual(denied('too many sign-ins wait'))
    clients[0]?.leave()
    const next = new Client()
    site.method.authenticate(next.credentials)
    expect(next.urls).toHaveLength(1)
  })

  test('are so many for one IPv6 network, whatever its addresses', async () => {
    fill(WAITING_SIGN_INS_PER_SOURCE, i => `2001:db8::${(i + 1).toString(16)}`)
    const verdict = await site.method.authenticate(new Client('2001:db8::ffff').credentials)
    expect(verdict).toEqual(denied('too many sign-ins wait'))
  })

  test('are so many in all, of which one source has no right to many', async () => {
    const crowd = fill(2, () => '10.9.0.1')
    const others = fill(WAITING_SIGN_INS - 2, i => `10.${i >> 8}.${i & 255}.1`)
    const latest = new Client()
    site.method.authenticate(latest.credentials)
    expect(await site.method.authenticate(new Client('10.8.0.1').credentials)).toEqual(denied('too many'))
    expect(await new Browser(site, '10.9.0.1').get(crowd[0]?.path ?? '')).toMatchObject({ status: 404 })
    expect(await new Browser(site, '10.9.0.1').get(crowd[1]?.path ?? '')).toMatchObject({ status: 200 })
    expect(await new Browser(site, '10.0.0.1').get(others[0]?.path ?? '')).toMatchObject({ status: 200 })
    expect(await new Browser(site).get(latest.path)).toMatchObject({ status: 200 })
    expect(site.desk.waiting).toBe(WAITING_SIGN_INS)
  })

  test('are so many in all, of which one customer with many IPv6 networks has no right to many', async () => {
    fill(WAITING_SIGN_INS, i => `2001:db8:1:${i.toString(16)}::1`)
    const latest = new Client()
    site.method.authenticate(latest.credentials)
    expect(await new Browser(site).get(latest.path)).toMatchObject({ status: 200 })
    expect(site.desk.waiting).toBe(WAITING_SIGN_INS)
  })
})

describe('a client is sent to the browser', () => {
  const { credentials } = new Client()
  const method = (byPassword: boolean, byCertificate: boolean) =>
    new BrowserMethod({
      configuration: { publicUrl: 'https://vpn.example' } as never,
      sessionSecondsPastExpiry: 0,
      signIn: undefined as never,
      desk: undefined as never,
      tunnels: new Set(['OpenVPN']),
      byPassword: new Set(byPassword ? (['OpenVPN'] as const) : []),
      byCertificate: new Set(byCertificate ? (['OpenVPN'] as const) : []),
      unixSeconds: () => 0,
      log: undefined as never,
    })
  const leaf = [Uint8Array.of(1)]
  const token = `signed-in-${'x'.repeat(43)}`

  test.each<[string, Partial<Credentials>, boolean, boolean, boolean]>([
    ['with nothing', {}, true, true, true],
    ['that cannot open a page', { browser: undefined as never }, false, false, false],
    [
      'with a name and a password, where nobody judges them',
      { username: 'a', password: 'b' },
      false,
      true,
      true,
    ],
    ['with a name and a password, where RADIUS does', { username: 'a', password: 'b' }, true, true, false],
    ['with a name alone', { username: 'a', password: '' }, true, true, true],
    ['with what profiles for it have', BROWSER_CREDENTIALS, true, true, true],
    ['with the token of an earlier session', { username: 'a', password: token }, true, true, true],
    ['with a certificate, where nobody judges it', { peerChain: leaf }, true, false, true],
    ['with a certificate, where roots do', { peerChain: leaf }, true, true, false],
    [
      'with a certificate and a password',
      { peerChain: leaf, username: 'a', password: 'b' },
      false,
      true,
      true,
    ],
  ])('%s', (_what, changes, byPassword, byCertificate, isAccepted) => {
    expect(method(byPassword, byCertificate).accepts({ ...credentials, ...changes })).toBe(isAccepted)
  })
})
