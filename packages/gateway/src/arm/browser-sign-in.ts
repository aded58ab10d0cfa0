import {
  type CompleteEntraBrowserSettings,
  type CompleteGatewaySettings,
  quote,
  SECRET_TEXT,
} from '@causeway/api-contract'
import { formatIpAddress, parseIpAddress } from '@causeway/wire'
import type { EntraBrowserConfiguration, GatewayConfiguration, Listener } from '../configuration.ts'
import type { Report } from './configuration-fault.ts'

/** The URL that a client opens is this with a short path, in 220 characters. */
const PUBLIC_URL_CHARACTERS = 180
/** Questions to the provider come from one address: more often they would look like an attack. */
const RECHECK_MINIMUM_SECONDS = 10
const HTTPS_PORT = 443

/**
 * Reads the settings' `entra.browser`. `undefined`: there is none, it was reported what is wrong, or the Entra part has
 * faults of its own.
 */
export function readBrowser(
  { entra, authentication, listeners }: GatewayConfiguration,
  { entra: settings, hostNames }: CompleteGatewaySettings,
  report: Report,
): EntraBrowserConfiguration | undefined {
  const { browser } = settings
  if (!browser) return undefined
  if (!authentication.get('OpenVPN')?.has('AAD')) {
    const remedy = 'add AAD to vpnAuthenticationTypes of a gateway with OpenVPN, or take it out'
    report('entra.browser', 'is for gateways where AAD serves OpenVPN', remedy)
    return undefined
  }
  checkClient(browser, report)
  const publicUrl = readPublicUrl(browser.publicUrl, hostNames, listeners, report)
  if (!entra || publicUrl === undefined) return undefined
  const { publicUrl: _, ...rest } = browser
  return { ...rest, publicUrl }
}

function checkClient(
  { clientSecret, scopes, recheckSeconds }: CompleteEntraBrowserSettings,
  report: Report,
): void {
  if (clientSecret === SECRET_TEXT)
    report('entra.browser.clientSecret', `is ${SECRET_TEXT}, and none is known`, 'give it, or take it out')
  if (!scopes.includes('openid'))
    report('entra.browser.scopes', 'has no openid', 'add it: without it there is no ID token')
  if (recheckSeconds > 0 && recheckSeconds < RECHECK_MINIMUM_SECONDS) {
    const problem = `${recheckSeconds} is too often`
    report('entra.browser.recheckSeconds', problem, `give ${RECHECK_MINIMUM_SECONDS} or more, or 0 for never`)
  }
}

/** An origin: the pages have paths of their own. */
function readPublicUrl(
  given: string | undefined,
  hostNames: readonly string[],
  listeners: readonly Listener[],
  report: Report,
): string | undefined {
  const shared = listeners.find(({ service }) => service === 'shared')
  if (!shared) report('listeners', 'has no TCP port, which browsers need', 'add one, as tcp 0.0.0.0 443')
  const text = given ?? (shared && defaultUrl(hostNames[0], shared.local.port))
  if (text === undefined) {
    if (shared) report('entra.browser.publicUrl', 'is missing, and so are hostNames', 'give one of them')
    return undefined
  }
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isOrigin = url?.protocol === 'https:' && [url.origin, `${url.origin}/`].includes(url.href)
  if (!(url && isOrigin) || url.origin.length > PUBLIC_URL_CHARACTERS) {
    const remedy = `give one of at most ${PUBLIC_URL_CHARACTERS} characters, as https://vpn.example.org:8443`
    report('entra.browser.publicUrl', `${quote(text)} is not an https URL without a path`, remedy)
    return undefined
  }
  return url.origin
}

function defaultUrl(hostName: string | undefined, port: number): string | undefined {
  if (hostName === undefined) return undefined
  const address = parseIpAddress(hostName)
  const host = address?.family === 6 ? `[${formatIpAddress(address)}]` : hostName
  return port === HTTPS_PORT ? `https://${host}` : `https://${host}:${port}`
}
