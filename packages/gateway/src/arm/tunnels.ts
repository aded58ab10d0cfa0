import {
  AUTHENTICATION_TYPES,
  type AuthenticationType,
  CLIENT_PROTOCOLS,
  type ClientProtocol,
  canonicalName,
  quote,
  type VpnClientConfiguration,
} from '@causeway/api-contract'
import type { TunnelType } from '../authentication/identity.ts'
import type { Report } from './configuration-fault.ts'

/** What this version serves; the rest is refused rather than silently left out. */
const SERVED_PROTOCOLS: readonly ClientProtocol[] = ['OpenVPN', 'IkeV2', 'SSTP']
const SERVED_AUTHENTICATION: readonly AuthenticationType[] = ['Certificate']

/** Reads tunnel types and checks authentication types. Absent authentication types mean `Certificate`. */
export function readTunnels(
  clients: VpnClientConfiguration,
  p2sPath: string,
  report: Report,
): ReadonlySet<TunnelType> {
  const protocols = clients.vpnClientProtocols ?? []
  const protocolPath = `${p2sPath}.vpnClientProtocols`
  if (protocols.length === 0)
    report(protocolPath, 'names no tunnel type', `add ${SERVED_PROTOCOLS.join(' or ')}`)
  checkNames(protocols, protocolPath, CLIENT_PROTOCOLS, SERVED_PROTOCOLS, report)
  const authentication = clients.vpnAuthenticationTypes ?? ['Certificate']
  const authenticationPath = `${p2sPath}.vpnAuthenticationTypes`
  if (authentication.length === 0) report(authenticationPath, 'is empty', 'add Certificate')
  checkNames(authentication, authenticationPath, AUTHENTICATION_TYPES, SERVED_AUTHENTICATION, report)
  return new Set(protocols.flatMap(name => canonicalName(CLIENT_PROTOCOLS, name) ?? []))
}

function checkNames<Name extends string>(
  texts: readonly string[],
  path: string,
  known: readonly Name[],
  served: readonly Name[],
  report: Report,
): void {
  for (const [i, text] of texts.entries()) {
    const name = canonicalName(known, text)
    if (name === undefined) report(`${path}[${i}]`, `${quote(text)} is not known`, `use ${served.join(', ')}`)
    else if (!served.includes(name))
      report(
        `${path}[${i}]`,
        `this version does not serve ${name}`,
        `take it out and use ${served.join(', ')}`,
      )
  }
}
