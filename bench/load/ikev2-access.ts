import { readFileSync } from 'node:fs'
import type { Ikev2ClientProfile } from '@causeway/gateway'
import { type IpAddress, parseIpAddress } from '@causeway/wire'

/** How a client reaches a responder, whichever program that is: what stands in the file that a load is given. */
export interface Ikev2Access {
  /** Addresses of the responder and of the client. */
  readonly server: string
  readonly local: string
  /** The name in the responder's certificate. */
  readonly serverName: string
  /** PEM files. */
  readonly authorityPath: string
  readonly certificatePath: string
  readonly keyPath: string
}

/** The groups that are measured. */
export const GROUPS = ['ECP-256', 'MODP-2048'] as const
export type Group = (typeof GROUPS)[number]

const NAT_PORT = 4500
/** What a client of the quick start has by default. */
const TUNNEL_MTU = 1400

/** AES-256-GCM for IKE and ESP, ESP in UDP, and no rekey while it is measured. */
export function profileOf(access: Ikev2Access, group: Group): Ikev2ClientProfile {
  const text = (path: string): string => readFileSync(path, 'utf8')
  return {
    server: { address: address(access.server), port: NAT_PORT },
    serverName: access.serverName,
    authority: text(access.authorityPath),
    certificate: text(access.certificatePath),
    privateKey: text(access.keyPath),
    ikeSuites: [{ encryption: 'AES-GCM-16-256', prf: 'HMAC-SHA256', group }],
    espSuites: [{ encryption: 'AES-GCM-16-256' }],
    forceEncapsulation: true,
    tunnelMtu: TUNNEL_MTU,
  }
}

export function localOf(access: Ikev2Access): IpAddress {
  return address(access.local)
}

/** The access and the group of a load's command line. */
export function readArguments(args: readonly string[]): {
  readonly access: Ikev2Access
  readonly group: Group
} {
  const [path = '', name] = args
  const group = GROUPS.find(known => known === name)
  if (!group) throw new Error(`usage: ACCESS GROUP, with a group of ${GROUPS.join(', ')}`)
  return { access: JSON.parse(readFileSync(path, 'utf8')) as Ikev2Access, group }
}

function address(text: string): IpAddress {
  const parsed = parseIpAddress(text)
  if (!parsed) throw new Error(`${text} is no IP address`)
  return parsed
}
