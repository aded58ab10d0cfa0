import { type IpAddress, parseIpAddress } from '@causeway/wire'
import { expect, test } from 'vitest'
import { ConnectionCensus } from './connection-census.ts'

const address = (text: string) => parseIpAddress(text) as IpAddress

test('counts by IPv4 /24 and IPv6 /64, and in total', () => {
  const census = new ConnectionCensus({ perIpv4Network: 2, perIpv6Network: 1, total: 4 })
  expect(census.enter(address('192.0.2.1'))).toBeDefined()
  const leave = census.enter(address('192.0.2.200'))
  expect(census.enter(address('192.0.2.3'))).toBeUndefined()
  expect(census.enter(address('2001:db8::1'))).toBeDefined()
  expect(census.enter(address('2001:db8::ffff:1'))).toBeUndefined()
  expect(census.enter(address('2001:db8:0:1::1'))).toBeDefined()
  expect(census.enter(address('198.51.100.1'))).toBeUndefined()
  leave?.()
  leave?.()
  expect(census.total).toBe(3)
  expect(census.enter(address('192.0.2.3'))).toBeDefined()
})
