import type { Credential } from '../harness/certificates.ts'
import type { Site } from '../harness/site-topology.ts'
import type { IkeSa } from '../harness/strongswan-sas.ts'
import { ADDRESSES } from '../harness/topology.ts'

/** How a device proves who it is, and by what it judges the gateway. */
export type DeviceProof =
  | {
      readonly type: 'psk'
      readonly secret: string
      /** What the gateway calls itself: its public address. */
      readonly gatewayIdentity: string
      /** What it calls itself; by default its public address. */
      readonly identity?: string
    }
  | {
      readonly type: 'certificate'
      readonly credential: Credential
      /** Certificate files between the credential and its root, which it sends. */
      readonly intermediates?: readonly string[]
      /** Certificate files of the gateway's issuers. */
      readonly trusts: readonly string[]
      /** The subject of the gateway's certificate: `CN=gateway`. */
      readonly gatewayIdentity: string
      /** What it calls itself; by default the subject of its certificate. */
      readonly identity?: string
    }

/** Networks here and there, of one Child SA. */
export interface DeviceSelectors {
  readonly local: readonly string[]
  readonly remote: readonly string[]
}

/** What a device is told of its only connection. Algorithms are in strongSwan's words. */
export interface DeviceOptions {
  readonly site: Site
  /** The gateway's address. */
  readonly gateway: string
  readonly proof: DeviceProof
  /** By default one Child SA: of all networks of the site, and those behind the gateway. */
  readonly selectors?: readonly DeviceSelectors[]
  readonly ike?: string
  readonly esp?: string
  /** It asks a silent gateway for a sign of life after so long, and dials anew. */
  readonly dpdSeconds?: number
}

/** A device of a site: a real program, with one connection to the gateway. */
export interface SiteDevice {
  readonly site: Site
  /** Begins the connection and waits for it. Errors: it did not come about; with what the device said. */
  initiate(): Promise<void>
  /** Waits until a Child SA is up, whoever began it. Errors: none in time; with the device's log. */
  up(timeoutMs?: number): Promise<void>
  /** Ends its SAs and tells the gateway. */
  down(): Promise<void>
  /** It dies without a word and begins anew with nothing up. */
  restart(): Promise<void>
  /** What it has said. */
  log(): Promise<string>
  stop(): Promise<void>
}

/** A device that tells of its SAs. */
export interface TellingDevice extends SiteDevice {
  sas(): Promise<readonly IkeSa[]>
}

/** All networks of a site, and those behind the gateway. */
export function selectorsOf({
  site,
  selectors,
}: Pick<DeviceOptions, 'site' | 'selectors'>): readonly DeviceSelectors[] {
  const local = [site.network, site.network6]
  return selectors ?? [{ local, remote: [ADDRESSES.insideNetwork, ADDRESSES.insideNetwork6] }]
}

/** The most that is waited for a connection; a device tries again by itself within it. */
export const UP_LIMIT_MS = 25_000
