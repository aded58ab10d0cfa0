import { formatIpAddress, formatIpPrefix, formatTrafficSelector } from '@causeway/wire'
import { expect, test } from 'vitest'
import type { Lease } from '../pool/address-pool.ts'
import type { ClientNetwork } from '../session/user-plan.ts'
import { address, prefix } from '../testing/test-gateway.suite.ts'
import { grantOf } from './grant.ts'

const TERMS: ClientNetwork = {
  insidePrefixes: [prefix('10.1.0.0/16'), prefix('fd01::/64')],
  customRoutes: [],
  dnsServers: [address('10.1.0.5')],
  dnsSearchDomains: [],
}
const LEASE: Lease = {
  ipv4: { address: address('10.8.0.2'), prefixLength: 24, gateway: address('10.8.0.1') },
  ipv6: { address: address('fd08::2'), prefixLength: 112, gateway: address('fd08::1') },
}

const shown = (asked?: { ipv4: boolean; ipv6: boolean }) => {
  const { configuration, local, remote } = grantOf(TERMS, LEASE, asked)
  return {
    ipv4: configuration?.ipv4 && formatIpAddress(configuration.ipv4),
    ipv6: configuration?.ipv6 && formatIpAddress(configuration.ipv6.address),
    subnets: configuration?.subnets.map(formatIpPrefix),
    local: local.map(formatTrafficSelector),
    remote: remote.map(formatTrafficSelector),
  }
}

test('a client gets both families, IPv6 whole', () => {
  expect(shown()).toMatchObject({
    ipv4: '10.8.0.2',
    ipv6: 'fd08::2',
    subnets: ['10.1.0.0/16', 'fd01::/64'],
    local: ['10.1.0.0/16', '10.8.0.1/32', '::/0'],
    remote: ['10.8.0.2/32', 'fd08::2/128'],
  })
})

test('a family that it did not ask for it does not get', () => {
  expect(shown({ ipv4: true, ipv6: false })).toEqual({
    ipv4: '10.8.0.2',
    ipv6: undefined,
    subnets: ['10.1.0.0/16'],
    local: ['10.1.0.0/16', '10.8.0.1/32'],
    remote: ['10.8.0.2/32'],
  })
  expect(shown({ ipv4: false, ipv6: true })).toMatchObject({
    ipv4: undefined,
    ipv6: 'fd08::2',
    local: ['::/0'],
    remote: ['fd08::2/128'],
  })
})
