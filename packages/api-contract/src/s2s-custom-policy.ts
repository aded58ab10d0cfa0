import type { IpsecPolicy } from './arm/schema/common.ts'
import { canonicalName } from './client-protocol.ts'
import { type Checked, type DocumentFault, quote } from './document-fault.ts'
import {
  S2S_DH_GROUP,
  S2S_DH_GROUP_NAMES,
  S2S_IKE_ENCRYPTION,
  S2S_IKE_ENCRYPTION_NAMES,
  S2S_IKE_INTEGRITY,
  S2S_IKE_INTEGRITY_NAMES,
  S2S_IPSEC_ENCRYPTION,
  S2S_IPSEC_ENCRYPTION_NAMES,
  S2S_IPSEC_INTEGRITY,
  S2S_IPSEC_INTEGRITY_NAMES,
  S2S_PFS_GROUP,
  S2S_PFS_GROUP_NAMES,
  type S2sAlgorithm,
  type S2sDhGroupName,
  type S2sPfsGroupName,
} from './s2s-algorithm.ts'
import type { S2sPolicyRows } from './s2s-policy.ts'

/** A connection's own policy: it takes the place of the defaults, in either role. */
export interface S2sCustomPolicy extends S2sPolicyRows {
  readonly lifetimeSeconds: number
  readonly lifetimeKilobytes: number
}

/** Least `saLifeTimeSeconds` and `saDataSizeKilobytes` (New-AzIpsecPolicy). */
export const S2S_LIFETIME_MINIMUM = { seconds: 300, kilobytes: 1_024 } as const

/** How policies are read. */
export interface S2sPolicyReading {
  /** Take what is weak too. */
  readonly allowWeakIpsec: boolean
  /** Where they stand, for faults: `properties.ipsecPolicies`. */
  readonly path: string
}

/** What the policies of a connection mean, of which it has one or none (`undefined`: the defaults); or what is wrong. */
export function readS2sPolicies(
  policies: readonly IpsecPolicy[],
  { path, ...reading }: S2sPolicyReading,
): Checked<S2sCustomPolicy | undefined> {
  const [policy, ...more] = policies
  if (!policy) return { type: 'good', value: undefined }
  if (more.length === 0) return readS2sPolicy(policy, { ...reading, path: `${path}[0]` })
  const problem = `holds ${policies.length} policies`
  return { type: 'bad', faults: [{ path, problem, remedy: 'give one, or none for the defaults' }] }
}

function readS2sPolicy(policy: IpsecPolicy, reading: S2sPolicyReading): Checked<S2sCustomPolicy> {
  const reader = new PolicyReader(policy, reading)
  const ikeEncryption = reader.pick('ikeEncryption', S2S_IKE_ENCRYPTION_NAMES, S2S_IKE_ENCRYPTION)
  const ikeIntegrity = reader.pick('ikeIntegrity', S2S_IKE_INTEGRITY_NAMES, S2S_IKE_INTEGRITY)
  const group = reader.pick('dhGroup', S2S_DH_GROUP_NAMES, S2S_DH_GROUP)
  const encryption = reader.pick('ipsecEncryption', S2S_IPSEC_ENCRYPTION_NAMES, S2S_IPSEC_ENCRYPTION)
  const integrity = reader.pick('ipsecIntegrity', S2S_IPSEC_INTEGRITY_NAMES, S2S_IPSEC_INTEGRITY)
  const pfs = reader.pickPfs(group)
  reader.checkIkeGcm(ikeEncryption, ikeIntegrity)
  reader.checkIpsecGcm(encryption, integrity)
  const lifetimeSeconds = reader.number('saLifeTimeSeconds', S2S_LIFETIME_MINIMUM.seconds)
  const lifetimeKilobytes = reader.number('saDataSizeKilobytes', S2S_LIFETIME_MINIMUM.kilobytes)
  const { faults } = reader
  if (faults.length > 0 || !(ikeEncryption && ikeIntegrity && group && encryption && integrity && pfs))
    return { type: 'bad', faults }
  const prfs = S2S_IKE_INTEGRITY[ikeIntegrity].prfs ?? []
  return {
    type: 'good',
    value: {
      ike: prfs.map(prf => ({ encryption: ikeEncryption, integrity: ikeIntegrity, prf, group })),
      ipsec: [{ encryption, integrity, group: pfs }],
      lifetimeSeconds,
      lifetimeKilobytes,
    },
  }
}

