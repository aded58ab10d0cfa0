import {
  type Connection,
  type DocumentFault,
  readS2sPolicies,
  S2S_DH_GROUP,
  S2S_IKE_LIFETIME_SECONDS,
  S2S_IPSEC_LIFETIME,
  S2S_PFS_GROUP,
  type S2sIkeRow,
  type S2sIpsecRow,
  type S2sPolicyRows,
  s2sDefaultPolicy,
} from '@causeway/api-contract'
import type { EspEncryption, EspSuite, IkeEncryption, IkeSuite, Integrity, Prf } from '@causeway/ikev2'
import type { SiteConnection } from '../../site/site-configuration.ts'
import type { Report } from '../configuration-fault.ts'

/** What a connection's SAs may be made of, and how long they last. */
export type SitePolicy = Pick<
  SiteConnection,
  'ikeSuites' | 'espSuites' | 'ikeLifetimeSeconds' | 'childLifetimeSeconds' | 'childLifetimeKilobytes'
>

/** The connection's own policy, for either role; without one Azure's defaults. */
export function readSitePolicy(
  policies: Connection['properties']['ipsecPolicies'],
  allowWeakIpsec: boolean,
  report: Report,
): SitePolicy {
  const read = readS2sPolicies(policies ?? [], { allowWeakIpsec, path: 'properties.ipsecPolicies' })
  if (read.type === 'bad') {
    for (const { path, problem, remedy } of read.faults.map(withWholeSetting)) report(path, problem, remedy)
    return defaultPolicy(allowWeakIpsec)
  }
  const custom = read.value
  if (!custom) return defaultPolicy(allowWeakIpsec)
  const { ike, esp } = suitesOf(custom)
  return {
    ikeSuites: { initiator: ike, responder: ike },
    espSuites: { initiator: esp, responder: esp },
    ikeLifetimeSeconds: S2S_IKE_LIFETIME_SECONDS,
    childLifetimeSeconds: custom.lifetimeSeconds,
    childLifetimeKilobytes: custom.lifetimeKilobytes,
  }
}

/** The policies' reader knows the setting by its last name alone. */
function withWholeSetting(fault: DocumentFault): DocumentFault {
  return {
    ...fault,
    remedy: fault.remedy.replace('set allowWeakIpsec', "set the settings' sites.allowWeakIpsec"),
  }
}

/** Once each: all connections without a policy have the same. */
function defaultPolicy(allowWeakIpsec: boolean): SitePolicy {
  return allowWeakIpsec ? WEAK_DEFAULT : STRONG_DEFAULT
}

function makeDefault(allowWeakIpsec: boolean): SitePolicy {
  const initiator = suitesOf(s2sDefaultPolicy('initiator', allowWeakIpsec))
  const responder = suitesOf(s2sDefaultPolicy('responder', allowWeakIpsec))
  return {
    ikeSuites: { initiator: initiator.ike, responder: responder.ike },
    espSuites: { initiator: initiator.esp, responder: responder.esp },
    ikeLifetimeSeconds: S2S_IKE_LIFETIME_SECONDS,
    childLifetimeSeconds: S2S_IPSEC_LIFETIME.seconds,
    childLifetimeKilobytes: S2S_IPSEC_LIFETIME.kilobytes,
  }
}

function suitesOf({ ike, ipsec }: S2sPolicyRows): {
  readonly ike: readonly IkeSuite[]
  readonly esp: readonly EspSuite[]
} {
  return { ike: ike.map(ikeSuite), esp: ipsec.map(espSuite) }
}

const ENCRYPTION: Readonly<Record<string, EspEncryption>> = {
  GCMAES256: 'AES-GCM-16-256',
  GCMAES192: 'AES-GCM-16-192',
  GCMAES128: 'AES-GCM-16-128',
  AES256: 'AES-CBC-256',
  AES192: 'AES-CBC-192',
  AES128: 'AES-CBC-128',
}
const INTEGRITY: Readonly<Record<string, Integrity>> = {
  SHA384: 'HMAC-SHA384-192',
  SHA256: 'HMAC-SHA256-128',
  SHA1: 'HMAC-SHA1-96',
}
const PRF: Readonly<Record<string, Prf>> = {
  SHA384: 'HMAC-SHA384',
  SHA256: 'HMAC-SHA256',
  SHA1: 'HMAC-SHA1',
}
/** By transform id. */
const GROUP: Readonly<Record<number, IkeSuite['group']>> = {
  2: 'MODP-1024',
  14: 'MODP-2048',
  19: 'ECP-256',
  20: 'ECP-384',
  24: 'MODP-2048-256',
}

function ikeSuite({ encryption, integrity, prf, group }: S2sIkeRow): IkeSuite {
  const cipher = known(ENCRYPTION[encryption], encryption)
  if (cipher === 'AES-GCM-16-192') throw unsupported(encryption)
  return {
    encryption: cipher satisfies IkeEncryption,
    ...integrityOf(encryption, integrity),
    prf: known(PRF[prf], prf),
    group: known(GROUP[S2S_DH_GROUP[group].id], group),
  }
}

function espSuite({ encryption, integrity, group }: S2sIpsecRow): EspSuite {
  const { id } = S2S_PFS_GROUP[group]
  return {
    encryption: known(ENCRYPTION[encryption], encryption),
    ...integrityOf(encryption, integrity),
    ...(id !== 0 && { group: known(GROUP[id], group) }),
  }
}

/** A GCM cipher is its own integrity. */
function integrityOf(encryption: string, integrity: string): { readonly integrity?: Integrity } {
  return encryption.startsWith('GCM') ? {} : { integrity: known(INTEGRITY[integrity], integrity) }
}

/** What the rows hold was judged: names of what there is not are in none of them. */
function known<Found>(found: Found | undefined, name: string): Found {
  if (found === undefined) throw unsupported(name)
  return found
}

function unsupported(name: string): RangeError {
  return new RangeError(`${name} is in no policy that was accepted`)
}

const STRONG_DEFAULT: SitePolicy = makeDefault(false)
const WEAK_DEFAULT: SitePolicy = makeDefault(true)
