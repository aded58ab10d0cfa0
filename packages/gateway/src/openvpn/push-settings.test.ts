import { type IpAddress, type IpPrefix, parseIpAddress, parseIpPrefix } from '@causeway/wire'
import { expect, it } from 'vitest'
import type { GatewayConfiguration } from '../configuration.ts'
import { pushSettings } from './push-settings.ts'

const address = (text: string): IpAddress => parseIpAddress(text) as IpAddress
const prefix = (text: string): IpPrefix => parseIpPrefix(text) as IpPrefix

const CONFIGURATION: GatewayConfiguration = {
  name: 'gw',
  listeners: [],
  pool: {},
  insidePrefixes: [prefix('10.1.0.0/16'), prefix('192.168.7.0/24')],
  customRoutes: [prefix('128.0.0.0/1')],
  dnsServers: [],
  dnsSearchDomains: [],
  certificateAuthentication: { roots: [], intermediates: [], revokedThumbprints: new Set() },
  openvpn: {
    wraps: new Set(['tls-crypt']),
    dataCiphers: ['AES-256-GCM'],
    fallbackCipher: 'AES-256-GCM',
    tlsMinimum: 'TLSv1.2',
    tlsMaximum: 'TLSv1.3',
    tlsCiphers: [],
    pingSeconds: 10,
    pingRestartSeconds: 60,
    renegotiationSeconds: 3600,
    renegotiationBytes: 0,
    tunnelMtu: 1400,
  },
  clientToClient: false,
  nat: true,
  sessionLimit: 1,
}

const LEASE = {
  ipv4: { address: address('172.16.201.2'), prefixLength: 24, gateway: address('172.16.201.1') },
}

it('pushes the inside networks and the custom routes', () => {
  expect(pushSettings(CONFIGURATION, LEASE, address('203.0.113.9')).routes).toEqual([
    prefix('10.1.0.0/16'),
    prefix('192.168.7.0/24'),
    prefix('128.0.0.0/1'),
  ])
})

it("does not take a client's own network away from it", () => {
  expect(pushSettings(CONFIGURATION, LEASE, address('192.168.7.20')).routes).toEqual([
    prefix('10.1.0.0/16'),
    prefix('128.0.0.0/1'),
  ])
})
