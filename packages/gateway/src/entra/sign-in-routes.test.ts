import { beforeEach, describe, expect, test } from 'vitest'
import { Browser, type BrowserSite, browserSite, Client } from './browser.suite.ts'
import { confirmationPage, PAGE_POLICY } from './sign-in-pages.ts'

let site: BrowserSite
let client: Client
let verdict: Promise<unknown>

beforeEach(async () => {
  site = await browserSite()
  client = new Client()
  verdict = site.method.authenticate(client.credentials)
})

const page = (status: number, title: string) => ({
  status,
  html: expect.stringContaining(`<h1>${title}</h1>`),
})
const UNKNOWN = page(404, 'This link is not valid')
const STALE = page(403, 'Please try again')
const ELSEWHERE = page(403, 'Sign in on the device that connects')
const OTHER_BROWSER = page(403, 'Sign in with the browser that began')
const SIGNED_IN = page(200, 'You are signed in')

describe('the page of confirmation', () => {
  test('says who asks, and keeps a secret with the browser', async () => {
    const answer = await new Browser(site).get(client.path)
    expect(answer).toMatchObject(page(200, 'Sign in to the VPN'))
    for (const text of ['vpn.example', '198.51.100.7', 'OpenVPN 2.6.14 (linux)', '2027-01-15 08:00 UTC'])
      expect(answer.html).toContain(`<dd>${text}</dd>`)
    expect(answer.cookies).toEqual([
      expect.stringMatching(
        /^__Host-signin-ask=[\w-]{43}; Path=\/; Max-Age=180; Secure; HttpOnly; SameSite=Strict$/,
      ),
    ])
  })

  test('asks nobody and uses nothing up, however often it is shown', async () => {
    const browser = new Browser(site)
    for (let i = 0; i < 3; i++) expect(await browser.get(client.path)).toMatchObject({ status: 200 })
    expect(site.provider.asked).toEqual([])
    expect(await browser.signIn(client.path)).toMatchObject(SIGNED_IN)
    expect(await verdict).toMatchObject({ type: 'allow' })
  })

  test('is one language, one heading, a form that works without scripts, and loads nothing', async () => {
    const { html } = await new Browser(site).get(client.path)
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/)
    for (const part of [
      '<meta charset="utf-8">',
      '<meta name="viewport"',
      '<title>',
      '<main>',
      '<button type="submit">',
    ])
      expect(html.split(part)).toHaveLength(2)
    expect(html.match(/<h1>/g)).toHaveLength(1)
    expect(html).not.toMatch(/<script|<img|<link| src=| on\w+=| style=/)
    expect(PAGE_POLICY).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; form-action 'self' https:; /,
    )
  })

  test('escapes what a client says of itself', () => {
    const confirmation = { action: '/', token: '', gateway: 'g', address: 'a', since: 0 }
    const html = confirmationPage({ ...confirmation, program: `<img src=x onerror="a('&')">` })
    expect(html).toContain('&lt;img src=x onerror=&quot;a(&apos;&amp;&apos;)&quot;&gt;')
  })

  test('is there for those who guess an id as for nobody', async () => {
    expect(await new Browser(site).get(`/signin/${'A'.repeat(22)}`)).toMatchObject(UNKNOWN)
    for (const path of ['/signin', '/signin/', '/signin/A', `/signin/${'A'.repeat(23)}`, '/signin/callback/'])
      expect(site.routes(path)).toBeUndefined()
  })
})

describe('a confirmation', () => {
  test('uses the id up, and binds the browser', async () => {
    const browser = new Browser(site)
    const shown = await browser.get(client.path)
    const [one, other] = await Promise.all([browser.submit(shown), browser.submit(shown)])
    expect([one.status, other.status].sort()).toEqual([303, 404])
    expect(one.cookies).toEqual([
      expect.stringMatching(
        /^__Host-signin-[\w-]{8}=[\w-]{43}; Path=\/; Max-Age=180; Secure; HttpOnly; SameSite=Lax$/,
      ),
    ])
    expect(await browser.get(client.path)).toMatchObject(UNKNOWN)
  })

  test('that another site has the browser send is none', async () => {
    // The attacker knows the id: it is that of his own client. He has its page, and the token in it.
    const attackers = await new Browser(site).get(client.path)
    const victim = new Browser(site)
    expect(await victim.submit(attackers)).toMatchObject(STALE)
    await victim.get(client.path)
    expect(await victim.submit(attackers)).toMatchObject(STALE)
  })

  test.each(['cross-site', 'same-site', 'none'])('that a browser says is %s is none', async fetchSite => {
    const browser = new Browser(site)
    expect(await browser.submit(await browser.get(client.path), { fetchSite })).toMatchObject(STALE)
  })

  test('for another id is none', async () => {
    const other = new Client()
    site.method.authenticate(other.credentials)
    const browser = new Browser(site)
    const shown = await browser.get(client.path)
    const html = shown.html.replace(client.path, other.path)
    expect(await browser.submit({ ...shown, html })).toMatchObject(STALE)
  })

  test('while the provider cannot be reached ends the sign-in', async () => {
    site.provider.documents.clear()
    const browser = new Browser(site)
    expect(await browser.submit(await browser.get(client.path))).toMatchObject(page(503, 'Sign-in failed'))
    expect(await verdict).toMatchObject({ type: 'deny', temporary: true })
  })
})

