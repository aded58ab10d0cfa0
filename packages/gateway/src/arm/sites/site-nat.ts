import { type Connection, type NatRuleResource, parseResourceId, quote } from '@causeway/api-contract'
import { type IpPrefix, parseIpPrefix } from '@causeway/wire'
import type { SiteNat, SiteNatAddresses, SiteNatRule } from '../../site/site-configuration.ts'
import { networkAdvice } from '../address-space.ts'
import type { Report } from '../configuration-fault.ts'
import type { SiteSurroundings } from './site-surroundings.ts'

type Properties = Connection['properties']
type Mapping = NonNullable<NonNullable<NatRuleResource['properties']>['internalMappings']>[number]

const PORT_MAXIMUM = 65_535
/** Of a connection, each way: ours. Azure has 100 rules in a gateway. */
const MAPPING_LIMIT = 255
const MODES = { ingressNatRules: 'IngressSnat', egressNatRules: 'EgressSnat' } as const

/** A connection's NAT rules, which stand in its gateway (Azure: "About NAT on Azure VPN Gateway"). */
export function readSiteNat(properties: Properties, surroundings: SiteSurroundings, report: Report): SiteNat {
  const nat = {
    egress: readList('egressNatRules', properties, surroundings, report),
    ingress: readList('ingressNatRules', properties, surroundings, report),
  }
  if (nat.egress.length + nat.ingress.length > 0) checkPlace(properties, report)
  for (const way of ['egress', 'ingress'] as const) {
    const { length } = nat[way]
    if (length > MAPPING_LIMIT)
      report(`properties.${way}NatRules`, `has ${length} mappings`, `give ${MAPPING_LIMIT} or fewer`)
  }
  return nat
}

/** Azure: only between sites, and where the selectors hold everything. */
function checkPlace(properties: Properties, report: Report): void {
  const used = (['ingressNatRules', 'egressNatRules'] as const).find(
    list => (properties[list] ?? []).length > 0,
  )
  const path = `properties.${used ?? 'ingressNatRules'}`
  if (properties.connectionType.toLowerCase() !== 'ipsec')
    report(path, `does not go with ${quote(properties.connectionType)}`, 'leave it empty, or use IPsec')
  const isNarrow =
    properties.usePolicyBasedTrafficSelectors === true ||
    (properties.trafficSelectorPolicies ?? []).length > 0
  if (isNarrow)
    report(
      path,
      'needs traffic selectors that hold everything',
      'set usePolicyBasedTrafficSelectors to false and leave trafficSelectorPolicies empty, or leave it empty',
    )
}

function readList(
  list: keyof typeof MODES,
  properties: Properties,
  { gateway }: SiteSurroundings,
  report: Report,
): SiteNatRule[] {
  return (properties[list] ?? []).flatMap(({ id = '' }, i) => {
    const path = `properties.${list}[${i}].id`
    const rule = (gateway.properties.natRules ?? []).find(({ name }) => isRuleOf(id, gateway.id, name))
    if (!rule) {
      const names = (gateway.properties.natRules ?? []).map(({ name }) => name).join(', ')
      const remedy = names === '' ? 'make it first' : `use one of ${names}, or make it first`
      report(path, `${quote(id)} is no NAT rule of the gateway`, remedy)
      return []
    }
    const mode = rule.properties?.mode ?? MODES[list]
    if (mode.toLowerCase() !== MODES[list].toLowerCase()) {
      report(path, `${rule.name} is of mode ${mode}`, `give a rule of mode ${MODES[list]}`)
      return []
    }
    return readRule(rule, path, report)
  })
}

function isRuleOf(id: string, gatewayId: string | undefined, name = ''): boolean {
  const parsed = parseResourceId(id)
  if (parsed.type === 'bad') return false
  const wanted = `/natrules/${name.toLowerCase()}`
  const text = id.toLowerCase()
  return gatewayId === undefined ? text.endsWith(wanted) : text === `${gatewayId.toLowerCase()}${wanted}`
}

/** Several mappings of one rule stand beside each other: the first inside is the first outside. */
function readRule(
  { name = '', properties = {} }: NatRuleResource,
  path: string,
  report: Report,
): SiteNatRule[] {
  const { internalMappings = [], externalMappings = [] } = properties
  const type = properties.type?.toLowerCase() === 'dynamic' ? 'dynamic' : 'static'
  const say = (problem: string, remedy: string): void => report(path, `NAT rule ${name} ${problem}`, remedy)
  if (internalMappings.length === 0 || internalMappings.length !== externalMappings.length) {
    const counts = `${internalMappings.length} internalMappings and ${externalMappings.length} externalMappings`
    say(`has ${counts}`, 'give it one of each, or as many of one as of the other')
    return []
  }
  return internalMappings.flatMap((mapping, i) => {
    const internal = readMapping(mapping, say)
    const external = readMapping(externalMappings[i] ?? {}, say)
    if (!internal || !external) return []
    const rule: SiteNatRule = { name, type, internal, external }
    checkSizes(rule, say)
    return [rule]
  })
}

type Say = (problem: string, remedy: string) => void

function readMapping({ addressSpace = '', portRange }: Mapping, say: Say): SiteNatAddresses | undefined {
  const prefix = parseIpPrefix(addressSpace)
  if (!prefix) say(`maps ${quote(addressSpace)}, which is not a network`, networkAdvice(addressSpace))
  if (portRange === undefined || portRange === '') return prefix && { prefix }
  const ports = readPorts(portRange)
  if (!ports) say(`has the ports ${quote(portRange)}`, 'give one port or a range, as 100-200')
  return prefix && ports && { prefix, ports }
}

function readPorts(text: string): SiteNatAddresses['ports'] {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text.replaceAll(' ', '')) ?? []
  if (first === undefined) return undefined
  const ports = { first: Number(first), last: Number(last) }
  return ports.first >= 1 && ports.last <= PORT_MAXIMUM && ports.first <= ports.last ? ports : undefined
}

function checkSizes({ type, internal, external }: SiteNatRule, say: Say): void {
  if (family(internal.prefix) !== family(external.prefix)) {
    say('maps IPv4 and IPv6 to each other', 'give networks of one family')
    return
  }
  const [inside, outside] = [internal.prefix.length, external.prefix.length]
  if (type === 'static' && inside !== outside)
    say(
      `is static and maps a /${inside} to a /${outside}`,
      'give networks of one size, or type Dynamic for a smaller one outside',
    )
  if (type === 'dynamic' && outside < inside)
    say(
      `is dynamic and maps a /${inside} to a larger /${outside}`,
      'give a smaller one outside, or type Static',
    )
  if (type === 'static' && portCount(internal) !== portCount(external))
    say('is static and maps port ranges of different sizes', 'give ranges of one size, or none')
}

function family({ address }: IpPrefix): 4 | 6 {
  return address.family
}

function portCount({ ports }: SiteNatAddresses): number {
  return ports ? ports.last - ports.first + 1 : PORT_MAXIMUM + 1
}
