import type { NetworkInterfaceInfo } from 'node:os'
import { formatIpPrefix } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import { connectedPrivateNetworks, type Interfaces, reachableAddresses } from './connected-networks.ts'

function entry(cidr: string, internal = false): NetworkInterfaceInfo {
  const address = cidr.split('/')[0] as string
  const common = { address, netmask: '', mac: '', internal, cidr }
  return cidr.includes(':') ? { ...common, family: 'IPv6', scopeid: 0 } : { ...common, family: 'IPv4' }
}

const INTERFACES: Interfaces = {
  lo: [entry('127.0.0.1/8', true), entry('::1/128', true)],
  eth0: [entry('203.0.113.7/24'), entry('2001:db8::7/64'), entry('fe80::7/64')],
  eth1: [entry('10.1.2.3/16'), entry('fd00:1::3/64')],
  eth2: [entry('10.1.9.9/16')],
  docker0: [entry('172.17.0.1/16')],
  causeway0: [entry('172.16.201.1/24')],
}

describe('connectedPrivateNetworks', () => {
  it('has the private networks of real interfaces, each once', () => {
    expect(connectedPrivateNetworks(INTERFACES).map(formatIpPrefix)).toEqual(['10.1.0.0/16', 'fd00:1::/64'])
  })
})

describe('reachableAddresses', () => {
  it('has public addresses before private ones, IPv4 first', () => {
    const { eth0, eth1, ...rest } = INTERFACES
    const addresses = ['203.0.113.7', '10.1.9.9', '10.1.2.3', '2001:db8::7', 'fd00:1::3']
    expect(reachableAddresses({ ...rest, eth1, eth0 })).toEqual(addresses)
  })
})
