import { formatIpPrefix, formatTrafficSelector, utf8Text } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import type { SelectorPair } from '../../site/site-configuration.ts'
import {
  CERTIFICATES,
  configurationWith,
  connectionId,
  connectionOf,
  faultsWith,
  GATEWAY_ID,
  REMOTE_GATEWAY_ID,
  SITE_ID,
  siteOf,
  toGateway,
  VAULT_ID,
} from './sites.suite.ts'

const pairText = ({ local, remote }: SelectorPair): string =>
  [local, remote].map(side => side.map(formatTrafficSelector).join(' ')).join(' = ')

describe('a connection', () => {
  it('by shared key is read with all defaults of Azure', () => {
    expect(siteOf(connectionOf())).toMatchObject({
      id: connectionId('site-1').toLowerCase(),
      name: 'site-1',
      resourceGroup: 'Hub',
      mode: 'Default',
      remote: { type: 'address' },
      tunnels: [{ name: 'site-1' }],
      ikeLifetimeSeconds: 28_800,
      childLifetimeSeconds: 27_000,
      childLifetimeKilobytes: 102_400_000,
      dpdSeconds: 45,
      routingWeight: 0,
      isDefaultSite: false,
      nat: { egress: [], ingress: [] },
    })
    expect(siteOf(connectionOf())).not.toHaveProperty('notes')
  })

  it('has the bytes of its key', () => {
    const { authentication } = siteOf(connectionOf())
    expect(authentication.type === 'psk' && utf8Text(authentication.secret)).toBe('Wombat7')
  })

  it('keeps what is said of it', () => {
    const said = { connectionMode: 'initiatorOnly', dpdTimeoutSeconds: 9, routingWeight: 7 } as const
    const site = siteOf(connectionOf(said, { address: undefined, fqdn: 'site.example.org' } as object))
    expect(site).toMatchObject({ mode: 'InitiatorOnly', dpdSeconds: 9, routingWeight: 7 })
    expect(site.remote).toEqual({ type: 'name', name: 'site.example.org' })
    expect(siteOf(connectionOf({ dpdTimeoutSeconds: 0 })).dpdSeconds).toBe(45)
  })

  it('by certificates has its chain as it is, for who uses it', () => {
    expect(siteOf(connectionOf(CERTIFICATES)).authentication).toEqual({
      type: 'certificate',
      outbound: VAULT_ID,
      inboundSubject: 'site-1',
      inboundChain: ['MII='],
      revocation: 'soft',
    })
    const { authentication } = siteOf(connectionOf(CERTIFICATES), {
      settings: { sites: { revocation: 'hard' } },
    })
    expect(authentication).toMatchObject({ revocation: 'hard' })
  })

  it('by certificates on a small SKU is told to be', () => {
    const sku = (name: string) => ({ gateway: { sku: { name: name as 'VpnGw1' } } })
    expect(siteOf(connectionOf(CERTIFICATES), sku('VpnGw1')).notes).toEqual([
      'certificate authentication is recommended with VpnGw1AZ or higher; the gateway is VpnGw1',
    ])
    expect(siteOf(connectionOf(CERTIFICATES), sku('Unlimited'))).not.toHaveProperty('notes')
    expect(siteOf(connectionOf(), sku('VpnGw1'))).not.toHaveProperty('notes')
  })

  it('has a tunnel for each public address where the gateway is active-active', () => {
    const network = { publicAddresses: ['198.51.100.1', '198.51.100.2'] }
    const names = (activeActive: boolean, publicAddresses: string[]) =>
      siteOf(connectionOf(), {
        gateway: { activeActive, ...(activeActive && { ipConfigurations: two() }) },
        network: { publicAddresses },
      }).tunnels.map(({ name }) => name)
    expect(names(true, network.publicAddresses)).toEqual(['site-1_198.51.100.1', 'site-1_198.51.100.2'])
    expect(names(false, network.publicAddresses)).toEqual(['site-1_198.51.100.1'])
    expect(names(true, [])).toEqual(['site-1'])
    const apart = siteOf(connectionOf({ useLocalAzureIpAddress: true }), { network })
    expect(apart.tunnels).toEqual([{ name: 'site-1' }])
  })

  it('to the default site is known by the id of its local network gateway', () => {
    const around = { gateway: { gatewayDefaultSite: { id: SITE_ID.toUpperCase() } } }
    expect(siteOf(connectionOf(), around).isDefaultSite).toBe(true)
    expect(siteOf(connectionOf({}, { addressPrefixes: [] }), around).remotePrefixes).toEqual([])
    expect(siteOf(connectionOf({}, { id: `${SITE_ID}0` }), around).isDefaultSite).toBe(false)
  })

  it('makes the gateway listen for IKE, with no client to serve', () => {
    const listeners = (resources: Parameters<typeof configurationWith>[0]) =>
      configurationWith(resources).listeners.map(({ service }) => service)
    expect(listeners([])).toEqual([])
    expect(new Set(listeners([connectionOf()]))).toEqual(new Set(['ike', 'ike-esp', 'esp']))
  })

  it('that was read is not read again until something around it changes', () => {
    const resource = connectionOf()
    expect(siteOf(resource)).toBe(siteOf(resource))
    const around = { settings: { sites: { allowWeakIpsec: true } } }
    expect(siteOf(resource, around)).not.toBe(siteOf(resource))
    expect(siteOf(connectionOf())).not.toBe(siteOf(resource))
  })
})

