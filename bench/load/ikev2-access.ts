import type { Ikev2ClientProfile } from '@causeway/gateway'
import type { IpAddress } from '@causeway/wire'
import { type Access, credentialsOf, parseAddress, readAccess, TUNNEL_MTU } from './access.ts'

/** The groups that are measured. */
export const GROUPS = ['ECP-256', 'MODP-2048'] as const
export type Group = (typeof GROUPS)[number]

const NAT_PORT = 4500

/** AES-256-GCM for IKE and ESP, ESP in UDP, and no rekey while it is measured. */
export function profileOf(access: Access, group: Group): Ikev2ClientProfile {
  return {
    server: { address: parseAddress(access.server), port: NAT_PORT },
    ...credentialsOf(access),
    ikeSuites: [{ encryption: 'AES-GCM-16-256', prf: 'HMAC-SHA256', group }],
    espSuites: [{ encryption: 'AES-GCM-16-256' }],
    forceEncapsulation: true,
    tunnelMtu: TUNNEL_MTU,
  }
}

export function localOf(access: Access): IpAddress {
  return parseAddress(access.local)
}

/** The access and the group of a load's command line. */
export function readArguments(args: readonly string[]): { readonly access: Access; readonly group: Group } {
  const [path = '', name] = args
  const group = GROUPS.find(known => known === name)
  if (!group) throw new Error(`usage: ACCESS GROUP, with a group of ${GROUPS.join(', ')}`)
  return { access: readAccess(path), group }
}
