import {
  canonicalName,
  DH_GROUP_NAMES,
  type DhGroupName,
  IKE_ENCRYPTION_NAMES,
  IKE_INTEGRITY_NAMES,
  type IkeEncryptionName,
  type IkeIntegrityName,
  type IkePolicyRow,
  IPSEC_ENCRYPTION_NAMES,
  IPSEC_INTEGRITY_NAMES,
  type IpsecEncryptionName,
  type IpsecIntegrityName,
  type IpsecPolicy,
  type IpsecPolicyRow,
  P2S_IKE_POLICY,
  P2S_IPSEC_POLICY,
  PFS_GROUP_NAMES,
  quote,
} from '@causeway/api-contract'
import type { EspEncryption, EspSuite, IkeEncryption, IkeSuite, Integrity, Prf } from '@causeway/ikev2'
import type { Report } from './configuration-fault.ts'

/** What IKE and IPsec SAs of point-to-site clients may be made of. */
export interface P2sPolicies {
  readonly ikeSuites: readonly IkeSuite[]
  readonly espSuites: readonly EspSuite[]
  /** Only a custom policy says them. */
  readonly saLifetimeSeconds?: number
  readonly saLifetimeBytes?: number
}

/** `saLifeTimeSeconds`: what Azure's cmdlets take; `saDataSizeKilobytes`: from 1 MB on. */
const LIFETIME_SECONDS = { minimum: 300, maximum: 172_799 } as const
const DATA_SIZE_KILOBYTES = { minimum: 1_024, maximum: 2_147_483_647 } as const

/** The custom policy, where there is one; else the defaults of the document. */
export function readP2sPolicies(policies: readonly IpsecPolicy[], path: string, report: Report): P2sPolicies {
  const [policy] = policies
  if (!policy)
    return { ikeSuites: P2S_IKE_POLICY.map(ikeSuite), espSuites: P2S_IPSEC_POLICY.map(espSuiteOf()) }
  if (policies.length > 1) report(path, `holds ${policies.length} policies`, 'give one')
  return readCustom(policy, `${path}[0]`, report)
}

function readCustom(policy: IpsecPolicy, path: string, report: Report): P2sPolicies {
  const pick = <Name extends string>(
    property: keyof IpsecPolicy,
    names: readonly Name[],
  ): Name | undefined => {
    const text = String(policy[property])
    const name = canonicalName(names, text)
    if (!name)
      report(`${path}.${property}`, `${quote(text)} is not accepted`, `use one of ${names.join(', ')}`)
    return name
  }
  const ikeEncryption = pick('ikeEncryption', IKE_ENCRYPTION_NAMES)
  const ikeIntegrity = pick('ikeIntegrity', IKE_INTEGRITY_NAMES)
  const group = pick('dhGroup', DH_GROUP_NAMES)
  const encryption = pick('ipsecEncryption', IPSEC_ENCRYPTION_NAMES)
  const integrity = pick('ipsecIntegrity', IPSEC_INTEGRITY_NAMES)
  const pfs = pick('pfsGroup', PFS_GROUP_NAMES)
  if (encryption && integrity) checkTogether(encryption, integrity, path, report)
  const times = {
    saLifetimeSeconds: readNumber('saLifeTimeSeconds', policy, LIFETIME_SECONDS, path, report),
    saLifetimeBytes: readNumber('saDataSizeKilobytes', policy, DATA_SIZE_KILOBYTES, path, report) * 1_024,
  }
  if (!(ikeEncryption && ikeIntegrity && group && encryption && integrity && pfs))
    return { ikeSuites: [], espSuites: [], ...times }
  const row = { encryption: ikeEncryption, integrity: ikeIntegrity, prf: ikeIntegrity, group }
  return {
    ikeSuites: [ikeSuite(row)],
    espSuites: [espSuiteOf(group)({ encryption, integrity, group: pfs })],
    ...times,
  }
}

/** A GCM cipher is its own integrity, and serves no other (Azure's rule). */
function checkTogether(
  encryption: IpsecEncryptionName,
  integrity: IpsecIntegrityName,
  path: string,
  report: Report,
): void {
  const isGcm = encryption.startsWith('GCM') || integrity.startsWith('GCM')
  if (isGcm && encryption !== integrity)
    report(
      `${path}.ipsecIntegrity`,
      `${integrity} does not go with ipsecEncryption ${encryption}`,
      'with GCM give the same name for both',
    )
}

function readNumber(
  property: 'saLifeTimeSeconds' | 'saDataSizeKilobytes',
  policy: IpsecPolicy,
  { minimum, maximum }: { readonly minimum: number; readonly maximum: number },
  path: string,
  report: Report,
): number {
  const value = policy[property]
  if (value < minimum || value > maximum)
    report(`${path}.${property}`, `${value} is not accepted`, `give ${minimum} to ${maximum}`)
  return value
}

const IKE_ENCRYPTION: Readonly<Record<IkeEncryptionName, IkeEncryption>> = {
  GCMAES256: 'AES-GCM-16-256',
  GCMAES128: 'AES-GCM-16-128',
  AES256: 'AES-CBC-256',
  AES128: 'AES-CBC-128',
}
const PRF: Readonly<Record<IkeIntegrityName, Prf>> = { SHA384: 'HMAC-SHA384', SHA256: 'HMAC-SHA256' }
const GROUP: Readonly<Record<DhGroupName, IkeSuite['group']>> = {
  DHGroup24: 'MODP-2048-256',
  ECP384: 'ECP-384',
  ECP256: 'ECP-256',
  DHGroup14: 'MODP-2048',
  DHGroup2: 'MODP-1024',
}
const INTEGRITY: Readonly<Record<'SHA384' | 'SHA256' | 'SHA1', Integrity>> = {
  SHA384: 'HMAC-SHA384-192',
  SHA256: 'HMAC-SHA256-128',
  SHA1: 'HMAC-SHA1-96',
}

function ikeSuite({ encryption, integrity, prf, group }: IkePolicyRow): IkeSuite {
  return {
    encryption: IKE_ENCRYPTION[encryption],
    ...integrityOf(encryption, integrity),
    prf: PRF[prf],
    group: GROUP[group],
  }
}

/** @param mainMode the group of the IKE SA, which `PFSMM` stands for. */
function espSuiteOf(mainMode: DhGroupName = 'DHGroup14'): (row: IpsecPolicyRow) => EspSuite {
  return ({ encryption, integrity, group }) => {
    const cipher: EspEncryption = IKE_ENCRYPTION[encryption]
    const pfs = pfsGroup(group, mainMode)
    return { encryption: cipher, ...integrityOf(encryption, integrity), ...(pfs && { group: pfs }) }
  }
}

function integrityOf(
  encryption: IkeEncryptionName,
  integrity: IkePolicyRow['integrity'] | IpsecIntegrityName,
): { readonly integrity?: Integrity } {
  if (encryption.startsWith('GCM') || integrity === 'GCMAES256' || integrity === 'GCMAES128') return {}
  return { integrity: INTEGRITY[integrity] }
}

function pfsGroup(name: IpsecPolicyRow['group'], mainMode: DhGroupName): IkeSuite['group'] | undefined {
  switch (name) {
    case 'None':
      return undefined
    case 'PFSMM':
      return GROUP[mainMode]
    case 'PFS24':
      return GROUP.DHGroup24
    case 'PFS14':
      return GROUP.DHGroup14
    case 'PFS2':
      return GROUP.DHGroup2
    default:
      return GROUP[name]
  }
}