describe('a browser that comes back', () => {
  test('with a link that was sent to it signs nobody in, and the right one still can', async () => {
    const browser = new Browser(site)
    const back = await browser.returning(await browser.submit(await browser.get(client.path)))
    expect(await new Browser(site).get(back)).toMatchObject(OTHER_BROWSER)
    expect(site.provider.forms).toEqual([])
    expect(await browser.get(back)).toMatchObject(SIGNED_IN)
    expect(await verdict).toMatchObject({ type: 'allow' })
  })

  test('with the secret of another sign-in signs nobody in', async () => {
    const other = new Client()
    site.method.authenticate(other.credentials)
    const [attacker, victim] = [new Browser(site), new Browser(site)]
    await victim.submit(await victim.get(other.path))
    const back = await attacker.returning(await attacker.submit(await attacker.get(client.path)))
    expect(await victim.get(back)).toMatchObject(OTHER_BROWSER)
  })

  test('comes once', async () => {
    const browser = new Browser(site)
    const back = await browser.returning(await browser.submit(await browser.get(client.path)))
    const [one, other] = await Promise.all([browser.get(back), browser.get(back)])
    expect([one.status, other.status].sort()).toEqual([200, 404])
    expect(one.cookies).toEqual([expect.stringMatching(/^__Host-signin-[\w-]{8}=; .*Max-Age=0; /)])
    expect(browser.cookies.has('__Host-signin-ask')).toBe(true)
  })

  test.each(['', '?state=', `?state=${'A'.repeat(55)}&code=x`, '?error=access_denied'])(
    'with %j is told nothing',
    async query => {
      expect(await new Browser(site).get(`/signin/callback${query}`)).toMatchObject(UNKNOWN)
    },
  )

  test('may have several sign-ins under way', async () => {
    const other = new Client()
    const second = site.method.authenticate(other.credentials)
    const browser = new Browser(site)
    const sent = await browser.submit(await browser.get(client.path))
    expect(await browser.signIn(other.path, { upn: 'bob@contoso.example' })).toMatchObject(SIGNED_IN)
    expect(await browser.get(await browser.returning(sent))).toMatchObject(SIGNED_IN)
    expect(await second).toMatchObject({ identity: { user: 'bob@contoso.example' } })
    expect(await verdict).toMatchObject({ identity: { user: 'alice@contoso.example' } })
  })
})

describe('the address of the browser', () => {
  test('is that of the client, from the page to the end', async () => {
    const elsewhere = new Browser(site, '203.0.113.9')
    expect(await elsewhere.get(client.path)).toMatchObject(ELSEWHERE)
    const home = new Browser(site)
    const shown = await home.get(client.path)
    for (const [name, value] of home.cookies) elsewhere.cookies.set(name, value)
    expect(await elsewhere.submit(shown)).toMatchObject(ELSEWHERE)
    const back = await home.returning(await home.submit(shown))
    for (const [name, value] of home.cookies) elsewhere.cookies.set(name, value)
    expect(await elsewhere.get(back)).toMatchObject(ELSEWHERE)
    expect(await home.get(back)).toMatchObject(SIGNED_IN)
  })

  test('may be another one where the settings say so', async () => {
    site = await browserSite({ sameAddress: false })
    client = new Client()
    verdict = site.method.authenticate(client.credentials)
    expect(await new Browser(site, '203.0.113.9').signIn(client.path)).toMatchObject(SIGNED_IN)
  })

  test('of IPv6 is one of its network', async () => {
    client = new Client('2001:db8:0:1::7')
    site.method.authenticate(client.credentials)
    expect(await new Browser(site, '2001:db8:0:2::7').get(client.path)).toMatchObject(ELSEWHERE)
    expect(await new Browser(site, '2001:db8:0:1:a::9').signIn(client.path)).toMatchObject(SIGNED_IN)
  })
})
