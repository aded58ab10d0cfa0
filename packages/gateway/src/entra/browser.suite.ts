import { createBrowserSignIn, createOpenIdProvider } from '@causeway/entra'
import {
  AUTHORITY,
  accessTokenClaims,
  createFakeProvider,
  createSigningKey,
  type FakeProvider,
  ISSUER,
  NOW,
  type SigningKey,
  signToken,
  TENANT,
  TOKEN_URI,
} from '../../../entra/src/testing/fake-provider.suite.ts'
import type { Credentials } from '../authentication/identity.ts'
import type { EntraBrowserConfiguration } from '../configuration.ts'
import type { HttpAnswer, HttpRequest, HttpRoutes } from '../listener/http-route.ts'
import { address, recordingLog } from '../testing/test-gateway.suite.ts'
import { BrowserMethod } from './browser-method.ts'
import { SignInDesk } from './sign-in-desk.ts'
import { signInRoutes } from './sign-in-routes.ts'

export const CLIENT_ID = '77777777-1111-4222-8333-444444444444'
export const REFRESH_TOKEN = 'secret-refresh-token'
export const CODE = 'secret-code'
/** Of the VPN client and, where nothing else is said, of the browser. */
export const HOME = '198.51.100.7'

const CONFIGURATION: EntraBrowserConfiguration = {
  clientId: CLIENT_ID,
  publicUrl: 'https://vpn.example',
  scopes: ['openid'],
  timeoutSeconds: 180,
  recheckSeconds: 900,
  sameAddress: true,
}

const signingKey: Promise<SigningKey> = createSigningKey('key-1')

/** The method with its pages, in front of a provider that says what the test has it say. */
export class BrowserSite {
  readonly provider: FakeProvider
  readonly desk: SignInDesk
  readonly routes: HttpRoutes
  readonly method: BrowserMethod
  readonly recorded = recordingLog()
  readonly #key: SigningKey
  now = NOW

  constructor(key: SigningKey, changes: Partial<EntraBrowserConfiguration>) {
    const configuration = { ...CONFIGURATION, ...changes }
    this.#key = key
    this.provider = createFakeProvider(key)
    const { fetch } = this.provider
    const signIn = createBrowserSignIn({
      provider: createOpenIdProvider({ authority: AUTHORITY, issuers: [ISSUER], fetch }),
      clientId: CLIENT_ID,
      redirectUri: 'https://vpn.example/signin/callback',
      tenant: TENANT,
    })
    const { sameAddress, timeoutSeconds } = configuration
    const unixSeconds = () => this.now
    this.desk = new SignInDesk({ signIn, timeoutSeconds, sameAddress, unixSeconds })
    this.routes = signInRoutes({ desk: this.desk, gateway: 'vpn.example', timeoutSeconds })
    this.method = new BrowserMethod({
      configuration,
      sessionSecondsPastExpiry: 100,
      signIn,
      desk: this.desk,
      tunnels: new Set(['OpenVPN']),
      byPassword: new Set(),
      byCertificate: new Set(),
      unixSeconds,
      log: this.recorded.log,
    })
  }

  /** The provider signs this user in, with a refresh token where `answer` says nothing else. */
  async answer(nonce: string | undefined, claims: object = {}, answer: object = {}): Promise<void> {
    const all = accessTokenClaims({ aud: CLIENT_ID, nonce, ...claims })
    const tokens = { id_token: await signToken(this.#key, all), refresh_token: REFRESH_TOKEN, ...answer }
    this.provider.documents.set(TOKEN_URI, { token_type: 'Bearer', ...tokens })
  }
}

export async function browserSite(changes: Partial<EntraBrowserConfiguration> = {}): Promise<BrowserSite> {
  return new BrowserSite(await signingKey, changes)
}

/** A VPN client that waits, and the URL that it was told. */
export class Client {
  readonly urls: string[] = []
  readonly #gone = new AbortController()
  readonly credentials: Credentials

  constructor(outer = HOME, program = 'OpenVPN 2.6.14 (linux)') {
    this.credentials = {
      tunnel: 'OpenVPN',
      remote: { address: address(outer), port: 50_000 },
      peerChain: [],
      username: undefined,
      password: undefined,
      browser: { open: url => void this.urls.push(url), program, gone: this.#gone.signal },
    }
  }

  /** Of the page. */
  get path(): string {
    return new URL(this.urls[0] ?? '').pathname
  }

  leave(): void {
    this.#gone.abort()
  }
}

/** A browser: it keeps cookies, and nothing else. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #site: BrowserSite
  readonly #address: string

  constructor(site: BrowserSite, address = HOME) {
    this.#site = site
    this.#address = address
  }

  get(url: string): Promise<HttpAnswer> {
    return this.#send(url, { method: 'GET' })
  }

  /** Sends the form of a page. */
  async submit({ html }: HttpAnswer, changes: Partial<HttpRequest> = {}): Promise<HttpAnswer> {
    const [, action = ''] = /<form method="post" action="([^"]*)"/.exec(html) ?? []
    const [, token = ''] = /name="token" value="([^"]*)"/.exec(html) ?? []
    const form = new URLSearchParams({ token })
    return this.#send(action, { method: 'POST', form, fetchSite: 'same-origin', ...changes })
  }

  /** Reads the page, confirms, and has the provider sign this user in. The answer is the last page. */
  async signIn(
    path: string,
    claims: object = {},
    parameters: Record<string, string> = {},
  ): Promise<HttpAnswer> {
    const sent = await this.submit(await this.get(path))
    return this.get(await this.returning(sent, claims, parameters))
  }

  /** Where the provider sends this browser back to. */
  async returning(
    { location = '' }: HttpAnswer,
    claims: object = {},
    parameters: Record<string, string> = {},
  ): Promise<string> {
    const { searchParams } = new URL(location)
    await this.#site.answer(searchParams.get('nonce') ?? undefined, claims)
    const state = searchParams.get('state') ?? ''
    return `/signin/callback?${new URLSearchParams({ code: CODE, state, ...parameters })}`
  }

  async #send(url: string, changes: Partial<HttpRequest>): Promise<HttpAnswer> {
    const { pathname, searchParams } = new URL(url, 'https://vpn.example')
    const answer = await this.#site.routes(pathname)?.answer({
      method: 'GET',
      path: pathname,
      query: searchParams,
      form: new URLSearchParams(),
      cookies: this.cookies,
      fetchSite: undefined,
      remote: { address: address(this.#address), port: 40_000 },
      ...changes,
    })
    if (!answer) throw new Error(`nothing at ${pathname}`)
    for (const line of answer.cookies ?? []) this.#keep(line)
    return answer
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (line.includes('Max-Age=0;')) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}
