import { formatIpPrefix, type IpAddress, parseIpAddress } from '@causeway/wire'
import { beforeAll, expect, test } from 'vitest'
import type { GatewayConfiguration } from '../configuration.ts'
import { AddressPool } from '../pool/address-pool.ts'
import { root } from '../testing/credentials.suite.ts'
import { defaultConfiguration, prefix } from '../testing/test-gateway.suite.ts'
import { pushSettings } from './push-settings.ts'

const OUTSIDE = parseIpAddress('192.0.2.7') as IpAddress
const AT_HOME = parseIpAddress('10.1.2.3') as IpAddress

let configuration: GatewayConfiguration

beforeAll(async () => {
  const insidePrefixes = ['10.1.0.0/16', 'fd01::/64'].map(prefix)
  configuration = {
    ...defaultConfiguration(await root()),
    insidePrefixes,
    customRoutes: [prefix('10.2.0.0/16')],
  }
})

function pushed(change: Partial<GatewayConfiguration>, outer: IpAddress) {
  const changed = { ...configuration, ...change }
  const lease = new AddressPool(changed.pool).lease('alice')!
  const { routes, redirectGateway } = pushSettings(changed, changed.openvpn.tunnelMtu, lease, outer)
  return { routes: routes.map(formatIpPrefix), redirectGateway }
}

test('routes of the families that the client has an address of', () => {
  const ipv4 = prefix('10.8.0.0/24')
  expect(pushed({}, OUTSIDE).routes).toEqual(['10.1.0.0/16', 'fd01::/64', '10.2.0.0/16'])
  expect(pushed({ pool: { ipv4 } }, OUTSIDE).routes).toEqual(['10.1.0.0/16', '10.2.0.0/16'])
})

test('no route to the inside network that the client is in', () => {
  expect(pushed({}, AT_HOME).routes).toEqual(['fd01::/64', '10.2.0.0/16'])
})

test('everything is a redirected gateway, wherever the client is', () => {
  const insidePrefixes = [prefix('0.0.0.0/0')]
  expect(pushed({ insidePrefixes }, AT_HOME)).toEqual({ routes: ['10.2.0.0/16'], redirectGateway: true })
})
