import type { GatewaySettings, VirtualNetworkGateway } from '@causeway/api-contract'
import { PUSHED_SEARCH_DOMAINS_LENGTH } from '@causeway/openvpn'
import {
  formatPem,
  type IssuedCertificate,
  issueClientCertificate,
  issueIntermediate,
  issueRoot,
} from '@causeway/x509'
import { beforeAll, describe, expect, it } from 'vitest'
import { formatConfigurationFault } from './configuration-fault.ts'
import { readGatewayConfiguration } from './read-gateway-configuration.ts'

const VALIDITY = { notBefore: 1_700_000_000, notAfter: 2_000_000_000 }
const CLIENTS = 'properties.vpnClientConfiguration'

let root: IssuedCertificate
let other: IssuedCertificate
let intermediate: IssuedCertificate
let leaf: IssuedCertificate

beforeAll(async () => {
  const key = 'ecdsa-p256' as const
  root = await issueRoot({ commonName: 'Root', key, ...VALIDITY })
  other = await issueRoot({ commonName: 'Other', key, ...VALIDITY })
  intermediate = await issueIntermediate(root, { commonName: 'Intermediate', key, ...VALIDITY })
  leaf = await issueClientCertificate(root, { commonName: 'leaf', key, ...VALIDITY })
})

type Clients = NonNullable<VirtualNetworkGateway['properties']['vpnClientConfiguration']>
type Change = Partial<Omit<VirtualNetworkGateway['properties'], 'vpnClientConfiguration'>> & {
  clients?: Partial<Clients>
}

const base64 = (der: Uint8Array): string => Buffer.from(der).toString('base64')
const entry = (name: string, publicCertData: string) => ({ name, properties: { publicCertData } })

function resource({ clients, ...properties }: Change = {}): VirtualNetworkGateway {
  return {
    name: 'gw',
    properties: {
      sku: { name: 'VpnGw1' },
      ...properties,
      vpnClientConfiguration: {
        vpnClientAddressPool: { addressPrefixes: ['172.16.201.0/24', 'fd00:201::/64'] },
        vpnClientProtocols: ['OpenVPN'],
        vpnAuthenticationTypes: ['Certificate'],
        vpnClientRootCertificates: [entry('root', base64(root.certificate))],
        ...clients,
      },
    },
  }
}

function configuration(change: Change = {}, settings: GatewaySettings = {}) {
  const read = readGatewayConfiguration(resource(change), settings)
  if (read.type === 'bad') throw new Error(read.faults.map(formatConfigurationFault).join('\n'))
  return read.value
}

function faults(change: Change = {}, settings: GatewaySettings = {}): string[] {
  const read = readGatewayConfiguration(resource(change), settings)
  return read.type === 'bad' ? read.faults.map(formatConfigurationFault) : []
}

const pool = (...addressPrefixes: string[]): Change => ({
  clients: { vpnClientAddressPool: { addressPrefixes } },
})
const roots = (...vpnClientRootCertificates: ReturnType<typeof entry>[]): Change => ({
  clients: { vpnClientRootCertificates },
})

describe('a good configuration', () => {
  it("has the SKU's session limit and both pool prefixes", () => {
    const { name, sessionLimits, pool: prefixes } = configuration()
    expect({ name, sessionLimits }).toEqual({ name: 'gw', sessionLimits: { sstp: 128, ikev2OpenVpn: 250 } })
    expect(prefixes.ipv4?.length).toBe(24)
    expect(prefixes.ipv6?.length).toBe(64)
  })

  it('takes a root as base64 of DER, base64 of PEM, and PEM', () => {
    const pem = formatPem(root.certificate)
    for (const data of [base64(root.certificate), Buffer.from(pem).toString('base64'), pem])
      expect(configuration(roots(entry('root', data))).certificateAuthentication.roots).toEqual([
        root.certificate,
      ])
  })

  it('takes an intermediate after its root', () => {
    const change = roots(entry('r', base64(root.certificate)), entry('i', base64(intermediate.certificate)))
    expect(configuration(change).certificateAuthentication.intermediates).toEqual([intermediate.certificate])
  })

  it('takes thumbprints with and without separators, in any case', () => {
    const digits = '0123456789ABCDEF0123456789ABCDEF01234567'
    const spaced = `\u200e${digits.toLowerCase().replace(/../g, '$& ')}`
    for (const thumbprint of [digits, spaced]) {
      const vpnClientRevokedCertificates = [{ name: 'r', properties: { thumbprint } }]
      const { revokedThumbprints } = configuration({
        clients: { vpnClientRevokedCertificates },
      }).certificateAuthentication
      expect([...revokedThumbprints]).toEqual([digits])
    }
  })

  it('has no limit of sessions with the SKU Unlimited', () => {
    const none = Number.MAX_SAFE_INTEGER
    expect(configuration({ sku: { name: 'unlimited' } }).sessionLimits).toEqual({
      sstp: none,
      ikev2OpenVpn: none,
    })
  })

  it('may route everything through the tunnel', () => {
    const addressPrefixes = ['0.0.0.0/1', '128.0.0.0/1', '::/0', '2000::/3']
    expect(configuration({ customRoutes: { addressPrefixes } }).customRoutes).toHaveLength(4)
  })

  it('compares ARM names in any case', () => {
    const clients = { vpnClientProtocols: ['openvpn'], vpnAuthenticationTypes: ['certificate'] }
    expect(faults({ clients, gatewayType: 'VPN', vpnType: 'routebased' })).toEqual([])
  })
})

