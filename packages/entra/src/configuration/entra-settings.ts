import { limits } from '../limits.ts'
import { parseDestination } from '../provider/destination.ts'
import { quoted } from '../quoted.ts'
import { type AudienceRow, checkAudience, isGuid } from './audiences.ts'
import { type CloudName, cloudOfHost, clouds, issuerV1, issuerV2 } from './clouds.ts'

/** A gateway's Entra configuration as ARM has it, and ours beyond it. */
export interface EntraConfiguration {
  /** `https://login.microsoftonline.com/{tenant}`, with or without the last slash. */
  readonly aadTenant: string
  /** `https://sts.windows.net/{tenant}/`, with the last slash. */
  readonly aadIssuer: string
  readonly aadAudience: string
  /** Beyond Azure: further audiences at the same time. */
  readonly furtherAudiences?: readonly string[]
  /** Beyond Azure: accept tokens of version 2.0 too, whose issuer has another form. */
  readonly acceptV2Issuer?: boolean
}

/** What a configuration comes to. */
export interface EntraSettings {
  readonly type: 'settings'
  /** Where the keys for tokens are found: of v1 at Entra, unless the issuer is that of v2. */
  readonly authority: string
  /** Directory id; `undefined` at a provider other than Entra whose URL has none. */
  readonly tenant: string | undefined
  readonly issuers: readonly string[]
  readonly audiences: readonly string[]
  /** `undefined` at a provider other than Entra. */
  readonly cloud: CloudName | undefined
  /** The rows of Azure's table behind the audiences. */
  readonly rows: readonly AudienceRow[]
  /** Where users sign in with the browser, and who issues the ID tokens of that: v2 at Entra. */
  readonly browser: { readonly authority: string; readonly issuer: string }
}

/** Something that the operator has to change, and in which property. */
export interface ConfigurationProblem {
  readonly property: keyof EntraConfiguration
  /** A line that says what is wrong and what to do. */
  readonly message: string
}

/** A configuration that cannot be used, with all that is wrong with it. */
export interface RefusedConfiguration {
  readonly type: 'refused'
  readonly problems: readonly ConfigurationProblem[]
}

/**
 * Checks a configuration. At Entra's own hosts tenant, issuer and audience have to fit together; any other
 * host is an OpenID provider of one's own, whose issuer may be any https URL.
 */
export function readEntraConfiguration(
  configuration: EntraConfiguration,
): EntraSettings | RefusedConfiguration {
  const problems: ConfigurationProblem[] = []
  const report = (property: keyof EntraConfiguration, message: string): void => {
    problems.push({ property, message })
  }
  const place = readTenant(configuration.aadTenant, report)
  checkIssuer(configuration.aadIssuer, place, report)
  const { accepted, rows } = readAudiences(configuration, place.cloud, report)
  if (problems.length > 0) return { type: 'refused', problems }
  const browser = browserPlace(configuration, place)
  const isV2 = configuration.aadIssuer === browser.issuer
  return {
    type: 'settings',
    ...place,
    authority: isV2 ? browser.authority : place.authority,
    issuers: readIssuers(configuration, place),
    audiences: accepted,
    rows,
    browser,
  }
}

type Report = (property: keyof EntraConfiguration, message: string) => void

interface Place {
  readonly authority: string
  readonly tenant: string | undefined
  readonly cloud: CloudName | undefined
}

function readTenant(text: string, report: Report): Place {
  const target = parseDestination(text, false)
  if (target.type === 'fault') {
    report('aadTenant', `${target.reason}: it looks like https://login.microsoftonline.com/{tenant id}`)
    return { authority: text, tenant: undefined, cloud: undefined }
  }
  const { url } = target
  const cloud = cloudOfHost(url.host)
  const segments = url.pathname.split('/').filter(segment => segment !== '')
  const tenant = segments.map(segment => segment.toLowerCase()).find(isGuid)
  const isWhole = segments.length === 1 && tenant !== undefined
  if (cloud && !isWhole) report('aadTenant', `${quoted(text)} does not end in the id of the tenant, a GUID`)
  if (url.search !== '' || url.hash !== '') report('aadTenant', `${quoted(text)} goes on after the tenant`)
  const authority = cloud ? `${url.origin}/${tenant}` : `${url.origin}${url.pathname.replace(/\/+$/, '')}`
  return { authority, tenant, cloud }
}

function checkIssuer(issuer: string, { cloud, tenant }: Place, report: Report): void {
  const target = parseDestination(issuer, false)
  if (target.type === 'fault') report('aadIssuer', target.reason)
  if (target.type === 'fault' || !cloud || tenant === undefined) return
  const wanted = issuerV1(cloud, tenant)
  if (issuer === wanted || issuer === issuerV2(cloud, tenant)) return
  const hint = `${issuer}/` === wanted ? ' (the slash at the end is missing)' : ''
  const message = `${quoted(issuer)} is not the issuer of this tenant in ${clouds[cloud].name}: ${wanted}${hint}`
  report('aadIssuer', message)
}

function readIssuers({ aadIssuer, acceptV2Issuer }: EntraConfiguration, { cloud, tenant }: Place): string[] {
  if (!acceptV2Issuer || !cloud || tenant === undefined) return [aadIssuer]
  return [...new Set([aadIssuer, issuerV2(cloud, tenant)])]
}

/** Entra's v1 endpoints want a resource with each request; those of v2 are plain OpenID Connect. */
function browserPlace(
  { aadIssuer }: EntraConfiguration,
  { authority, cloud, tenant }: Place,
): EntraSettings['browser'] {
  if (!cloud || tenant === undefined) return { authority, issuer: aadIssuer }
  return { authority: `${authority}/v2.0`, issuer: issuerV2(cloud, tenant) }
}

function readAudiences(
  { aadAudience, furtherAudiences = [] }: EntraConfiguration,
  cloud: CloudName | undefined,
  report: Report,
): { accepted: readonly string[]; rows: readonly AudienceRow[] } {
  const [accepted, rows] = [new Set<string>(), new Set<AudienceRow>()]
  for (const [i, text] of [aadAudience, ...furtherAudiences].entries()) {
    const property = i === 0 ? 'aadAudience' : 'furtherAudiences'
    const checked = checkAudience(text, cloud)
    if (checked.type === 'fault') report(property, checked.reason)
    else rows.add(checked.row)
    if (checked.type === 'audience') for (const value of checked.accepted) accepted.add(value)
  }
  if (accepted.size > limits.audiences) report('furtherAudiences', `at most ${limits.audiences} audiences`)
  return { accepted: [...accepted], rows: [...rows] }
}
