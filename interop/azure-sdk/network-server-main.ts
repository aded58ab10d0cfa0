// The management API in a process of its own, whose gateways and addresses are played. The folder for its data in; it
// says where it is, and stays.
import { BUILT_IN_ROLE_IDS } from '@causeway/access'
import { SUBSCRIPTION, startApiServer, stay, TENANT } from './api-server.ts'
import type { ServerPlace } from './network-plan.ts'
import { actingServer, slowServer } from './network-slow-server.ts'

const server = await startApiServer({
  directory: process.argv[2] ?? '',
  servers: {
    'Microsoft.Network/publicIPAddresses': slowServer,
    'Microsoft.Network/virtualNetworkGateways': actingServer,
  },
  pageEntries: 2,
})
stay(server, {
  baseUrl: server.baseUrl,
  tenantId: TENANT,
  subscriptionId: SUBSCRIPTION,
  owner: await server.person('owner', [[BUILT_IN_ROLE_IDS.owner, '/']]),
  reader: await server.person('reader', [[BUILT_IN_ROLE_IDS.reader, `/subscriptions/${SUBSCRIPTION}`]]),
} satisfies ServerPlace)
