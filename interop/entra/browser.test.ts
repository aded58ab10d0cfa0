import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { TenantUser } from '../harness/entra-tenant-directory.ts'
import { nft } from '../harness/namespace.ts'
import { expectInside } from '../harness/scenario.ts'
import { clientAddress } from '../harness/topology.ts'
import {
  APP,
  type AskingClient,
  type BrowserScenario,
  confirm,
  dialForBrowser,
  enterPassword,
  freshBrowser,
  heading,
  OWN,
  openBrowserScenario,
  PUBLIC_URL,
  RECHECK_SECONDS,
  signIn,
  TIMEOUT_SECONDS,
  visit,
} from './browser-scenario.ts'
import { ALICE, AUDIENCE, BOB } from './people.ts'
import { type ListedSession, sessionsOf, TENANT_ADDRESS } from './scenario.ts'
import { dialWithToken } from './token-client.ts'

// Debian's openvpn asks for a page to be opened, and Debian's Chromium opens it. Who signs in, the provider says.

let scenario: BrowserScenario
/** Bob connects before the tests: by their end he has been asked about again. */
let bob: AskingClient
/** A client whose page nobody opens: by their end it has given up. */
let unheard: AskingClient
/** What must not be seen: ids of pages, and what came back from the provider. */
const secrets: string[] = [APP.clientSecret]
const ends: (() => Promise<void> | void)[] = []

beforeAll(async () => {
  scenario = await openBrowserScenario()
  const whenDone = (end: () => Promise<void> | void): unknown => ends.push(end)
  unheard = await dialForBrowser(scenario, { whenDone })
  bob = await dialForBrowser(scenario, { protocol: 'udp', whenDone })
  await signInAs(BOB, bob)
})

afterAll(async () => {
  for (const end of ends.reverse()) await end()
  await Promise.all(scenario?.browsers.map(browser => browser.close()) ?? [])
  await scenario?.tenant.stop()
  await scenario?.close()
})

/** A page of a browser that knows nothing yet, on the device that connects or the other one. */
async function newPage(at = 0): Promise<Page> {
  return (await freshBrowser(scenario, at)).newPage()
}

interface Asked extends AskingClient {
  /** Asks for confirmation. */
  readonly page: Page
}

async function ask(): Promise<Asked> {
  const asking = await dialForBrowser(scenario)
  return { ...asking, page: await open(asking) }
}

async function open({ url }: AskingClient): Promise<Page> {
  const page = await newPage()
  expect(await visit(page, url)).toBe(200)
  secrets.push(idOf(url))
  return page
}

async function signInAs(user: TenantUser, asking: AskingClient): Promise<void> {
  const page = await open(asking)
  await confirm(page)
  await signIn(page, user)
  await expectSignedIn(asking, page)
}

async function expectSignedIn({ client }: AskingClient, page: Page): Promise<void> {
  expect(await heading(page)).toBe('You are signed in')
  secrets.push(...new URL(page.url()).searchParams.values())
  await client.connected()
}

function idOf(url: string): string {
  return url.slice(`${PUBLIC_URL}/signin/`.length)
}

async function sessionsOfUser({ upn }: TenantUser): Promise<readonly ListedSession[]> {
  return (await sessionsOf(scenario)).filter(({ user }) => user === upn)
}

describe('somebody is connected', () => {
  test('who is told what asks, and signs in at the provider', async () => {
    const { client, page, url } = await ask()
    expect(url).toMatch(/^https:\/\/10\.77\.2\.2\/signin\/[\w-]{22}$/)
    expect(await heading(page)).toBe('Sign in to the VPN')
    expect(await page.locator('dl').textContent()).toContain(clientAddress(0))
    await confirm(page)
    expect(client.process.log()).not.toMatch(/PUSH_REPLY/)
    await signIn(page, ALICE)
    expect(await heading(page)).toBe('You are signed in')

    const lease = await client.connected()
    await expectInside(client)
    const [session] = await sessionsOfUser(ALICE)
    expect(session?.innerAddresses).toContain(lease.address)
    const identity = `"identity":"${ALICE.upn} \\(Entra ID by the browser, ${ALICE.oid}\\)"`
    await scenario.gateway.logged(new RegExp(identity))
  })

  test('who brings a token, without a browser', async () => {
    const client = dialWithToken(scenario, await scenario.tenant.accessToken(ALICE, AUDIENCE))
    await client.connected()
    expect(await sessionsOfUser(ALICE)).toHaveLength(1)
  })
})

describe('a link', () => {
  test('that was never given is not valid', async () => {
    const page = await newPage()
    expect(await visit(page, `${PUBLIC_URL}/signin/${'A'.repeat(22)}`)).toBe(404)
    expect(await heading(page)).toBe('This link is not valid')
  })

  test('is of no use on another device, and none is lost', async () => {
    const asking = await dialForBrowser(scenario)
    const other = await newPage(1)
    expect(await visit(other, asking.url)).toBe(403)
    expect(await heading(other)).toBe('Sign in on the device that connects')
    expect(await other.getByRole('button').count()).toBe(0)
    await signInAs(ALICE, asking)
  })

  test('is good once', async () => {
    const { client, webAuth, page, url } = await ask()
    await confirm(page)
    const again = await newPage()
    expect(await visit(again, url)).toBe(404)
    expect(await heading(again)).toBe('This link is not valid')
    await signIn(page, ALICE)
    await expectSignedIn({ client, webAuth, url }, page)
    expect(await visit(again, page.url())).toBe(404)
    expect(await visit(again, url)).toBe(404)
  })

  test('is void when the client has left', async () => {
    const { client, page, url } = await ask()
    await client.stop()
    await expect.poll(() => visit(page, url), { timeout: 10_000 }).toBe(404)
  })
})

