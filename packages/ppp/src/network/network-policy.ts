import type { PppEvent } from '../link-output.ts'
import type { OptionPolicy } from '../negotiation/option-policy.ts'

/** The families, as the contract names them. */
export type Family = 'ipv4' | 'ipv6'

export type NetworkOpened = Extract<PppEvent, { readonly type: `${Family}-opened` }>

/** Options of a network control protocol. */
export interface NetworkPolicy extends OptionPolicy {
  /** What has been agreed on, once both ends have acknowledged. */
  opened(): NetworkOpened
}
