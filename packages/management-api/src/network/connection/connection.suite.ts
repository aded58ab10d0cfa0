import { expect } from 'vitest'
import { vaultPlane } from '../../management-api.suite.ts'
import {
  CONNECTION,
  connectionBody,
  GATEWAY,
  gatewayBody,
  type NetworkApi,
  networkApi,
  SITE,
  siteBody,
} from '../network.suite.ts'
import { MemoryGateway } from '../running-gateway.suite.ts'

/** A gateway of another installation, which the settings know. */
export const REMOTE =
  '/subscriptions/99999999-3333-4444-8555-666666666666/resourceGroups/far/providers/Microsoft.Network/virtualNetworkGateways/gw'

/** The API with a gateway that runs, a site, and vaults below `vault.example.org`. */
export async function sitesApi(): Promise<NetworkApi> {
  const remote = { id: REMOTE, address: '203.0.113.50', addressPrefixes: ['10.50.0.0/16'] }
  const settings = { hostNames: ['198.51.100.7'], sites: { remoteGateways: [remote] } }
  const api = await networkApi(new MemoryGateway(settings), { vaults: vaultPlane('vault.example.org') })
  await api.done('PUT', GATEWAY, gatewayBody())
  await api.done('PUT', SITE, siteBody())
  return api
}

/** Makes a connection, and expects that it runs. */
export async function connect(
  api: NetworkApi,
  properties: object = {},
  path: string = CONNECTION,
): Promise<void> {
  const { body } = await api.done('PUT', path, connectionBody(properties))
  expect(body.error).toBeUndefined()
  expect((await api.ask('GET', path)).body.properties.provisioningState).toBe('Succeeded')
}