describe('a browser', () => {
  test('that sends a form which is not of its page is asked to try again', async () => {
    const { page, client } = await ask()
    await page.locator('[name=token]').evaluate(token => token.setAttribute('value', 'A'.repeat(43)))
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'Please try again' }).waitFor()
    expect(client.process.log()).not.toMatch(/AUTH_FAILED|PUSH_REPLY/)
  })

  // An attacker confirms by himself and has somebody else sign in; or the other way round.
  test.each([
    ['without a cookie', undefined],
    ['with a cookie of its own', 'A'.repeat(43)],
  ])('that did not confirm completes nothing: %s', async (_, value) => {
    const asked = await ask()
    const authorization = await confirm(asked.page)
    const other = await newPage()
    if (value !== undefined) {
      const name = `__Host-signin-${idOf(asked.url).slice(0, 8)}`
      await other.context().addCookies([{ name, value, url: PUBLIC_URL, secure: true, httpOnly: true }])
    }
    await visit(other, authorization)
    await signIn(other, BOB)
    expect(await heading(other)).toBe('Sign in with the browser that began')
    expect(asked.client.process.log()).not.toMatch(/AUTH_FAILED|PUSH_REPLY/)

    await signIn(asked.page, ALICE)
    await expectSignedIn(asked, asked.page)
    expect(await sessionsOfUser(ALICE)).toHaveLength(1)
    expect(await visit(other, other.url())).toBe(404)
  })
})

test('who does not consent at the provider is not connected', async () => {
  const { client, page } = await ask()
  await confirm(page)
  await signIn(page, ALICE, 'Cancel')
  expect(await heading(page)).toBe('Sign-in failed')
  await client.process.ended()
  expect(client.process.log()).toMatch(/AUTH_FAILED,the sign-in was refused/)
  const refused = /"msg":"client refused: browser sign-in refused: the provider refuses: \\"access_denied/
  await scenario.gateway.logged(refused)
})

/** The tenant hears nothing of the gateway, nor of the browsers. */
const OUTAGE = `table inet outage {
  chain input {
    type filter hook input priority 0
    ip daddr ${TENANT_ADDRESS} tcp dport 443 reject with tcp reset
  }
}`

// Bob's, whom the gateway has begun to ask about in the meantime.
describe('a session', () => {
  const LIMIT_MS = 3_000 * RECHECK_SECONDS

  test('goes on while the provider says that its user may', async () => {
    // Of the code, and of asking again.
    const tokens = new RegExp(`^POST ${OWN.path}/oauth2/token 200$`, 'gm')
    const answers = () => scenario.tenant.process.log().match(tokens)?.length ?? 0
    await expect.poll(answers, { timeout: LIMIT_MS }).toBeGreaterThan(signedIn())
    await expectInside(bob.client)
  })

  test('goes on while the provider cannot be asked', async () => {
    const mark = scenario.gateway.process.mark()
    await nft(scenario.topology.router, OUTAGE)
    onTestFinished(() => nft(scenario.topology.router, 'delete table inet outage'))
    await scenario.gateway.logged(/"msg":"Entra ID: sign-ins cannot be checked again now/, LIMIT_MS, mark)
    await expectInside(bob.client)
  })

  test('is cut off when its user has been disabled', async () => {
    const mark = scenario.gateway.process.mark()
    await scenario.tenant.setEnabled(BOB, false)
    onTestFinished(() => scenario.tenant.setEnabled(BOB, true))
    const line = await scenario.gateway.logged(/"msg":"session withdrawn"/, LIMIT_MS, mark)
    expect(line).toContain(`"user":"${BOB.upn}"`)
    await bob.client.waitFor(/AUTH_FAILED,the sign-in no longer holds/)
    expect(await sessionsOfUser(BOB)).toEqual([])
    expect(scenario.gateway.process.log()).toMatch(/"msg":"Entra ID: sign-ins can be checked again"/)

    // The client asks for another page, on which there is nothing to be had.
    const page = await open({ ...bob, url: await bob.webAuth.page() })
    await confirm(page)
    await enterPassword(page, BOB)
    await page.getByText('AADSTS50057').waitFor()
  })
})

test('a client whose page nobody opens gives up', async () => {
  await unheard.client.waitFor(/AUTH_FAILED,the sign-in took too long/, 2_000 * TIMEOUT_SECONDS)
  const reason = `browser sign-in refused: nobody signed in within ${TIMEOUT_SECONDS} s`
  await scenario.gateway.logged(new RegExp(`"reason":"${reason}"`))
  const late = await newPage()
  expect(await visit(late, unheard.url)).toBe(404)
})

/** How many sign-ins the gateway has let in through the browser. */
function signedIn(): number {
  return scenario.gateway.process.log().match(/Entra ID by the browser/g)?.length ?? 0
}

test('nothing of a sign-in is in the log, and nothing is kept of it', () => {
  const { process, data } = scenario.gateway
  const kept = readdirSync(data, { recursive: true, withFileTypes: true })
    .filter(file => file.isFile())
    .map(file => readFileSync(join(file.parentPath, file.name), 'latin1'))
  const text = [process.log(), ...kept].join('\n')
  // The provider names itself in what it sends back; that is no secret.
  const marks = secrets.filter(secret => secret !== OWN.issuer)
  expect(marks.length).toBeGreaterThan(20)
  expect(marks.filter(mark => text.includes(mark))).toEqual([])
})
