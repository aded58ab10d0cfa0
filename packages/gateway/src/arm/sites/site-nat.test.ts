import type { NatRuleResource } from '@causeway/api-contract'
import { formatIpPrefix } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import type { SiteNatRule } from '../../site/site-configuration.ts'
import { connectionOf, faultsWith, natRuleId, REMOTE_GATEWAY_ID, siteOf, toGateway } from './sites.suite.ts'

type Rule = NonNullable<NatRuleResource['properties']>

const mapping = (addressSpace: string, portRange?: string) => ({
  addressSpace,
  ...(portRange !== undefined && { portRange }),
})

function rule(name: string, from: string, to: string, properties: Partial<Rule> = {}): NatRuleResource {
  return {
    name,
    properties: {
      type: 'Static',
      mode: 'IngressSnat',
      internalMappings: [mapping(from)],
      externalMappings: [mapping(to)],
      ...properties,
    },
  }
}

const around = (...natRules: NatRuleResource[]) => ({ gateway: { natRules } })
const ingress = (...names: string[]) => ({ ingressNatRules: names.map(name => ({ id: natRuleId(name) })) })
const text = ({ name, type, internal, external }: SiteNatRule): string =>
  `${name} ${type} ${formatIpPrefix(internal.prefix)} > ${formatIpPrefix(external.prefix)}`