function two() {
  return ['a', 'b'].map(name => ({
    name,
    properties: {
      subnet: {
        id: `/subscriptions/1/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/n/subnets/GatewaySubnet`,
      },
      publicIPAddress: {
        id: `/subscriptions/1/resourceGroups/g/providers/Microsoft.Network/publicIPAddresses/${name}`,
      },
    },
  }))
}

describe('a connection between gateways', () => {
  const remote = {
    id: REMOTE_GATEWAY_ID.toUpperCase(),
    fqdn: 'gw2.example.org',
    addressPrefixes: ['10.9.0.0/16'],
  }
  const around = { settings: { sites: { remoteGateways: [remote] } } }

  it('finds the other one in the settings', () => {
    const site = siteOf(toGateway(), around)
    expect(site.remote).toEqual({ type: 'name', name: 'gw2.example.org' })
    expect(site.remotePrefixes.map(formatIpPrefix)).toEqual(['10.9.0.0/16'])
  })

  it('is refused without', () => {
    expect(faultsWith(toGateway())).toEqual([
      expect.stringMatching(
        /^connection site-1: properties.virtualNetworkGateway2.id: '.*' is none of the settings' sites.remoteGateways; add it there with its address and addressPrefixes$/,
      ),
    ])
  })

  it.each([
    [
      { fqdn: undefined },
      'sites.remoteGateways[0]: has neither an address nor a name; give it address or fqdn',
    ],
    [{ address: '192.0.2.1' }, 'sites.remoteGateways[0]: has an address and a name'],
    [{ fqdn: undefined, address: '192.0.2.300' }, "has '192.0.2.300', which is not an IP address"],
    [{ fqdn: 'a b' }, "has 'a b', which is not a domain name"],
    [
      { addressPrefixes: ['10.9.0.1/16'] },
      "addressPrefixes: '10.9.0.1/16' is not a network; give ADDRESS/LENGTH",
    ],
  ])('has faults of the settings named: %j', (change, line) => {
    const settings = { sites: { remoteGateways: [{ ...remote, ...change } as typeof remote] } }
    const [fault = '', ...more] = faultsWith([], { settings })
    expect(fault).toContain(`settings: `)
    expect(fault).toContain(line)
    expect(more).toEqual([])
  })

  it('is with another one', () => {
    const settings = { sites: { remoteGateways: [{ ...remote, id: GATEWAY_ID }] } }
    expect(faultsWith(toGateway({}, GATEWAY_ID), { settings })).toEqual([
      expect.stringContaining('virtualNetworkGateway2.id: is the gateway itself'),
    ])
  })

  it('needs each once', () => {
    const settings = { sites: { remoteGateways: [remote, { ...remote, id: REMOTE_GATEWAY_ID }] } }
    expect(faultsWith([], { settings })).toEqual([expect.stringContaining('is listed twice; take one out')])
  })
})

