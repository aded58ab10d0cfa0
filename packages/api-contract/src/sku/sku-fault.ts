import type { DocumentFault } from '../document-fault.ts'

/** The rules about SKUs and kinds of gateways. Each has tests of its own. */
export type SkuRule =
  | 'gateway-type'
  | 'vpn-type'
  | 'generation'
  | 'sku'
  | 'tier'
  | 'feature'
  | 'active-active'
  | 'gateway-subnet'
  | 'pool-size'
  | 'resize'
  | 'immutable'
  | 'tunnels'
  | 'connection-certificate'
  | 'connection-protocol'
  | 'dpd'

/** A rule that a document breaks. */
export interface SkuFault extends DocumentFault {
  readonly rule: SkuRule
  /** Values of the property at `path` that the rule allows, where they can be listed. */
  readonly allowed: readonly string[]
}

/** Takes a fault down and goes on, so that one judgement names everything that is wrong. */
export type TakeFault = (
  rule: SkuRule,
  path: string,
  problem: string,
  remedy: string,
  allowed?: readonly string[],
) => void

/** The faults that `judge` takes down. */
export function faultsOf(judge: (take: TakeFault) => void): readonly SkuFault[] {
  const faults: SkuFault[] = []
  judge(
    (rule, path, problem, remedy, allowed = []) => void faults.push({ rule, path, problem, remedy, allowed }),
  )
  return faults
}