describe('a bad address pool', () => {
  const at = `gateway: ${CLIENTS}.vpnClientAddressPool.addressPrefixes`

  it.each([
    [pool(), {}, `${at}: is empty; give a prefix for client addresses, as 172.16.201.0/24`],
    [pool('10.0.0.0/30'), {}, `${at}: 10.0.0.0/30 is too small; give a /29 or larger`],
    [
      { ...pool('10.0.0.0/29'), activeActive: true, ipConfigurations: [{}, {}] },
      {},
      `${at}: 10.0.0.0/29 is too small; give a /28 or larger`,
    ],
    [pool('fd00::/126'), {}, `${at}: fd00::/126 is too small; give a /125 or larger`],
    [
      pool('10.0.0.1/24'),
      {},
      `${at}[0]: '10.0.0.1/24' is not a network; give ADDRESS/LENGTH with no bits set past the length, as 10.0.0.0/16`,
    ],
    [
      pool('10.0.0.0/24', '10.0.1.0/24'),
      {},
      `${at}: holds 2 prefixes of ipv4 (10.0.0.0/24, 10.0.1.0/24); give one of each family, a larger one`,
    ],
    [
      pool('10.1.0.0/24'),
      { insidePrefixes: ['10.0.0.0/8'] },
      `${at}: 10.1.0.0/24 overlaps the inside network 10.0.0.0/8; give the clients a prefix of their own`,
    ],
    [
      { ...pool('10.1.0.0/24'), customRoutes: { addressPrefixes: ['10.1.0.128/25'] } },
      {},
      `${at}: 10.1.0.0/24 overlaps the custom route 10.1.0.128/25; give the clients a prefix of their own`,
    ],
    [
      pool('10.1.0.0/24'),
      { listeners: [{ transport: 'udp', address: '10.1.0.7', port: 443 }] },
      `${at}: 10.1.0.0/24 overlaps an address that the gateway listens on; give the clients a prefix of their own`,
    ],
    [
      pool('127.1.0.0/24'),
      {},
      `${at}: 127.1.0.0/24 lies in 127.0.0.0/8, which hosts cannot use; give private space`,
    ],
  ] as [Change, GatewaySettings, string][])('%j with %j', (change, settings, line) => {
    expect(faults(change, settings)).toEqual([line])
  })
})

describe('bad certificates', () => {
  const at = `gateway: ${CLIENTS}.vpnClientRootCertificates`

  it('names a broken one by its ARM name', () => {
    const [line] = faults(
      roots(entry('good', base64(root.certificate)), entry('contoso-root', 'bm90IG9uZQ==')),
    )
    expect(line).toContain(`${at}[1].properties.publicCertData: the certificate 'contoso-root' is broken: `)
  })

  it('wants an intermediate after its root', () => {
    const change = roots(entry('i', base64(intermediate.certificate)), entry('r', base64(root.certificate)))
    expect(faults(change)).toEqual([
      `${at}[0]: the issuer of 'i' ('CN=Root') is not above it; add that one first`,
    ])
  })

  it('wants authorities, one an entry, each name once, twenty at most', () => {
    const good = base64(root.certificate)
    const bundle = formatPem(root.certificate) + formatPem(other.certificate)
    expect(faults(roots(entry('leaf', base64(leaf.certificate))))[0]).toContain(
      'is not a certificate authority',
    )
    expect(faults(roots(entry('two', bundle)))[0]).toContain("'two' holds 2 certificates")
    expect(faults(roots(entry('a', good), entry('A', good)))[0]).toContain("'A' is used twice")
    const many = Array.from({ length: 21 }, (_, i) => entry(`r${i}`, good))
    expect(faults(roots(...many))).toEqual([`${at}: holds 21 certificates; give at most 20`])
    expect(faults(roots())[0]).toContain('is empty')
  })

  it('says which thumbprint is wrong', () => {
    const vpnClientRevokedCertificates = [{ name: 'bob', properties: { thumbprint: '12 34' } }]
    const [line] = faults({ clients: { vpnClientRevokedCertificates } })
    expect(line).toContain("vpnClientRevokedCertificates[0].properties.thumbprint: that of 'bob' is wrong; ")
  })
})

