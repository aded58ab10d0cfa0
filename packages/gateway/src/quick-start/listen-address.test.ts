import { formatEndpoint } from '@causeway/wire'
import { expect, it } from 'vitest'
import { isWildcard, listenersAt, parseListenAddress } from './listen-address.ts'

it.each([
  ['192.0.2.1', '192.0.2.1:443'],
  ['192.0.2.1:8443', '192.0.2.1:8443'],
  ['::', '[::]:443'],
  ['[2001:db8::1]:1194', '[2001:db8::1]:1194'],
  ['[::1]', '[::1]:443'],
])('reads %s', (text, endpoint) => {
  expect(formatEndpoint(parseListenAddress(text))).toBe(endpoint)
})

it.each(['', 'eth0', '192.0.2.1:0', '192.0.2.1:65536', '192.0.2.1:x', '[192.0.2]:1', 'a\nb'])(
  'refuses %j',
  text => {
    expect(() => parseListenAddress(text)).toThrow(/^--listen: .* is not an address; give/)
  },
)

it('listens on UDP and TCP, and knows a wildcard', () => {
  const any = parseListenAddress('0.0.0.0:1194')
  expect(isWildcard(any)).toBe(true)
  expect(isWildcard(parseListenAddress('0.0.0.1'))).toBe(false)
  expect(listenersAt(any).map(({ transport, address, port }) => `${transport} ${address} ${port}`)).toEqual([
    'udp 0.0.0.0 1194',
    'tcp 0.0.0.0 1194',
  ])
})