describe('traffic selectors', () => {
  const pairs = (...given: Parameters<typeof siteOf>) => siteOf(...given).selectors.map(pairText)

  it('hold everything, of each family that both sides have', () => {
    expect(pairs(connectionOf())).toEqual(['0.0.0.0/0 = 0.0.0.0/0'])
    const dual = { network: { addressPrefixes: ['10.1.0.0/16', 'fd01::/48'] } }
    expect(pairs(connectionOf(), dual)).toEqual(['0.0.0.0/0 = 0.0.0.0/0'])
    const site = connectionOf({}, { addressPrefixes: ['10.20.0.0/16', 'fd20::/48'] })
    expect(pairs(site, dual)).toEqual(['0.0.0.0/0 = 0.0.0.0/0', '::/0 = ::/0'])
  })

  it('that are policy-based are all pairs of networks', () => {
    const site = connectionOf(
      { usePolicyBasedTrafficSelectors: true },
      { addressPrefixes: ['10.20.0.0/16', '10.21.0.0/16', 'fd20::/48'] },
    )
    expect(pairs(site, { network: { addressPrefixes: ['10.1.0.0/16', '10.2.0.0/16'] } })).toEqual([
      '10.1.0.0/16 = 10.20.0.0/16',
      '10.1.0.0/16 = 10.21.0.0/16',
      '10.2.0.0/16 = 10.20.0.0/16',
      '10.2.0.0/16 = 10.21.0.0/16',
    ])
  })

  it('hold clients too where these reach sites', () => {
    const around = (clientTransit: boolean, defaultSite?: string) => ({
      settings: { sites: { clientTransit } },
      gateway: {
        ...(defaultSite !== undefined && { gatewayDefaultSite: { id: defaultSite } }),
        vpnClientConfiguration: {
          vpnClientAddressPool: { addressPrefixes: ['172.16.201.0/24'] },
          vpnClientProtocols: ['OpenVPN' as const],
          vpnClientRootCertificates: [],
          vpnAuthenticationTypes: ['AAD' as const],
          aadTenant: 'https://login.microsoftonline.com/0a1b2c3d-0000-4000-8000-000000000001',
          aadAudience: 'c632b3df-fb67-4d84-bdcf-b95ad541b5c8',
          aadIssuer: 'https://sts.windows.net/0a1b2c3d-0000-4000-8000-000000000001/',
        },
      },
    })
    const site = connectionOf({ usePolicyBasedTrafficSelectors: true })
    expect(pairs(site, around(false))).toEqual(['10.1.0.0/16 = 10.20.0.0/16'])
    expect(pairs(site, around(true))).toEqual([
      '10.1.0.0/16 = 10.20.0.0/16',
      '172.16.201.0/24 = 10.20.0.0/16',
    ])
    expect(pairs(site, around(false, SITE_ID))).toEqual([
      '10.1.0.0/16 = 10.20.0.0/16',
      '10.1.0.0/16 = 0.0.0.0/0',
      '172.16.201.0/24 = 10.20.0.0/16',
      '172.16.201.0/24 = 0.0.0.0/0',
    ])
  })

  it('of policies are those, one Child SA each', () => {
    const trafficSelectorPolicies = [
      { localAddressRanges: ['10.1.0.0/24', '10.1.4.0/24'], remoteAddressRanges: ['10.20.1.0/24'] },
      { localAddressRanges: ['10.1.9.1'], remoteAddressRanges: ['10.20.9.1'] },
    ]
    const site = connectionOf({ usePolicyBasedTrafficSelectors: true, trafficSelectorPolicies })
    expect(pairs(site)).toEqual(['10.1.0.0/24 10.1.4.0/24 = 10.20.1.0/24', '10.1.9.1/32 = 10.20.9.1/32'])
  })

  const policies = (localAddressRanges: string[], remoteAddressRanges: string[]) =>
    connectionOf({ trafficSelectorPolicies: [{ localAddressRanges, remoteAddressRanges }] })
  const many = Array.from({ length: 101 }, (_, i) => `10.20.${i}.0/24`)
  const more = Array.from({ length: 256 }, (_, i) => `10.20.${i}.0/24`)

  it.each([
    [
      policies(['10.1.0.1/24'], ['10.20.0.0/24']),
      "properties.trafficSelectorPolicies[0].localAddressRanges[0]: '10.1.0.1/24' is not a network;",
    ],
    [policies([], ['10.20.0.0/24']), 'properties.trafficSelectorPolicies[0]: has an empty side;'],
    [policies(more, more), 'properties.trafficSelectorPolicies[0]: has 256 ranges on one side;'],
    [
      connectionOf({
        trafficSelectorPolicies: many.map(range => ({
          localAddressRanges: ['10.1.0.0/16'],
          remoteAddressRanges: [range],
        })),
      }),
      'properties.trafficSelectorPolicies: makes 101 pairs of networks, and a connection has 100 IPsec SAs;',
    ],
    [policies(['fd01::/64'], ['10.20.0.0/24']), 'has no address family on both sides;'],
    [
      connectionOf({ usePolicyBasedTrafficSelectors: true }, { addressPrefixes: many }),
      'properties.usePolicyBasedTrafficSelectors: makes 101 pairs of networks, and a connection has 100 IPsec SAs;',
    ],
    [
      connectionOf({}, { addressPrefixes: ['fd20::/48'] }),
      "properties.virtualNetworkGateway1: has no network of an address family that 'Site-1' has too;",
    ],
  ])('are refused, case %#', (resource, line) => {
    const [fault = '', ...more] = faultsWith(resource)
    expect(fault).toContain(line)
    expect(more).toEqual([])
  })
})

