import { type IpPrefix, parseIpAddress, parseIpPrefix } from '@causeway/wire'
import { expect, it } from 'vitest'
import { type InterfaceState, interfaceBatch } from './address-batch.ts'

const state = (addresses: readonly string[], routes: readonly string[]): InterfaceState => ({
  name: 'tun0',
  mtu: 1_400,
  addresses: addresses.flatMap(text => {
    const address = parseIpAddress(text)
    return address ? [{ address, prefixLength: address.family === 4 ? 24 : 64 }] : []
  }),
  routes: routes.map(text => ({ destination: parseIpPrefix(text) as IpPrefix, isBefore: true })),
})

it("makes routes anew that the kernel takes away with an interface's last IPv4 address", () => {
  const before = state(['172.16.0.1', 'fd00::1'], ['192.168.7.0/24', '192.168.8.0/24', 'fd07::/64'])
  const after = state(['fd00::1'], ['192.168.7.0/24', 'fd07::/64'])
  expect(interfaceBatch(before, after).split('\n')).toEqual([
    'addr del 172.16.0.1/24 dev tun0',
    'route prepend 192.168.7.0/24 dev tun0',
    '',
  ])
})

it('leaves routes alone while another IPv4 address stays', () => {
  const before = state(['172.16.0.1'], ['192.168.7.0/24'])
  const after = state(['172.16.1.1'], ['192.168.7.0/24'])
  expect(interfaceBatch(before, after).split('\n')).toEqual([
    'addr replace 172.16.1.1/24 dev tun0',
    'addr del 172.16.0.1/24 dev tun0',
    '',
  ])
})
