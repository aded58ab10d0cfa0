import type { NatAddresses, NatRule, NatRules } from './nat-rules.ts'
import { refuse, requireInteger, requireObject, requirePrefix } from './validate.ts'

/** Of one list; ours. Azure allows 100 of a gateway. */
const MAX_RULES = 255

/** Errors: DatapathError `ERR_DATAPATH_ARGUMENT`. */
export function validateNatRules(rules: NatRules): void {
  requireObject('rules', rules)
  for (const name of ['egress', 'ingress'] as const) {
    const list: readonly NatRule[] = rules[name]
    if (!Array.isArray(list)) refuse(name, 'must be an array')
    if (list.length > MAX_RULES) refuse(name, `must have at most ${MAX_RULES} rules`)
    for (const rule of list) validateRule(name, rule)
  }
}

function validateRule(name: string, rule: NatRule): void {
  requireObject(name, rule)
  const { type, internal, external } = rule
  validateAddresses(`${name}.internal`, internal)
  validateAddresses(`${name}.external`, external)
  if (internal.prefix.address.family !== external.prefix.address.family)
    refuse(`${name}.external`, "must be of internal's family")
  if (type === 'dynamic') return
  if (type !== 'static') refuse(`${name}.type`, "must be 'static' or 'dynamic'")
  if (internal.prefix.length !== external.prefix.length)
    refuse(`${name}.external.prefix`, "of a static rule must have internal's length")
  if (portCount(internal) !== portCount(external))
    refuse(
      `${name}.external.ports`,
      'of a static rule must be as many as internal has, or absent on both sides',
    )
}

function validateAddresses(name: string, addresses: NatAddresses): void {
  requireObject(name, addresses)
  requirePrefix(`${name}.prefix`, addresses.prefix)
  const { ports } = addresses
  if (ports === undefined) return
  requireObject(`${name}.ports`, ports)
  requireInteger(`${name}.ports.first`, ports.first, 1, 0xffff)
  requireInteger(`${name}.ports.last`, ports.last, 1, 0xffff)
  if (ports.first > ports.last) refuse(`${name}.ports.first`, 'must not be above last')
}

/** `undefined`: all. */
function portCount({ ports }: NatAddresses): number | undefined {
  return ports && ports.last - ports.first
}
