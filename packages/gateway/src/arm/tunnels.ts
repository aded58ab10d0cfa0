import {
  AUTHENTICATION_TYPES,
  type AuthenticationType,
  CLIENT_PROTOCOLS,
  type ClientProtocol,
  canonicalName,
  quote,
  type VpnClientConfiguration,
} from '@causeway/api-contract'
import type { Report } from './configuration-fault.ts'

/** What this version serves; the rest is refused rather than silently left out. */
const SERVED_PROTOCOLS: readonly ClientProtocol[] = ['OpenVPN']
const SERVED_AUTHENTICATION: readonly AuthenticationType[] = ['Certificate']

/** Checks tunnel types and authentication types. Absent authentication types mean `Certificate`. */
export function checkTunnels(clients: VpnClientConfiguration, p2sPath: string, report: Report): void {
  const protocols = clients.vpnClientProtocols ?? []
  const protocolPath = `${p2sPath}.vpnClientProtocols`
  if (!protocols.some(name => canonicalName(CLIENT_PROTOCOLS, name) === 'OpenVPN'))
    report(protocolPath, 'does not hold OpenVPN', 'add OpenVPN')
  checkNames(protocols, protocolPath, CLIENT_PROTOCOLS, SERVED_PROTOCOLS, report)
  const authentication = clients.vpnAuthenticationTypes ?? ['Certificate']
  const authenticationPath = `${p2sPath}.vpnAuthenticationTypes`
  if (authentication.length === 0) report(authenticationPath, 'is empty', 'add Certificate')
  checkNames(authentication, authenticationPath, AUTHENTICATION_TYPES, SERVED_AUTHENTICATION, report)
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