describe('NAT rules', () => {
  it('are found in the gateway, by ids in any case, in the order of the connection', () => {
    const rules = around(
      rule('one', '10.20.0.0/24', '100.64.0.0/24'),
      rule('Two', '10.20.1.0/24', '100.64.1.0/24'),
      rule('out', '10.1.0.0/24', '100.65.0.0/32', { type: 'Dynamic', mode: 'EgressSnat' }),
    )
    const egressNatRules = [{ id: natRuleId('out').toUpperCase() }]
    const { nat } = siteOf(connectionOf({ ...ingress('two', 'one'), egressNatRules }), rules)
    expect(nat.ingress.map(text)).toEqual([
      'Two static 10.20.1.0/24 > 100.64.1.0/24',
      'one static 10.20.0.0/24 > 100.64.0.0/24',
    ])
    expect(nat.egress.map(text)).toEqual(['out dynamic 10.1.0.0/24 > 100.65.0.0/32'])
  })

  it('with several mappings are a rule for each pair', () => {
    const pairs = rule('r', '', '', {
      internalMappings: [mapping('10.20.0.0/24'), mapping('10.20.1.0/24', '80')],
      externalMappings: [mapping('100.64.0.0/24'), mapping('100.64.1.0/24', '8080')],
    })
    const { ingress: found } = siteOf(connectionOf(ingress('r')), around(pairs)).nat
    expect(found.map(text)).toEqual([
      'r static 10.20.0.0/24 > 100.64.0.0/24',
      'r static 10.20.1.0/24 > 100.64.1.0/24',
    ])
    expect(found[0]?.internal.ports).toBeUndefined()
    expect(found[1]?.internal.ports).toEqual({ first: 80, last: 80 })
  })

  it('let a site have the addresses of the network inside', () => {
    const overlapping = { addressPrefixes: ['10.1.2.0/24'] }
    const mapped = around(rule('r', '10.1.2.0/24', '100.64.0.0/24'))
    expect(
      siteOf(connectionOf(ingress('r'), overlapping), mapped).remotePrefixes.map(formatIpPrefix),
    ).toEqual(['10.1.2.0/24'])
    const half = around(rule('r', '10.1.2.0/25', '100.64.0.0/25'))
    expect(faultsWith(connectionOf(ingress('r'), overlapping), half)).toEqual([
      expect.stringContaining('10.1.2.0/24 overlaps 10.1.0.0/16, the network inside'),
    ])
    const wide = { addressPrefixes: ['10.0.0.0/8'] }
    const inside = around(rule('r', '10.1.0.0/16', '100.64.0.0/16'))
    expect(siteOf(connectionOf(ingress('r'), wide), inside).remotePrefixes).toHaveLength(1)
  })

  it.each<[string, NatRuleResource | undefined, string]>([
    ['that there is not', undefined, 'is no NAT rule of the gateway; make it first'],
    [
      'of the other mode',
      rule('r', '10.20.0.0/24', '100.64.0.0/24', { mode: 'EgressSnat' }),
      'r is of mode EgressSnat; give a rule of mode IngressSnat',
    ],
    [
      'without mappings',
      rule('r', '', '', { internalMappings: [], externalMappings: [] }),
      'NAT rule r has 0 internalMappings and 0 externalMappings',
    ],
    [
      'with one side',
      rule('r', '10.20.0.0/24', '', { externalMappings: [] }),
      'has 1 internalMappings and 0 externalMappings',
    ],
    [
      'of no networks',
      rule('r', '10.20.0.1/24', '100.64.0.0/24'),
      "NAT rule r maps '10.20.0.1/24', which is not a network",
    ],
    [
      'of two sizes',
      rule('r', '10.20.0.0/24', '100.64.0.0/25'),
      'is static and maps a /24 to a /25; give networks of one size, or type Dynamic',
    ],
    [
      'that widens',
      rule('r', '10.20.0.0/24', '100.64.0.0/23', { type: 'Dynamic' }),
      'is dynamic and maps a /24 to a larger /23',
    ],
    ['of two families', rule('r', '10.20.0.0/24', 'fd64::/120'), 'maps IPv4 and IPv6 to each other'],
    [
      'of bad ports',
      rule('r', '', '', {
        internalMappings: [mapping('10.20.0.0/24', '0-9')],
        externalMappings: [mapping('100.64.0.0/24', '1-9')],
      }),
      "has the ports '0-9'; give one port or a range",
    ],
    [
      'of unequal ports',
      rule('r', '', '', {
        internalMappings: [mapping('10.20.0.0/24', '1-9')],
        externalMappings: [mapping('100.64.0.0/24', '1-8')],
      }),
      'port ranges of different sizes',
    ],
    [
      'into the place of the machine itself',
      rule('r', '10.20.0.0/24', '169.254.169.0/24'),
      'NAT rule r has the site known inside by 169.254.169.0/24, of 169.254.0.0/16, which hosts cannot use; give',
    ],
    [
      'into the network inside',
      rule('r', '10.20.0.0/24', '10.1.9.0/24'),
      '10.1.9.0/24, by which NAT rule r has the site known inside, overlaps 10.1.0.0/16',
    ],
  ])('%s are refused', (_how, natRule, line) => {
    const [fault = '', ...more] = faultsWith(
      connectionOf(ingress('r')),
      around(...(natRule ? [natRule] : [])),
    )
    expect(fault).toMatch(/^connection site-1: properties.ingressNatRules/)
    expect(fault).toContain(line)
    expect(more).toEqual([])
  })

  it('of another gateway are refused', () => {
    const id = `${REMOTE_GATEWAY_ID}/natRules/r`
    expect(
      faultsWith(
        connectionOf({ egressNatRules: [{ id }] }),
        around(rule('r', '10.1.0.0/24', '100.64.0.0/24')),
      ),
    ).toEqual([expect.stringContaining('is no NAT rule of the gateway; use one of r, or make it first')])
  })

  it('have us known at a site by what it has not', () => {
    const out = rule('out', '10.1.0.0/24', '10.20.7.0/24', { mode: 'EgressSnat' })
    expect(faultsWith(connectionOf({ egressNatRules: [{ id: natRuleId('out') }] }), around(out))).toEqual([
      "connection site-1: properties.egressNatRules: 10.20.7.0/24, by which NAT rule out has us known at the site, overlaps the site's own 10.20.0.0/16; give the rule an external mapping of its own",
    ])
  })

  it('are not without number', () => {
    const many = Array.from({ length: 256 }, (_, i) => i)
    const wide = rule('r', '', '', {
      internalMappings: many.map(i => mapping(`10.20.${i}.0/24`)),
      externalMappings: many.map(i => mapping(`100.64.${i}.0/24`)),
    })
    expect(faultsWith(connectionOf(ingress('r')), around(wide))).toEqual([
      'connection site-1: properties.ingressNatRules: has 256 mappings; give 255 or fewer',
    ])
  })

  it('do not go with narrow selectors, nor between gateways', () => {
    const rules = around(rule('r', '10.20.0.0/24', '100.64.0.0/24'))
    const narrow = connectionOf({ ...ingress('r'), usePolicyBasedTrafficSelectors: true })
    expect(faultsWith(narrow, rules)).toEqual([
      expect.stringContaining('properties.ingressNatRules: needs traffic selectors that hold everything'),
    ])
    const remote = { id: REMOTE_GATEWAY_ID, address: '192.0.2.3', addressPrefixes: ['10.20.0.0/16'] }
    const settings = { sites: { remoteGateways: [remote] } }
    expect(faultsWith(toGateway(ingress('r')), { ...rules, settings })).toEqual([
      expect.stringContaining("properties.ingressNatRules: does not go with 'Vnet2Vnet'"),
    ])
  })
})
