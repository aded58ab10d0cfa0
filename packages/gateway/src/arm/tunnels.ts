import {
  AUTHENTICATION_TYPES,
  type AuthenticationType,
  CLIENT_PROTOCOLS,
  canonicalName,
  judgeAuthentication,
  quote,
  type VpnClientConfiguration,
} from '@causeway/api-contract'
import type { GatewayConfiguration } from '../configuration.ts'
import type { Report } from './configuration-fault.ts'

/** Who connects over what, and signs in how. */
export interface Tunnels extends Pick<GatewayConfiguration, 'tunnels' | 'authentication'> {
  /** What is configured, for whichever tunnel type. */
  readonly types: ReadonlySet<AuthenticationType>
}

/** Reads tunnel types and authentication types, which must be in the table. Absent authentication types mean `Certificate`. */
export function readTunnels(clients: VpnClientConfiguration, p2sPath: string, report: Report): Tunnels {
  const protocols = clients.vpnClientProtocols ?? []
  const protocolPath = `${p2sPath}.vpnClientProtocols`
  if (protocols.length === 0)
    report(protocolPath, 'names no tunnel type', `add ${CLIENT_PROTOCOLS.join(' or ')}`)
  const tunnels = readNames(protocols, protocolPath, CLIENT_PROTOCOLS, report)
  const names = clients.vpnAuthenticationTypes ?? ['Certificate']
  const typesPath = `${p2sPath}.vpnAuthenticationTypes`
  if (names.length === 0) report(typesPath, 'is empty', `add ${AUTHENTICATION_TYPES.join(' or ')}`)
  const types = readNames(names, typesPath, AUTHENTICATION_TYPES, report)
  // What was reported already is not reported again as a gap of the table.
  const isWhole = tunnels.size > 0 && types.size > 0 && types.size === new Set(names.map(lowered)).size
  const verdict = isWhole ? judgeAuthentication(tunnels, types) : undefined
  if (verdict?.type === 'refused') report(typesPath, verdict.problem, verdict.remedy)
  return { tunnels, types, authentication: verdict?.type === 'allowed' ? verdict.methods : new Map() }
}

/** Those that are known; the others are reported. */
function readNames<Name extends string>(
  texts: readonly string[],
  path: string,
  known: readonly Name[],
  report: Report,
): ReadonlySet<Name> {
  const found = texts.flatMap((text, i): Name | [] => {
    const name = canonicalName(known, text)
    if (name === undefined) report(`${path}[${i}]`, `${quote(text)} is not known`, `use ${known.join(', ')}`)
    return name ?? []
  })
  return new Set(found)
}

function lowered(text: string): string {
  return text.toLowerCase()
}
