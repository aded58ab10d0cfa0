import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { openChromium, publicKeyHash, serverKeyHash } from '../harness/chromium.ts'
import type { TenantUser } from '../harness/entra-tenant-directory.ts'
import type { TenantEndpoint } from '../harness/entra-tenant-document.ts'
import type { OpenVpnClient } from '../harness/openvpn-client.ts'
import { OpenVpnWebAuth } from '../harness/openvpn-web-auth.ts'
import { dial } from '../harness/scenario.ts'
import { scratchDirectory } from '../harness/scratch.ts'
import { ADDRESSES } from '../harness/topology.ts'
import { AUDIENCE, TENANT } from './people.ts'
import {
  type EntraChoice,
  type EntraScenario,
  entraSettings,
  openEntra,
  serveEntra,
  TENANT_ADDRESS,
} from './scenario.ts'

const PATH = `/${TENANT}`
/** A provider of one's own calls itself what it is. */
export const OWN: TenantEndpoint = {
  tenantId: TENANT,
  path: PATH,
  issuer: `https://${TENANT_ADDRESS}${PATH}`,
}
const OWN_CHOICE: EntraChoice = { aadTenant: OWN.issuer, aadIssuer: OWN.issuer, aadAudience: AUDIENCE }

const AUTHORIZATION = `${OWN.issuer}/oauth2/authorize?`

export const PUBLIC_URL = `https://${ADDRESSES.gateway}`
const CALLBACK = `${PUBLIC_URL}/signin/callback`
export const APP = {
  clientId: 'vpn-gateway',
  clientSecret: 'of the gateway: 7/9+=',
  redirectUris: [CALLBACK],
}

/** The least that the settings allow. */
export const TIMEOUT_SECONDS = 30
export const RECHECK_SECONDS = 10

export interface BrowserScenario extends EntraScenario {
  /** In the namespace of each client. */
  readonly browsers: readonly Browser[]
  /** What `client add` writes for who signs in through the browser: with tls-auth, and with tls-crypt-v2. */
  readonly browserProfiles: Readonly<Record<'tcp' | 'udp', string>>
}

/** A gateway whose users sign in through the browser, and a device with a browser and another one. */
export async function openBrowserScenario(): Promise<BrowserScenario> {
  const scenario = await openEntra({ clients: 2, endpoints: [OWN], apps: [APP] })
  try {
    const { clientId, clientSecret } = APP
    const browser = {
      clientId,
      clientSecret,
      timeoutSeconds: TIMEOUT_SECONDS,
      recheckSeconds: RECHECK_SECONDS,
    }
    await serveEntra(scenario, OWN_CHOICE, entraSettings(scenario, { browser }))
    const { topology, gateway, tenant } = scenario
    const authorityPath = join(gateway.data, 'ca.pem')
    const [near] = topology.clients
    if (!near) throw new Error('no client namespace')
    const keys = [
      await serverKeyHash(near, ADDRESSES.gateway, authorityPath),
      publicKeyHash(readFileSync(tenant.options.credential.certificatePath)),
    ]
    const browsers = await Promise.all(topology.clients.map(client => openChromium(client, keys)))
    return { ...scenario, browsers, browserProfiles: await browserProfiles(scenario) }
  } catch (error) {
    await scenario.close()
    throw error
  }
}

async function browserProfiles({ gateway }: EntraScenario): Promise<BrowserScenario['browserProfiles']> {
  const out = join(scratchDirectory('p'), 'alice')
  await gateway.cliOk('client', 'add', 'alice', '--out', out)
  const read = (file: string): string => readFileSync(join(out, 'OpenVPN', file), 'utf8')
  return { tcp: read('vpnconfig-browser.ovpn'), udp: read('vpnconfig-browser-hardened.ovpn') }
}

/** A client of OpenVPN that waits for its user, and the page that the user is asked to open. */
export interface AskingClient {
  readonly client: OpenVpnClient
  readonly webAuth: OpenVpnWebAuth
  readonly url: string
}

export interface BrowserDialOptions {
  readonly protocol?: 'tcp' | 'udp'
  /** Takes what ends the client; by default it lives as long as the test. */
  readonly whenDone?: (end: () => Promise<void> | void) => void
}

export async function dialForBrowser(
  scenario: BrowserScenario,
  { protocol = 'tcp', whenDone = onTestFinished }: BrowserDialOptions = {},
): Promise<AskingClient> {
  const webAuth = await OpenVpnWebAuth.listen()
  whenDone(() => webAuth.close())
  const client = dial(scenario, scenario.browserProfiles[protocol], { protocol, args: webAuth.args })
  whenDone(() => client.stop())
  return { client, webAuth, url: await webAuth.page() }
}

/** A browser that has been nowhere yet, on the device with the client or another. */
export async function freshBrowser({ browsers }: BrowserScenario, at = 0): Promise<BrowserContext> {
  const browser = browsers[at]
  if (!browser) throw new Error(`no browser ${at}`)
  return browser.newContext()
}

/** Opens a page, and says how the server answered. */
export async function visit(page: Page, url: string): Promise<number | undefined> {
  return (await page.goto(url))?.status()
}

export async function heading(page: Page): Promise<string | null> {
  return page.locator('h1').textContent()
}

/** Confirms that it is one's own device that connects. Ends at the provider; the URL by which it got there. */
export async function confirm(page: Page): Promise<string> {
  const authorization = page.waitForRequest(request => request.url().startsWith(AUTHORIZATION))
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL(url => url.host === TENANT_ADDRESS)
  return (await authorization).url()
}

/** Fills in name and password at the provider. */
export async function enterPassword(page: Page, user: TenantUser): Promise<void> {
  await page.locator('[name=username]').fill(user.upn)
  await page.locator('[name=password]').fill(user.password)
  await page.getByRole('button', { name: 'Accept' }).click()
}

/** Signs in at the provider, and then consents or not. Ends at the gateway. */
export async function signIn(
  page: Page,
  user: TenantUser,
  answer: 'Accept' | 'Cancel' = 'Accept',
): Promise<void> {
  await enterPassword(page, user)
  await page.getByRole('heading', { name: 'Permissions requested' }).waitFor()
  await page.getByRole('button', { name: answer }).click()
  await page.waitForURL(url => url.host === ADDRESSES.gateway)
}
