import { quoted } from '../quoted.ts'
import { type Fault, fault } from '../result.ts'
import { type CloudName, clouds } from './clouds.ts'

/** A system on which the Azure VPN Client runs. */
export type AzureVpnClientSystem = 'Linux' | 'Windows' | 'macOS'

/** One row of Azure's table of App IDs and audiences. */
export interface AudienceRow {
  readonly registration: 'microsoft' | 'manual' | 'custom'
  /** `undefined` for a custom app, which may be in any cloud. */
  readonly cloud: CloudName | undefined
  /** The audience, which is the App ID. `undefined` for a custom app. */
  readonly audience: string | undefined
  /** Where the Azure VPN Client can sign in for this audience. */
  readonly clients: readonly AzureVpnClientSystem[]
}

const everySystem: readonly AzureVpnClientSystem[] = ['Linux', 'Windows', 'macOS']
/** The Azure VPN Client for Linux does not know the older, manually registered app. */
const olderSystems: readonly AzureVpnClientSystem[] = ['Windows', 'macOS']

const manual = (cloud: CloudName, audience: string): AudienceRow => ({
  registration: 'manual',
  cloud,
  audience,
  clients: olderSystems,
})

/** Azure's table: which audiences there are, and whom each serves. */
export const audienceRows: readonly AudienceRow[] = [
  {
    registration: 'microsoft',
    cloud: 'AzurePublic',
    audience: 'c632b3df-fb67-4d84-bdcf-b95ad541b5c8',
    clients: everySystem,
  },
  manual('AzurePublic', '41b23e61-6c1e-4545-b367-cd054e0ed4b4'),
  manual('AzureGovernment', '51bb15d4-3a4f-4ebf-9dca-40096fe32426'),
  manual('AzureGermany', '538ee9e6-310a-468d-afef-ea97365856a9'),
  manual('AzureChina', '49f817b6-84ae-4cc0-928c-73f27289b3aa'),
  { registration: 'custom', cloud: undefined, audience: undefined, clients: everySystem },
]

/** A configured audience that makes sense. */
export interface CheckedAudience {
  readonly type: 'audience'
  readonly row: AudienceRow
  /** Values of `aud` that are accepted for it. */
  readonly accepted: readonly string[]
}

const guidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** An App ID URI: RFC 3986's unreserved characters and slashes. */
const uriForm = /^api:\/\/[A-Za-z0-9._~-][A-Za-z0-9._~/-]{0,254}$/

/** Whether the text is a GUID in lower case. */
export function isGuid(text: string): boolean {
  return guidForm.test(text)
}

/**
 * Checks a configured audience: one of {@link audienceRows}, or a custom app by its App ID or App ID URI. The
 * token of a custom app may name it in either form (`GUID`, `api://GUID`), whichever was configured.
 *
 * @param cloud the cloud of the tenant: an audience of another cloud is a fault, whose reason says which.
 */
export function checkAudience(text: string, cloud: CloudName | undefined): CheckedAudience | Fault {
  const lowered = text.toLowerCase()
  const known = audienceRows.find(row => row.audience === lowered)
  if (known) return checkKnown(known, lowered, cloud)
  const id = lowered.replace(/^api:\/\//, '')
  const accepted = isGuid(id) ? [id, `api://${id}`] : [text]
  const custom = audienceRows.find(row => row.registration === 'custom')
  if (custom && (isGuid(id) || uriForm.test(text))) return { type: 'audience', row: custom, accepted }
  return fault(`${quoted(text)} is no audience: it is an App ID (a GUID) or an App ID URI (api://…)`)
}

function checkKnown(
  row: AudienceRow,
  audience: string,
  cloud: CloudName | undefined,
): CheckedAudience | Fault {
  if (!row.cloud || !cloud || row.cloud === cloud) return { type: 'audience', row, accepted: [audience] }
  const right = audienceRows.filter(other => other.cloud === cloud).map(other => other.audience)
  const [own, wanted] = [clouds[row.cloud].name, clouds[cloud].name]
  return fault(`audience ${audience} is for ${own}, the tenant is in ${wanted}: use ${right.join(' or ')}`)
}