describe('IKEv2', () => {
  const both = { clients: { vpnClientProtocols: ['OpenVPN', 'ikev2'] } }

  it('listens on UDP 500 and 4500 and takes ESP on the addresses of the other listeners', () => {
    const { listeners, tunnels } = configuration(both, {
      listeners: [{ transport: 'udp', address: '10.1.0.7', port: 1194 }],
    })
    expect([...tunnels]).toEqual(['OpenVPN', 'IkeV2'])
    expect(listeners.map(({ service, local }) => `${service} ${local.port}`)).toEqual([
      'openvpn 1194',
      'ike 500',
      'ike-esp 4500',
      'esp 0',
    ])
  })

  it('opens nothing of OpenVPN when that is off', () => {
    const services = configuration(
      { clients: { vpnClientProtocols: ['IkeV2'] } },
      { ikev2: { rawEsp: false } },
    )
    expect(new Set(services.listeners.map(({ service }) => service))).toEqual(new Set(['ike', 'ike-esp']))
  })

  it('takes the lifetimes of a custom policy', () => {
    const vpnClientIpsecPolicies = [
      {
        saLifeTimeSeconds: 1_000,
        saDataSizeKilobytes: 2_048,
        ipsecEncryption: 'GCMAES256',
        ipsecIntegrity: 'GCMAES256',
        ikeEncryption: 'GCMAES256',
        ikeIntegrity: 'SHA384',
        dhGroup: 'ECP256',
        pfsGroup: 'None',
      },
    ]
    const { ikev2 } = configuration({ clients: { vpnClientProtocols: ['IkeV2'], vpnClientIpsecPolicies } })
    expect(ikev2).toMatchObject({ childRekeySeconds: 900, childLifetimeSeconds: 1_000 })
    expect(ikev2.espSuites).toHaveLength(1)
  })

  it('is not for the Basic SKU, and its rekeys come before its ends', () => {
    expect(faults({ ...both, sku: { name: 'Basic' } })).toEqual(
      expect.arrayContaining([expect.stringContaining('Basic has no IKEv2')]),
    )
    expect(faults(both, { ikev2: { ikeLifetimeSeconds: 60 } })[0]).toContain('ikev2.ikeRekeySeconds: 72000')
    expect(faults(both, { ikev2: { natPort: 500 } })[0]).toContain('ikev2.natPort: 500 is the same as port')
  })
})

