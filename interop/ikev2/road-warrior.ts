import type { Credential } from '../harness/certificates.ts'
import { certificateFile, type StrongswanConfiguration } from '../harness/strongswan.ts'
import type { Sections } from '../harness/swanctl.ts'
import { ADDRESSES } from '../harness/topology.ts'

/** How a client signs in; what it signs in with comes from `credential`. */
export type SignIn = 'pubkey' | 'eap-tls'

/** A connection of a client that wants an address and the networks behind the gateway. */
export interface RoadWarrior {
  readonly credential: Credential
  /** What the gateway has to call itself. */
  readonly serverName: string
  readonly signIn?: SignIn
  /** Certificate files between the credential and its root. */
  readonly intermediates?: readonly string[]
  /** strongSwan's words for what is proposed: `aes256gcm16-prfsha384-ecp384`; its own defaults otherwise. */
  readonly ike?: string
  readonly esp?: string
  /** Roots to trust in place of the gateway's own. */
  readonly trusts?: readonly string[]
  /** Where the gateway is; {@link ADDRESSES} says so by default. */
  readonly gateway?: string
  /** Further settings: how it signs in, of the connection, and of its only Child SA. */
  readonly local?: Sections
  readonly connection?: Sections
  readonly child?: Sections
}

/** The name of the only connection, and of the Child SA in it. */
export const CONNECTION = 'gateway'
export const CHILD = 'inside'

/** The networks that a client asks for. */
export const INSIDE_SELECTORS: readonly string[] = [ADDRESSES.insideNetwork, ADDRESSES.insideNetwork6]

/** A client with one connection, `gateway`, and one Child SA in it, `inside`. */
export function roadWarrior(options: RoadWarrior, authorities: readonly string[]): StrongswanConfiguration {
  return {
    swanctl: { connections: { [CONNECTION]: connection(options, CHILD) } },
    credentials: [options.credential],
    authorities,
  }
}

/** One connection of `swanctl.conf`. */
export function connection(options: RoadWarrior, childName: string): Sections {
  const { credential, signIn = 'pubkey', gateway = ADDRESSES.gateway, ike, esp } = options
  return {
    version: '2',
    remote_addrs: gateway,
    ...(ike === undefined ? {} : { proposals: ike }),
    vips: ['0.0.0.0', '::'],
    encap: 'yes', // kernel-libipsec carries ESP in UDP alone
    keyingtries: '1',
    local: { auth: signIn, certs: certificateFile(credential.commonName), ...options.local },
    remote: { auth: 'pubkey', id: options.serverName },
    children: {
      [childName]: {
        remote_ts: INSIDE_SELECTORS,
        ...(esp === undefined ? {} : { esp_proposals: esp }),
        ...options.child,
      },
    },
    ...options.connection,
  }
}
