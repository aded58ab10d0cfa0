import { formatIpPrefix, type IpPrefix, parseIpPrefix } from '@causeway/wire'
import { expect, test } from 'vitest'
import { connectionOf, EAST, WEST } from '../testing/site-pair.suite.ts'
import { customRoutesOfClients } from './client-routes.ts'

const prefix = (text: string) => parseIpPrefix(text) as IpPrefix
const networks = { insidePrefixes: [prefix('10.1.0.0/16')], customRoutes: [prefix('10.9.0.0/16')] }
const routes = (clientTransit: boolean, ...remote: readonly string[]) => {
  const connections = [connectionOf(WEST, EAST, { remotePrefixes: remote.map(prefix) })]
  const found = customRoutesOfClients({
    ...networks,
    sites: { connections, clientTransit, siteTransit: false },
  })
  return found.map(formatIpPrefix)
}

test('clients are told of what is behind sites where they reach it, once', () => {
  expect(routes(true, '10.2.0.0/16', '10.9.0.0/16', '10.2.0.0/16')).toEqual(['10.9.0.0/16', '10.2.0.0/16'])
})

test('without transit they have the custom routes, the same object for all', () => {
  expect(routes(false, '10.2.0.0/16')).toEqual(['10.9.0.0/16'])
  expect(customRoutesOfClients(networks)).toBe(networks.customRoutes)
})