describe('SSTP', () => {
  const alone = { vpnClientProtocols: ['sstp'] }
  const at = (transport: 'udp' | 'tcp') => ({ transport, address: '10.1.0.7', port: 443 })

  it('opens the TCP ports alone, and OpenVPN shares them', () => {
    const settings = { listeners: [at('udp'), at('tcp')] }
    const services = (vpnClientProtocols: string[]) =>
      configuration({ clients: { vpnClientProtocols } }, settings).listeners.map(({ service }) => service)
    expect(services(['SSTP'])).toEqual(['shared'])
    expect(services(['SSTP', 'OpenVPN'])).toEqual(['openvpn', 'shared'])
    expect(services(['OpenVPN'])).toEqual(['openvpn', 'shared'])
  })

  it("has the protocol's own timers, and others where the settings say so", () => {
    const { sstp } = configuration({ clients: alone }, { sstp: { helloSeconds: 5 } })
    expect(sstp).toEqual({ helloSeconds: 5, negotiationSeconds: 60, tunnelMtu: 1_400 })
  })

  it('needs a TCP port', () => {
    expect(faults({ clients: alone }, { listeners: [at('udp')] })).toEqual([
      'settings: listeners: has no TCP port, which SSTP needs; add one, as tcp 0.0.0.0 443, or take SSTP out of vpnClientProtocols',
    ])
  })

  it('is all that the Basic SKU has', () => {
    const basic = { sku: { name: 'Basic' } }
    const ipv4 = { vpnClientAddressPool: { addressPrefixes: ['10.0.0.0/24'] } }
    const { sessionLimits } = configuration({ ...basic, clients: { ...alone, ...ipv4 } })
    expect(sessionLimits).toEqual({ sstp: 128, ikev2OpenVpn: 0 })
    const vpnClientProtocols = ['SSTP', 'OpenVPN']
    expect(faults({ ...basic, clients: { vpnClientProtocols, ...ipv4 } })).toEqual([
      'gateway: properties.sku.name: Basic has no OpenVPN; use VpnGw1 or above, or Unlimited',
    ])
  })

  it('gives its clients IPv4: with a pool of IPv6 it cannot be the only tunnel type', () => {
    const ipv6 = { vpnClientAddressPool: { addressPrefixes: ['fd00:201::/64'] } }
    expect(faults({ clients: { ...alone, ...ipv6 } })[0]).toContain(
      'has no IPv4 prefix, and SSTP carries IPv4 alone; add one, as 172.16.201.0/24, or another tunnel type',
    )
    expect(faults({ clients: { vpnClientProtocols: ['SSTP', 'OpenVPN'], ...ipv6 } })).toEqual([])
  })

  it('has a device that IPv6 can have an address on, where the pool has IPv6', () => {
    const settings = { sstp: { tunnelMtu: 1_200 } }
    expect(faults({ clients: alone }, settings)[0]).toContain(
      'settings: sstp.tunnelMtu: 1200 is less than IPv6 needs',
    )
    expect(faults({ clients: { vpnClientProtocols: ['SSTP', 'OpenVPN'] } }, settings)).toEqual([])
  })
})

describe('what this gateway does not do', () => {
  it.each([
    [{ sku: { name: 'Basic' }, ...pool('10.0.0.0/24') }, 'properties.sku.name: Basic has no OpenVPN'],
    [{ sku: { name: 'ErGw1AZ' } }, "properties.sku.name: 'ErGw1AZ' is not a VPN SKU; use one of Basic, "],
    [
      { sku: { name: 'VpnGw1' }, vpnGatewayGeneration: 'Generation2' },
      "'VpnGw1' is not a VPN SKU of Generation2",
    ],
    [{ gatewayType: 'ExpressRoute' }, 'properties.gatewayType: ExpressRoute is not a VPN gateway'],
    [{ vpnType: 'PolicyBased' }, 'properties.vpnType: PolicyBased cannot serve point-to-site clients'],
    [{ clients: { vpnClientProtocols: [] } }, 'vpnClientProtocols: names no tunnel type'],
    [{ clients: { vpnAuthenticationTypes: ['Kerberos'] } }, "'Kerberos' is not known; use "],
    [{ clients: { vpnAuthenticationTypes: ['Password'] } }, "'Password' is not known"],
  ] as [Change, string][])('%j', (change, part) => {
    const lines = faults(change)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(part)
  })
})

