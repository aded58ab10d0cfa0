import { beforeEach, describe, expect, it } from 'vitest'
import { NETWORK } from '../../management-api.suite.ts'
import {
  ADDRESS,
  CONNECTION,
  connectionBody,
  GATEWAY,
  gatewayBody,
  type NetworkApi,
  networkBody,
  SITE,
  siteBody,
  VNET,
} from '../network.suite.ts'
import { connect, sitesApi } from './connection.suite.ts'

const OTHER = `${NETWORK}/connections/other`

let api: NetworkApi

beforeEach(async () => {
  api = await sitesApi()
})

const connected = (properties: object = {}, path: string = CONNECTION) => connect(api, properties, path)
const peerOf = (path: string = CONNECTION) => api.gateway.connected.get(path.toLowerCase())?.peer

describe('what a connection rests on', () => {
  beforeEach(async () => {
    await connected()
    await connected({}, OTHER)
  })

  it('takes all connections of a site along', async () => {
    const moved = siteBody({ gatewayIpAddress: null, fqdn: 'branch.example.org' })
    expect((await api.ask('PUT', SITE, { body: moved })).status).toBe(200)
    for (const path of [CONNECTION, OTHER])
      expect(peerOf(path)).toEqual({
        type: 'local-gateway',
        id: SITE,
        fqdn: 'branch.example.org',
        addressPrefixes: ['10.9.0.0/16', '10.10.0.0/16'],
      })
    const used = await api.ask('DELETE', SITE)
    expect([used.status, used.body.error.code]).toEqual([409, 'ResourceInUse'])
  })

  it('does not take one alone along', async () => {
    const before = peerOf()
    let calls = 0
    api.gateway.beforeApply = async () => {
      if (++calls === 2) throw new Error('no such device')
    }
    const told = await api.ask('PUT', SITE, { body: siteBody({ gatewayIpAddress: '203.0.113.2' }) })
    expect(told.status).toBe(500)
    expect([calls, peerOf(), peerOf(OTHER)]).toEqual([3, before, before])
    expect((await api.ask('GET', SITE)).body.properties.provisioningState).toBe('Failed')
    // What is made of it now goes by where the site was.
    await connected({ routingWeight: 3 })
    expect(peerOf()).toEqual(before)
  })

  it('is not what a connection cannot go on with', async () => {
    const body = siteBody({ localNetworkAddressSpace: { addressPrefixes: ['10.1.9.0/24'] } })
    const told = await api.ask('PUT', SITE, { body })
    expect([told.status, told.body.error?.target]).toEqual([
      400,
      'properties.localNetworkAddressSpace.addressPrefixes',
    ])
    expect(told.body.error.message).toContain('the connection site cannot go on with it')
    const network = networkBody({ addressSpace: { addressPrefixes: ['10.1.0.0/16', '10.9.0.0/16'] } })
    expect((await api.ask('PUT', VNET, { body: network })).body.error?.message).toContain('10.9.0.0/16')
  })

  it('is the public addresses of the gateway too', async () => {
    const body = { location: 'local', properties: { ipAddress: '192.0.2.9' } }
    expect((await api.ask('PUT', ADDRESS, { body })).status).toBe(200)
    expect(api.gateway.inForce?.network?.publicAddresses).toEqual(['192.0.2.9'])
    expect(api.gateway.connected.size).toBe(2)
    await api.done('PUT', VNET, networkBody({ dhcpOptions: { dnsServers: ['10.1.0.5'] } }))
    expect(api.gateway.inForce?.network).toMatchObject({
      dnsServers: ['10.1.0.5'],
      publicAddresses: ['192.0.2.9'],
    })
  })

  it('is the default site of the gateway', async () => {
    await api.done('PUT', GATEWAY, gatewayBody({ gatewayDefaultSite: { id: SITE } }))
    expect(api.gateway.inForce?.resource.properties.gatewayDefaultSite?.id).toBe(SITE)
    expect(api.gateway.connected.size).toBe(2)
  })
})

describe('a NAT rule', () => {
  const RULE = `${GATEWAY}/natRules/outside`
  const rule = (externalMappings: object[] = [{ addressSpace: '192.168.0.0/16' }]) => ({
    properties: {
      type: 'Static',
      mode: 'EgressSnat',
      internalMappings: [{ addressSpace: '10.1.0.0/16' }],
      externalMappings,
    },
  })
  const inForce = () => api.gateway.inForce?.resource.properties.natRules

  it('is made, read, listed, changed and removed by itself', async () => {
    expect((await api.done('PUT', RULE, rule())).body.status).toBe('Succeeded')
    expect(inForce()).toMatchObject([{ name: 'outside', ...rule() }])
    expect((await api.ask('GET', RULE)).body).toMatchObject({
      id: RULE,
      name: 'outside',
      properties: { mode: 'EgressSnat', provisioningState: 'Succeeded' },
    })
    await api.done('PUT', RULE, rule([{ addressSpace: '192.169.0.0/16' }]))
    expect(inForce()).toMatchObject([rule([{ addressSpace: '192.169.0.0/16' }])])
    expect((await api.ask('GET', `${GATEWAY}/natRules`)).body.value).toHaveLength(1)
    expect((await api.done('DELETE', RULE)).body.status).toBe('Succeeded')
    expect(inForce()).toEqual([])
  })

  it('stays while a connection uses it, and stays fit for it', async () => {
    await api.done('PUT', RULE, rule())
    await connected({ egressNatRules: [{ id: RULE }] })
    const used = await api.ask('DELETE', RULE)
    expect([used.status, used.body.error?.code]).toEqual([409, 'ResourceInUse'])
    const unfit = await api.ask('PUT', RULE, { body: rule([{ addressSpace: '192.168.0.0/24' }]) })
    expect(unfit.status).toBe(400)
    expect(unfit.body.error.message).toContain('its connection site cannot go on with it')
    expect(unfit.body.error.message).toContain('maps a /16 to a /24')
    await connected({ egressNatRules: [] })
    expect((await api.done('DELETE', RULE)).body.status).toBe('Succeeded')
  })

  it('is refused to a connection where it is not there', async () => {
    const told = await api.ask('PUT', CONNECTION, {
      body: connectionBody({ egressNatRules: [{ id: RULE }] }),
    })
    expect([told.status, told.body.error?.code]).toEqual([400, 'InvalidResourceReference'])
  })
})
