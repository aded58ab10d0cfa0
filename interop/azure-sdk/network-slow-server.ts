import { setTimeout as wait } from 'node:timers/promises'
import { type ActionResult, type ResourceServer, ResourceServerError } from '@causeway/management-api'

/**
 * Stands behind public addresses in these tests, and takes its time: what is made with the tag `fails` cannot be had.
 */
export const slowServer: ResourceServer = {
  apply: async change => {
    await wait(300)
    const { tags } = change.type === 'put' ? change.next : change.former
    if (change.type === 'put' && 'fails' in tags)
      throw new ResourceServerError('Conflict', 'There is no such address on this machine.')
  },
  view: async () => ({ ipAddress: '203.0.113.7' }),
}

/** Stands behind gateways in these tests: actions with a result at their end, without one, and at once. */
export const actingServer: ResourceServer = {
  action: async ({ name, body }): Promise<ActionResult | undefined> => {
    switch (name) {
      case 'GenerateVpnProfile':
        await wait(300)
        return { type: 'done', result: `https://gateway.example/${JSON.stringify(body)}` }
      case 'DisconnectVirtualNetworkGatewayVpnConnections':
        return { type: 'done' }
      case 'Reset':
        throw new ResourceServerError('Conflict', 'The gateway is not running.')
      case 'SupportedVpnDevices':
        return { type: 'done', result: '<RpVpnDevices/>' }
      default:
        return undefined
    }
  },
}
