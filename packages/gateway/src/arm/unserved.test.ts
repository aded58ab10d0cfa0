import type { GatewaySettings } from '@causeway/api-contract'
import { expect, it } from 'vitest'
import { formatConfigurationFault } from './configuration-fault.ts'
import { type Change, resourceOf } from './documents.suite.ts'
import { readGatewayConfiguration } from './read-gateway-configuration.ts'

const RADIUS: Change = {
  clients: {
    vpnAuthenticationTypes: ['Radius'],
    radiusServers: [{ radiusServerAddress: '10.1.0.9', radiusServerSecret: 'Wombat-7' }],
  },
}

function linesOf(settings: GatewaySettings, change: Change = RADIUS): string[] {
  const read = readGatewayConfiguration(resourceOf(change), settings)
  return read.type === 'bad' ? read.faults.map(formatConfigurationFault) : []
}

it('takes what is served, and what says of the rest that it is off', () => {
  expect(linesOf({})).toEqual([])
  const users = { maximumSeconds: 0, idleSeconds: 0, reauthenticationSeconds: 0, devicesPerUser: 0 }
  const servers = [{ address: '10.1.0.9', accountingPort: 1_646, requireMessageAuthenticator: false }]
  const radius = { accounting: true, interimSeconds: 600, dynamicAuthorization: {}, servers }
  expect(linesOf({ radius, users })).toEqual([])
})

it.each<[GatewaySettings, string]>([
  [
    { users: { maximumSeconds: 60 } },
    'users.maximumSeconds: this version does not end sessions by their age',
  ],
  [{ users: { idleSeconds: 60 } }, 'users.idleSeconds: this version does not end idle sessions yet'],
  [{ users: { reauthenticationSeconds: 60 } }, 'users.reauthenticationSeconds: this version does not judge'],
  [{ users: { devicesPerUser: 1 } }, 'users.devicesPerUser: this version does not count the devices'],
])('refuses %j, which would be left out silently', (settings, line) => {
  const lines = linesOf(settings)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain(`settings: ${line}`)
  expect(lines[0]).toMatch(/ yet; take it out$/)
})

it('refuses policy groups', () => {
  const everybody = { name: 'everybody', properties: { isDefault: true, priority: 10, policyMembers: [] } }
  expect(linesOf({}, { ...RADIUS, virtualNetworkGatewayPolicyGroups: [everybody] })).toEqual([
    'gateway: properties.virtualNetworkGatewayPolicyGroups: this version does not put users into policy groups ' +
      'yet; take them out, with the connection configurations and settings that name them',
  ])
})
