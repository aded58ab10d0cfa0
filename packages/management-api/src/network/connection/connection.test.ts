import { beforeEach, describe, expect, it } from 'vitest'
import { NETWORK } from '../../management-api.suite.ts'
import {
  ADDRESS,
  CONNECTION,
  connectionBody,
  GATEWAY,
  gatewayBody,
  type NetworkApi,
  networkApi,
  networkBody,
  SITE,
  siteBody as site,
  VNET,
} from '../network.suite.ts'

let api: NetworkApi

beforeEach(async () => {
  api = await networkApi()
  await api.done('PUT', GATEWAY, gatewayBody())
  await api.done('PUT', SITE, site())
})

async function refusal(path: string, body: object) {
  const told = await api.ask('PUT', path, { body })
  return [told.status, told.body.error?.code, told.body.error?.target]
}

describe('a connection', () => {
  it('is made and runs, and goes', async () => {
    const told = await api.ask('PUT', CONNECTION, { body: connectionBody() })
    expect(told.status).toBe(201)
    expect((await api.ended(told)).body.status).toBe('Succeeded')
    const { body } = await api.ask('GET', CONNECTION)
    expect(body.properties).toMatchObject({
      connectionType: 'IPsec',
      connectionProtocol: 'IKEv2',
      connectionMode: 'Default',
      authenticationType: 'PSK',
      dpdTimeoutSeconds: 45,
      connectionStatus: 'Unknown',
      tunnelConnectionStatus: [],
      ingressBytesTransferred: 0,
      egressBytesTransferred: 0,
      provisioningState: 'Succeeded',
      virtualNetworkGateway1: { id: expect.stringMatching(/^\/subscriptions\//), properties: {} },
      localNetworkGateway2: { id: expect.stringMatching(/^\/subscriptions\//), properties: {} },
    })
    expect(JSON.stringify(body)).not.toContain('hunter2')
    expect((await api.ask('DELETE', GATEWAY)).body.error.code).toBe('ResourceInUse')
    expect((await api.done('DELETE', CONNECTION)).body.status).toBe('Succeeded')
    expect(api.gateway.connected.size).toBe(0)
  })

  const policy = {
    saLifeTimeSeconds: 27_000,
    saDataSizeKilobytes: 102_400_000,
    ipsecEncryption: 'GCMAES256',
    ipsecIntegrity: 'SHA256',
    ikeEncryption: 'AES256',
    ikeIntegrity: 'SHA256',
    dhGroup: 'DHGroup14',
    pfsGroup: 'None',
  }

  it.each([
    ['another type', { connectionType: 'ExpressRoute' }, 'properties.connectionType'],
    ['no other side', { localNetworkGateway2: null }, 'properties.localNetworkGateway2.id'],
    [
      'another side that is none',
      { localNetworkGateway2: { id: VNET } },
      'properties.localNetworkGateway2.id',
    ],
    [
      'a gateway that is none',
      { virtualNetworkGateway1: { id: SITE } },
      'properties.virtualNetworkGateway1.id',
    ],
    ['two policies', { ipsecPolicies: [policy, policy] }, 'properties.ipsecPolicies'],
    ['half a GCM cipher', { ipsecPolicies: [policy] }, 'properties.ipsecPolicies[0].ipsecIntegrity'],
    ['a key that devices do not take', { sharedKey: 'a key' }, 'properties.sharedKey'],
    ['a wrong DPD time', { dpdTimeoutSeconds: 5 }, 'properties.dpdTimeoutSeconds'],
    [
      'certificates without an identity',
      { authenticationType: 'Certificate' },
      'properties.certificateAuthentication.outboundAuthCertificate',
    ],
  ])('is refused with %s', async (_what, properties, target) => {
    expect(await refusal(CONNECTION, connectionBody(properties))).toEqual([400, 'InvalidParameter', target])
    expect((await api.ask('GET', CONNECTION)).status).toBe(404)
  })

  it('repeats no key in a refusal', async () => {
    const told = await api.ask('PUT', CONNECTION, { body: connectionBody({ sharedKey: 'hunter two' }) })
    expect(JSON.stringify(told.body)).not.toContain('hunter')
  })

  it('is one of as many as the SKU has tunnels', async () => {
    await api.done('DELETE', GATEWAY)
    const basic = { sku: { name: 'Basic' }, vpnClientConfiguration: null }
    expect((await api.done('PUT', GATEWAY, gatewayBody(basic))).body.status).toBe('Succeeded')
    const body = connectionBody()
    for (let i = 0; i < 10; i++)
      expect((await api.done('PUT', `${NETWORK}/connections/number${i}`, body)).body.status).toBe('Succeeded')
    expect((await api.ask('PUT', `${NETWORK}/connections/number9`, { body })).status).toBe(200)
    expect(await refusal(`${NETWORK}/connections/eleventh`, body)).toEqual([
      400,
      'InvalidParameter',
      'properties.virtualNetworkGateway1.id',
    ])
  })

  it('has no SAs and nothing to reset', async () => {
    await api.done('PUT', CONNECTION, connectionBody())
    expect((await api.result(`${CONNECTION}/getikesas`)).body).toBe('[]\n')
    expect((await api.result(`${CONNECTION}/resetconnection`)).status).toBe(200)
  })
})

describe('scripts for devices', () => {
  const script = (vendor: string, more: object = {}) =>
    api.ask('POST', `${CONNECTION}/vpndeviceconfigurationscript`, { body: { vendor, ...more } })

  beforeEach(async () => {
    await api.done('PUT', CONNECTION, connectionBody())
  })

  it('are listed as ARM lists them', async () => {
    const { body } = await api.ask('POST', `${GATEWAY}/supportedvpndevices`)
    expect(body).toMatch(/^<\?xml version="1.0" encoding="utf-8"\?>\n<RpVpnDevices version="1.0">/)
    const vendors = [...String(body).matchAll(/<Vendor name="([^"]+)">/g)].map(([, name]) => name)
    expect(vendors).toEqual(['strongSwan', 'Libreswan', 'Generic'])
    for (const vendor of vendors) expect((await script(vendor ?? '')).status).toBe(200)
  })

  it.each([
    [
      'strongSwan',
      [
        'version = 2',
        'remote_addrs = 198.51.100.7',
        'local_ts = 10.9.0.0/16,10.10.0.0/16',
        'remote_ts = 10.1.0.0/16',
        'proposals = aes256-sha256-modp2048',
        'esp_proposals = aes256gcm16\n',
        'secret = "REPLACE_WITH_THE_PRE_SHARED_KEY"',
      ],
    ],
    [
      'Libreswan',
      [
        'right=198.51.100.7',
        'leftsubnets={10.9.0.0/16,10.10.0.0/16}',
        'ike=aes256-sha2_256;modp2048',
        'esp=aes_gcm256\n',
        'pfs=no',
      ],
    ],
    ['generic', ['203.0.113.1', '10.1.0.0/16', 'GCMAES256', '45 seconds']],
  ])('have both sides and the policy (%s)', async (vendor, lines) => {
    const { body } = await script(vendor)
    for (const line of lines) expect(body).toContain(line)
    expect(body).not.toContain('hunter2')
  })

  it('go by the policy of the connection', async () => {
    const policy = {
      saLifeTimeSeconds: 3_600,
      saDataSizeKilobytes: 1_024,
      ipsecEncryption: 'AES128',
      ipsecIntegrity: 'SHA256',
      ikeEncryption: 'GCMAES128',
      ikeIntegrity: 'SHA384',
      dhGroup: 'ECP384',
      pfsGroup: 'PFSMM',
    }
    await api.done('PUT', CONNECTION, connectionBody({ ipsecPolicies: [policy] }))
    const { body } = await script('strongSwan')
    expect(body).toContain('proposals = aes128gcm16-prfsha384-ecp384\n')
    expect(body).toContain('esp_proposals = aes128-sha256-ecp384\n')
  })

  it('hold the name of a site where it has one', async () => {
    await api.done('PUT', SITE, site({ gatewayIpAddress: null, fqdn: 'branch.example.org' }))
    expect((await script('Libreswan')).body).toContain('leftid=@branch.example.org')
  })

  it('are from any to any where a site names no networks', async () => {
    await api.done('PUT', GATEWAY, gatewayBody({ gatewayDefaultSite: { id: SITE } }))
    const moved = await api.done('PUT', SITE, site({ localNetworkAddressSpace: null }))
    expect(moved.body.error).toBeUndefined()
    expect((await script('strongSwan')).body).toContain('local_ts = 0.0.0.0/0\n')
  })

  it('are refused for what is not in the list', async () => {
    const { status, body } = await script('Cisco', { deviceFamily: 'ASA"' })
    expect([status, body.error.target]).toEqual([400, 'vendor'])
    expect(body.error.message).toContain("'strongSwan' 'swanctl'")
  })
})

describe('neighbours of a gateway', () => {
  it.each([
    ['neither address nor name', { gatewayIpAddress: '' }, 'properties.gatewayIpAddress'],
    ['both', { fqdn: 'a.example' }, 'properties.gatewayIpAddress'],
    ['an address that is none', { gatewayIpAddress: 'a.example' }, 'properties.gatewayIpAddress'],
    ['a name that is none', { gatewayIpAddress: null, fqdn: 'a b' }, 'properties.fqdn'],
    [
      'a prefix that is none',
      { localNetworkAddressSpace: { addressPrefixes: ['10.9.0.1/16'] } },
      'properties.localNetworkAddressSpace.addressPrefixes[0]',
    ],
  ])('a site is refused with %s', async (_what, properties, target) => {
    expect(await refusal(SITE, site(properties))).toEqual([400, 'InvalidParameter', target])
  })

  const subnet = (name: string, addressPrefix: string) => ({ name, properties: { addressPrefix } })
  it.each([
    ['no space', { addressSpace: { addressPrefixes: [] } }, 'properties.addressSpace.addressPrefixes'],
    [
      'a prefix that is none',
      { addressSpace: { addressPrefixes: ['10.1/16'] } },
      'properties.addressSpace.addressPrefixes[0]',
    ],
    [
      'prefixes in each other',
      { addressSpace: { addressPrefixes: ['10.1.0.0/16', '10.1.2.0/24'] } },
      'properties.addressSpace.addressPrefixes[1]',
    ],
    [
      'a DNS server that is none',
      { dhcpOptions: { dnsServers: ['dns'] } },
      'properties.dhcpOptions.dnsServers[0]',
    ],
    [
      'a subnet outside',
      { subnets: [subnet('a', '10.3.0.0/24')] },
      'properties.subnets[0].properties.addressPrefix',
    ],
    [
      'a subnet without a prefix',
      { subnets: [{ name: 'a', properties: {} }] },
      'properties.subnets[0].properties.addressPrefix',
    ],
    [
      'subnets in each other',
      { subnets: [subnet('a', '10.1.0.0/24'), subnet('b', '10.1.0.128/25')] },
      'properties.subnets[1].properties.addressPrefix',
    ],
    [
      'a small GatewaySubnet',
      { subnets: [subnet('GatewaySubnet', '10.1.0.0/30')] },
      'properties.subnets[0].properties.addressPrefix',
    ],
  ])('a network is refused with %s', async (_what, properties, target) => {
    expect(await refusal(`${NETWORK}/virtualNetworks/new`, networkBody(properties))).toEqual([
      400,
      'InvalidParameter',
      target,
    ])
  })

  it('a subnet is judged with its network', async () => {
    const body = { properties: { addressPrefix: '10.1.255.16/28' } }
    expect(await refusal(`${VNET}/subnets/front`, body)).toEqual([
      400,
      'InvalidParameter',
      'properties.subnets[1].properties.addressPrefix',
    ])
  })

  it('a public address is of its family, and shown as it was put', async () => {
    const path = `${NETWORK}/publicIPAddresses/six`
    const body = (properties: object) => ({ location: 'local', properties })
    expect(await refusal(path, body({ publicIPAddressVersion: 'IPv6', ipAddress: '192.0.2.1' }))).toEqual([
      400,
      'InvalidParameter',
      'properties.ipAddress',
    ])
    const six = await api.ask('PUT', path, { body: body({ publicIPAddressVersion: 'IPv6' }) })
    expect(six.body.properties.ipAddress).toBe('2001:db8::7')
    const own = await api.ask('PUT', ADDRESS, { body: body({ ipAddress: '192.0.2.9' }) })
    expect(own.body.properties.ipAddress).toBe('192.0.2.9')
  })
})
