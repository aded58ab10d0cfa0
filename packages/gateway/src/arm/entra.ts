import type { CompleteEntraSettings, VpnClientConfiguration } from '@causeway/api-contract'
import { type ConfigurationProblem, type EntraSettings, readEntraConfiguration } from '@causeway/entra'
import type { EntraConfiguration } from '../configuration.ts'
import { checkAuthority } from './authority.ts'
import type { DocumentName, Report } from './configuration-fault.ts'

const REMEDIES: Readonly<Record<ConfigurationProblem['property'], string>> = {
  aadTenant: 'give the URL of your tenant, as the portal shows it',
  aadIssuer: 'give https://sts.windows.net/{tenant id}/, with the slash at its end',
  aadAudience: "give the App ID of your cloud's Azure VPN Client, or your own app's App ID or api:// URI",
  furtherAudiences: 'correct it, or take it out',
  acceptV2Issuer: 'take it out',
}

/** Reads the Entra part of the resource, with what the settings add. `undefined`: it was reported what is wrong. */
export function readEntra(
  clients: VpnClientConfiguration,
  settings: CompleteEntraSettings,
  p2sPath: string,
  inDocument: (document: DocumentName) => Report,
): EntraConfiguration | undefined {
  const { authority, additionalAudiences, httpsAuthority, sessionSecondsPastExpiry } = settings
  if (authority !== undefined) checkUrl(authority, inDocument('settings'))
  if (httpsAuthority !== undefined)
    checkAuthority(httpsAuthority, 'entra.httpsAuthority', inDocument('settings'))
  const entra = readTenant(clients, additionalAudiences, p2sPath, inDocument)
  return (
    entra && {
      authority: authority ?? entra.authority,
      ...(entra.tenant !== undefined && { tenantId: entra.tenant }),
      issuer: clients.aadIssuer ?? '',
      audience: clients.aadAudience ?? '',
      audiences: entra.audiences,
      // A provider that was named apart is one, not Entra with its two versions.
      signInAt: authority === undefined ? entra.browser : { authority, issuer: clients.aadIssuer ?? '' },
      sessionSecondsPastExpiry,
      ...(httpsAuthority !== undefined && { httpsAuthority }),
    }
  )
}

function readTenant(
  clients: VpnClientConfiguration,
  furtherAudiences: readonly string[],
  p2sPath: string,
  inDocument: (document: DocumentName) => Report,
): EntraSettings | undefined {
  const { aadTenant = '', aadIssuer = '', aadAudience = '' } = clients
  const given = { aadTenant, aadIssuer, aadAudience }
  const missing = (['aadTenant', 'aadIssuer', 'aadAudience'] as const).filter(name => given[name] === '')
  for (const name of missing) inDocument('gateway')(`${p2sPath}.${name}`, 'is missing', REMEDIES[name])
  const read = readEntraConfiguration({ ...given, furtherAudiences })
  if (read.type === 'settings') return read
  for (const { property, message } of read.problems)
    if (property === 'furtherAudiences')
      inDocument('settings')('entra.additionalAudiences', message, REMEDIES[property])
    else if (!missing.some(name => name === property))
      inDocument('gateway')(`${p2sPath}.${property}`, message, REMEDIES[property])
  return undefined
}

/** Where metadata and keys are fetched: nothing but https can be trusted with them. */
function checkUrl(text: string, report: Report): void {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url?.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (url?.protocol !== 'https:' || !isPlain)
    report('entra.authority', 'is not a plain https URL', 'give one, as https://login.example.org/tenant')
}