/** `PFSMM`: the group of the IKE SA. */
const PFS_OF_MAIN_MODE: Readonly<Record<S2sDhGroupName, S2sPfsGroupName>> = {
  DHGroup24: 'PFS24',
  ECP384: 'ECP384',
  ECP256: 'ECP256',
  DHGroup14: 'PFS2048',
  DHGroup2048: 'PFS2048',
  DHGroup2: 'PFS2',
  DHGroup1: 'PFS1',
  None: 'None',
}

class PolicyReader {
  readonly faults: DocumentFault[] = []
  readonly #policy: IpsecPolicy
  readonly #reading: S2sPolicyReading

  constructor(policy: IpsecPolicy, reading: S2sPolicyReading) {
    this.#policy = policy
    this.#reading = reading
  }

  pick<Name extends string>(
    property: keyof IpsecPolicy,
    names: readonly Name[],
    table: Readonly<Record<Name, S2sAlgorithm>>,
  ): Name | undefined {
    const text = String(this.#policy[property])
    const name = canonicalName(names, text)
    const wrong = name ? this.#objection(table[name]) : 'is not known'
    if (wrong === undefined) return name
    const good = names.filter(other => this.#objection(table[other]) === undefined)
    const isWeak = name && table[name].support === 'weak'
    const remedy = `use one of ${good.join(', ')}${isWeak ? ', or set allowWeakIpsec' : ''}`
    this.#report(property, `${quote(text)} ${wrong}`, remedy)
    return undefined
  }

  pickPfs(mainMode: S2sDhGroupName | undefined): S2sPfsGroupName | undefined {
    const isMainMode = this.#policy.pfsGroup.toLowerCase() === 'pfsmm'
    if (isMainMode) return mainMode && PFS_OF_MAIN_MODE[mainMode]
    return this.pick('pfsGroup', S2S_PFS_GROUP_NAMES, S2S_PFS_GROUP)
  }

  /** A GCM cipher is its own integrity, and that of no other; a hash beside it names the PRF. */
  checkIkeGcm(encryption: string | undefined, integrity: string | undefined): void {
    if (!encryption || !integrity?.startsWith('GCM') || encryption === integrity) return
    const remedy = isGcm(encryption) ? `use ${encryption}, SHA384 or SHA256` : 'use SHA384 or SHA256'
    this.#report('ikeIntegrity', `${quote(integrity)} does not go with ${quote(encryption)}`, remedy)
  }

  /** Azure's rule: with GCM the same in both. */
  checkIpsecGcm(encryption: string | undefined, integrity: string | undefined): void {
    if (!encryption || !integrity || encryption === integrity) return
    if (!isGcm(encryption) && !isGcm(integrity)) return
    const problem = `${quote(integrity)} does not go with ${quote(encryption)}`
    this.#report('ipsecIntegrity', problem, 'give the same GCM cipher in both, or none of them')
  }

  number(property: 'saLifeTimeSeconds' | 'saDataSizeKilobytes', minimum: number): number {
    const value = this.#policy[property]
    if (value < minimum) this.#report(property, `${value} is too little`, `give ${minimum} or more`)
    return value
  }

  /** Why it is not taken. */
  #objection({ support, reason = '' }: S2sAlgorithm): string | undefined {
    if (support === 'unsupported') return `is not supported: ${reason}`
    if (support === 'weak' && !this.#reading.allowWeakIpsec) return `is weak: ${reason}`
    return undefined
  }

  #report(property: keyof IpsecPolicy, problem: string, remedy: string): void {
    this.faults.push({ path: `${this.#reading.path}.${property}`, problem, remedy })
  }
}

function isGcm(name: string): boolean {
  return name.startsWith('GCM')
}