describe('a connection is refused, with its name,', () => {
  it.each([
    [
      'with what keys are shown as',
      connectionOf({ sharedKey: '[secret]' }),
      'properties.sharedKey: is [secret], and none is known; give the key that the device has',
    ],
    [
      'without a key',
      connectionOf({ sharedKey: '' }),
      'properties.sharedKey: is missing; give the key that the device has',
    ],
    [
      'over IKEv1',
      connectionOf({ connectionProtocol: 'IKEv1' }),
      "properties.connectionProtocol: 'IKEv1' is not supported; use IKEv2",
    ],
    [
      'of another type',
      connectionOf({ connectionType: 'ExpressRoute' }),
      "properties.connectionType: 'ExpressRoute' is not supported; use IPsec here",
    ],
    [
      'with too quick a DPD',
      connectionOf({ dpdTimeoutSeconds: 3 }),
      'properties.dpdTimeoutSeconds: 3 is not accepted',
    ],
    [
      'to nowhere',
      connectionOf({}, { address: '' }),
      'properties.localNetworkGateway2.id: its local network gateway has neither an address nor a name; give it gatewayIpAddress or fqdn',
    ],
    [
      'to everybody',
      connectionOf({}, { address: '255.255.255.255' }),
      "has '255.255.255.255', which is the address of no peer",
    ],
    ['to no networks', connectionOf({}, { addressPrefixes: [] }), 'leads to a site without address prefixes'],
    [
      'to very many networks',
      connectionOf({}, { addressPrefixes: Array.from({ length: 1_001 }, () => '10.20.0.0/16') }),
      'its local network gateway has 1001 address prefixes; give it 1000 or fewer',
    ],
    [
      'to what is no network',
      connectionOf({}, { addressPrefixes: ['10.20.0.1/16', '10.21.0.0/16'] }),
      "its local network gateway has '10.20.0.1/16', which is not a network",
    ],
    [
      'to what hosts cannot have',
      connectionOf({}, { addressPrefixes: ['127.0.0.0/24'] }),
      'properties.localNetworkGateway2.id: 127.0.0.0/24 lies in 127.0.0.0/8, which hosts cannot use',
    ],
    [
      'into the network inside',
      connectionOf({}, { addressPrefixes: ['10.1.2.0/24'] }),
      '10.1.2.0/24 overlaps 10.1.0.0/16, the network inside; take it out, or map it by an IngressSnat rule',
    ],
    [
      'around the network inside',
      connectionOf({}, { addressPrefixes: ['10.0.0.0/8'] }),
      '10.0.0.0/8 overlaps 10.1.0.0/16, the network inside',
    ],
  ])('%s', (_how, resource, line) => {
    const [fault = '', ...more] = faultsWith(resource)
    expect(fault).toMatch(/^connection site-1: /)
    expect(fault).toContain(line)
    expect(more).toEqual([])
  })

  it.each([
    ['kv.vault.example/certificates/gw', 'is no URL'],
    ['http://kv.vault.example/certificates/gw', 'is no https URL'],
    ['https://kv.vault.example/certificates/gw?x=1', 'holds more than a host and a path'],
    ['https://kv.vault.example/keys/gw', 'names no certificate or secret of a key vault'],
    [`https://kv.vault.example/secrets/gw/12`, 'names no certificate or secret of a key vault'],
  ])('with %s for its certificate', (outboundAuthCertificate, problem) => {
    const certificateAuthentication = { ...CERTIFICATES.certificateAuthentication, outboundAuthCertificate }
    const path = 'properties.certificateAuthentication.outboundAuthCertificate'
    const form = 'give https://VAULT.DOMAIN/certificates/NAME[/VERSION], or /secrets/ in its place'
    expect(faultsWith(connectionOf({ ...CERTIFICATES, certificateAuthentication }))).toEqual([
      `connection site-1: ${path}: ${problem}; ${form}`,
    ])
  })

  it('by certificates on a Basic gateway', () => {
    const [fault] = faultsWith(connectionOf(CERTIFICATES), { gateway: { sku: { name: 'Basic' } } })
    expect(fault).toContain(
      "connection site-1: properties.authenticationType: the gateway's SKU Basic has no",
    )
  })

  it('when it is one more than the SKU allows, and only that one', () => {
    const many = Array.from({ length: 31 }, (_, i) => connectionOf({}, {}, `site-${i}`))
    const [fault = '', ...more] = faultsWith(many)
    expect(fault).toContain('connection site-30: ')
    expect(fault).toContain('the gateway has 30 connections, and its SKU VpnGw2AZ allows 30')
    expect(more).toEqual([])
  })

  it('when it carries IPv6 and the settings do not', () => {
    const site = connectionOf({}, { addressPrefixes: ['10.20.0.0/16', 'fd20::/48'] })
    expect(faultsWith(site, { settings: { ikev2: { tunnelMtu: 1_200 } } })).toEqual([
      'settings: ikev2.tunnelMtu: 1200 is less than IPv6 needs (1280, RFC 8200 §5), which connection site-1 carries; give 1280 or more',
    ])
  })

  it('when another has its id', () => {
    expect(faultsWith([connectionOf(), connectionOf()])).toEqual([
      expect.stringContaining("connection site-1: id: '"),
    ])
  })

  it('and what is wrong with each', () => {
    const faults = faultsWith([
      connectionOf({ sharedKey: '' }, {}, 'a'),
      connectionOf({ sharedKey: '' }, {}, 'b'),
    ])
    expect(faults.map(line => line.slice(0, 13))).toEqual(['connection a:', 'connection b:'])
  })
})

describe('sites may', () => {
  it('overlap each other', () => {
    const both = [
      connectionOf({}, {}, 'a'),
      connectionOf({ routingWeight: 5 }, { address: '192.0.2.2' }, 'b'),
    ]
    expect(configurationWith(both).sites.connections).toHaveLength(2)
  })

  it('be everything else', () => {
    const all = connectionOf({}, { addressPrefixes: ['0.0.0.0/1', '128.0.0.0/1'] })
    expect(siteOf(all).remotePrefixes).toHaveLength(2)
  })
})
