import {
  type BrowserSignIn,
  createBrowserSignIn,
  createOpenIdProvider,
  createTokenValidator,
  type OpenIdProvider,
  type TokenValidator,
} from '@causeway/entra'
import type { EntraBrowserConfiguration, EntraConfiguration } from '../configuration.ts'
import type { HttpRoutes } from '../listener/http-route.ts'
import { SignInDesk } from './sign-in-desk.ts'
import { CALLBACK_PATH, signInRoutes } from './sign-in-routes.ts'

/** What stands for one configuration of Entra: the provider's keys, and the sign-ins under way. */
export interface EntraSite {
  readonly configuration: EntraConfiguration
  readonly validator: TokenValidator
  /** Absent: nobody signs in through the browser. */
  readonly browser: BrowserSite | undefined
}

export interface BrowserSite {
  readonly configuration: EntraBrowserConfiguration
  readonly signIn: BrowserSignIn
  readonly desk: SignInDesk
  readonly routes: HttpRoutes
}

/** Asks nobody yet. Errors: `ERR_ENTRA_OPTION`. */
export function entraSite(configuration: EntraConfiguration, unixSeconds: () => number): EntraSite {
  const { authority, tenantId: tenant, issuer, audiences, signInAt, browser } = configuration
  const keys = provider(authority, issuer, configuration)
  const isOne = signInAt.authority === authority && signInAt.issuer === issuer
  const browsers = isOne ? keys : provider(signInAt.authority, signInAt.issuer, configuration)
  return {
    configuration,
    validator: createTokenValidator({ tenant, issuers: [issuer], audiences, keys }),
    browser: browser && browserSite(browser, tenant, browsers, unixSeconds),
  }
}

function provider(authority: string, issuer: string, { httpsAuthority }: EntraConfiguration): OpenIdProvider {
  const ca = httpsAuthority === undefined ? {} : { ca: [httpsAuthority] }
  return createOpenIdProvider({ authority, issuers: [issuer], ...ca })
}

function browserSite(
  configuration: EntraBrowserConfiguration,
  tenant: string | undefined,
  provider: OpenIdProvider,
  unixSeconds: () => number,
): BrowserSite {
  const { clientId, clientSecret, publicUrl, scopes, timeoutSeconds, sameAddress } = configuration
  const signIn = createBrowserSignIn({
    provider,
    clientId,
    ...(clientSecret !== undefined && { clientSecret }),
    redirectUri: `${publicUrl}${CALLBACK_PATH}`,
    tenant,
    scopes,
    lifetimeSeconds: timeoutSeconds,
  })
  const desk = new SignInDesk({ signIn, timeoutSeconds, sameAddress, unixSeconds })
  const routes = signInRoutes({ desk, gateway: new URL(publicUrl).host, timeoutSeconds })
  return { configuration, signIn, desk, routes }
}
