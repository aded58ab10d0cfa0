import {
  formatIpAddress,
  formatIpPrefix,
  type IpAddress,
  type IpPrefix,
  parseIpAddress,
  parseIpPrefix,
} from '@causeway/wire'
import { expect, test } from 'vitest'
import type { TunnelType } from '../authentication/identity.ts'
import type { SiteConnection } from '../site/site-configuration.ts'
import { deviceMtu, hostSites } from './host-state.ts'

test('the device is as large as the largest tunnel that is on', () => {
  const mtus = { openvpn: { tunnelMtu: 1_400 }, ikev2: { tunnelMtu: 1_300 }, sstp: { tunnelMtu: 1_500 } }
  const mtuOf = (...tunnels: TunnelType[]) => deviceMtu({ ...mtus, tunnels: new Set(tunnels) })
  expect(mtuOf('SSTP')).toBe(1_500)
  expect(mtuOf('IkeV2')).toBe(1_300)
  expect(mtuOf('OpenVPN', 'IkeV2')).toBe(1_400)
  expect(mtuOf('OpenVPN', 'IkeV2', 'SSTP')).toBe(1_500)
})

test('sites are the networks of all connections, as they are known inside, each once', () => {
  const prefix = (text: string) => parseIpPrefix(text) as IpPrefix
  const connection = (isDefaultSite: boolean, remote: string): SiteConnection => {
    const part: Pick<
      SiteConnection,
      'remote' | 'remotePrefixes' | 'localPrefixes' | 'isDefaultSite' | 'nat'
    > = {
      remote: isDefaultSite
        ? { type: 'address', address: parseIpAddress('192.0.2.1') as IpAddress }
        : { type: 'name', name: 'site.example' },
      remotePrefixes: ['10.9.0.0/16', remote].map(prefix),
      localPrefixes: [prefix('10.1.0.0/16')],
      isDefaultSite,
      nat: { egress: [], ingress: [] },
    }
    return part as SiteConnection
  }
  const state = hostSites([connection(false, 'fd09::/64'), connection(true, '10.8.0.0/16')])
  expect(state.remotePrefixes.map(formatIpPrefix)).toEqual(['10.9.0.0/16', 'fd09::/64', '10.8.0.0/16'])
  expect(state.insidePrefixes.map(formatIpPrefix)).toEqual(['10.1.0.0/16'])
  expect(state.peers.map(formatIpAddress)).toEqual(['192.0.2.1'])
  expect(state.isDefaultSite).toBe(true)
})
