import { issueRoot } from '@causeway/x509'
import { apiWithGroup, NETWORK, type TestApi, type Told, testApi } from '../management-api.suite.ts'
import type { ManagementApiOptions } from '../server/options.ts'
import type { RunningNetwork } from './network-options.ts'
import { MemoryGateway } from './running-gateway.suite.ts'

export const VNET = `${NETWORK}/virtualNetworks/vnet`
export const SUBNET = `${VNET}/subnets/GatewaySubnet`
export const ADDRESS = `${NETWORK}/publicIPAddresses/pip`
export const GATEWAY = `${NETWORK}/virtualNetworkGateways/gw`
export const CONNECTION = `${NETWORK}/connections/site`
export const SITE = `${NETWORK}/localNetworkGateways/site`

export interface NetworkApi extends TestApi {
  readonly gateway: MemoryGateway
  /** A request, and how what it began has ended. */
  done(method: string, path: string, body?: unknown): Promise<Told>
  /** What an action came to. */
  result(path: string, body?: unknown): Promise<Told>
}

/**
 * The API with a gateway in memory, a virtual network, a public IP address, and no gateway's resource yet; on a given
 * store with what is there.
 */
export async function networkApi(
  gateway: MemoryGateway = new MemoryGateway(),
  changes: Partial<ManagementApiOptions> = {},
  more: Partial<RunningNetwork> = {},
): Promise<NetworkApi> {
  const isNew = changes.store === undefined
  const api = await (isNew ? apiWithGroup : testApi)({ running: { gateway, ...more }, ...changes })
  gateway.onChanged(() => api.api.adopt(gateway.present()))
  const done: NetworkApi['done'] = async (method, path, body) => {
    const told = await api.ask(method, path, { body })
    return told.headers['azure-asyncoperation'] === undefined ? told : api.ended(told)
  }
  const result: NetworkApi['result'] = async (path, body) => {
    const told = await api.ask('POST', path, { body })
    if (told.status !== 202) return told
    await api.ended(told)
    return api.ask('GET', (told.headers.location ?? '').replace(/^https:\/\/[^/]+/, ''), { version: '' })
  }
  const made = { ...api, gateway, done, result }
  if (!isNew) return made
  for (const [path, body] of [
    [VNET, networkBody()],
    [ADDRESS, { location: 'local', properties: {} }],
  ] as const) {
    const told = await made.done('PUT', path, body)
    if (told.status >= 300) throw new Error(JSON.stringify(told.body))
  }
  return made
}

export function networkBody(properties: object = {}): object {
  return {
    location: 'local',
    properties: {
      addressSpace: { addressPrefixes: ['10.1.0.0/16'] },
      dhcpOptions: { dnsServers: ['10.1.0.4'] },
      subnets: [{ name: 'GatewaySubnet', properties: { addressPrefix: '10.1.255.0/27' } }],
      ...properties,
    },
  }
}

const at = Math.floor(Date.now() / 1_000)
const root = await issueRoot({
  commonName: 'test root',
  key: 'ecdsa-p256',
  notBefore: at - 3_600,
  notAfter: at + 86_400,
})

export const CLIENTS = {
  vpnClientAddressPool: { addressPrefixes: ['172.16.201.0/24'] },
  vpnClientProtocols: ['openvpn', 'IkeV2'],
  vpnAuthenticationTypes: ['Certificate'],
  vpnClientRootCertificates: [
    { name: 'root', properties: { publicCertData: Buffer.from(root.certificate).toString('base64') } },
  ],
}

/** A gateway in the virtual network, with point-to-site. */
export function gatewayBody(properties: object = {}): object {
  return {
    location: 'local',
    properties: {
      gatewayType: 'Vpn',
      vpnType: 'RouteBased',
      sku: { name: 'VpnGw1', tier: 'VpnGw1' },
      ipConfigurations: [configuration()],
      vpnClientConfiguration: CLIENTS,
      ...properties,
    },
  }
}

export function configuration(name = 'default', address: string = ADDRESS, subnet: string = SUBNET): object {
  return { name, properties: { subnet: { id: subnet }, publicIPAddress: { id: address } } }
}

export function siteBody(properties: object = {}): object {
  return {
    location: 'local',
    properties: {
      gatewayIpAddress: '203.0.113.1',
      localNetworkAddressSpace: { addressPrefixes: ['10.9.0.0/16', '10.10.0.0/16'] },
      ...properties,
    },
  }
}

export function connectionBody(properties: object = {}): object {
  return {
    location: 'local',
    properties: {
      connectionType: 'IPsec',
      virtualNetworkGateway1: { id: GATEWAY },
      localNetworkGateway2: { id: SITE },
      sharedKey: 'hunter2',
      ...properties,
    },
  }
}