describe('bad settings', () => {
  it.each([
    [{ openvpn: { tunnelMtu: 1200 } }, 'openvpn.tunnelMtu: 1200 is less than IPv6 needs'],
    [{ openvpn: { pingSeconds: 60 } }, 'openvpn.pingRestartSeconds: 60 is not more than pingSeconds'],
    [{ openvpn: { tlsCiphers: ['TLS_AES_128_GCM_SHA256'] } }, 'openvpn.tlsCiphers: has no suite of TLSv1.2'],
    [
      { openvpn: { fallbackCipher: 'AES-256-CBC' } },
      'openvpn.fallbackCipher: AES-256-CBC is not among dataCiphers',
    ],
    [{ hostNames: ['x\nscript-security 2'] }, 'hostNames[0]: '],
    [{ dns: { servers: ['dns.example.org'] } }, "dns.servers[0]: 'dns.example.org' is not an IP address"],
    [{ dns: { searchDomains: ['a b'] } }, "dns.searchDomains[0]: 'a b' is not a domain name"],
    [{ insidePrefixes: ['10.0.0.0/33'] }, "insidePrefixes[0]: '10.0.0.0/33' is not a network"],
    [{ listeners: [{ transport: 'udp', address: 'eth0', port: 1 }] }, "listeners[0].address: 'eth0' is not"],
  ] as [GatewaySettings, string][])('%j', (settings, part) => {
    const lines = faults({}, settings)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(`settings: ${part}`)
    expect(lines[0]).not.toContain('\n')
  })

  it('refuses more search domains than one option holds, and no fewer', () => {
    const domains = Array.from({ length: 97 }, (_, i) => `a${String(i).padStart(3, '0')}.test`)
    const room = PUSHED_SEARCH_DOMAINS_LENGTH - domains.join(' ').length - 1
    const last = 'x'.repeat(room)
    expect(faults({}, { dns: { searchDomains: [...domains, last] } })).toEqual([])
    expect(faults({}, { dns: { searchDomains: [...domains, `${last}x`] } })).toEqual([
      `settings: dns.searchDomains: is too long to be pushed: ${PUSHED_SEARCH_DOMAINS_LENGTH + 1} characters, ` +
        `at most ${PUSHED_SEARCH_DOMAINS_LENGTH}; take some out`,
    ])
  })

  it('refuses more DNS servers than one option holds', () => {
    const servers = Array<string>(40).fill('2001:db8:1111:2222:3333:4444:5555:6666')
    expect(faults({}, { dns: { servers } })).toEqual([expect.stringContaining('dns.servers: is too long')])
  })

  it('refuses a TLS suite outside the seed, and a listener twice', () => {
    const tlsCiphers = [
      'ECDHE-RSA-AES256-GCM-SHA384',
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
    ]
    expect(faults({}, { openvpn: { tlsCiphers } })[0]).toContain(
      "'TLS_CHACHA20_POLY1305_SHA256' is not in the TLS policy",
    )
    const listener = { transport: 'tcp', address: '::', port: 443 } as const
    expect(faults({}, { listeners: [listener, listener] })[0]).toContain('tcp [::]:443 is listed twice')
  })

  it('reports all faults of both documents at once', () => {
    expect(
      faults(
        { sku: { name: 'x' }, ...pool('1') },
        { openvpn: { tlsMinimum: 'TLSv1.3', tlsMaximum: 'TLSv1.2' } },
      ),
    ).toHaveLength(3)
  })
})

describe('a gateway without a point-to-site part', () => {
  const settings: GatewaySettings = {
    groups: [{ name: 'staff' }],
    entra: { browser: { clientId: 'vpn' } },
    insidePrefixes: ['10.1.0.0/16'],
  }
  const read = (vpnClientConfiguration?: Clients) => {
    const { properties, ...rest } = resource()
    const { vpnClientConfiguration: _, ...others } = properties
    const next = { ...others, ...(vpnClientConfiguration && { vpnClientConfiguration }) }
    return readGatewayConfiguration({ ...rest, properties: next }, settings)
  }
  const idle = { tunnels: new Set(), authentication: new Map(), listeners: [], pool: {}, groups: [] }

  it.each([
    ['absent', undefined],
    ['empty', {}],
    ['with empty parts', { vpnClientAddressPool: { addressPrefixes: [] }, radiusServers: [], aadTenant: '' }],
    ['with authentication types alone', { vpnAuthenticationTypes: ['Certificate'] }],
  ])('%s serves nobody, and what the settings say of clients waits', (_how, clients?: Clients) => {
    expect(read(clients)).toMatchObject({ type: 'good', value: { name: 'gw', ...idle } })
  })

  it.each<[string, Clients]>([
    ['a pool', { vpnClientAddressPool: { addressPrefixes: ['172.16.201.0/24'] } }],
    ['a tunnel type', { vpnClientProtocols: ['OpenVPN'] }],
    ['a root', { vpnClientRootCertificates: [entry('root', 'AA==')] }],
    ['a RADIUS server', { radiusServers: [{ radiusServerAddress: '10.1.0.9' }] }],
    ['a tenant', { aadTenant: 'https://login.microsoftonline.com/x' }],
  ])('with %s alone is half-filled', (_what, clients) => {
    expect(read(clients).type).toBe('bad')
  })

  it('still has to be right otherwise', () => {
    const wrong = {
      ...resource(),
      properties: { sku: { name: 'VpnGw1' as const }, customRoutes: { addressPrefixes: ['x'] } },
    }
    expect(readGatewayConfiguration(wrong, {})).toMatchObject({
      type: 'bad',
      faults: [{ path: 'properties.customRoutes.addressPrefixes[0]' }],
    })
  })

  it('is what no gateway comes to as well', () => {
    expect(readGatewayConfiguration(undefined, settings)).toMatchObject({ type: 'good', value: idle })
  })
})
