import type { PushOptions } from '@causeway/openvpn'
import { type IpAddress, type IpPrefix, parseIpAddress, parseIpPrefix } from '@causeway/wire'
import { beforeEach, describe, expect, test } from 'vitest'
import { type ClientHost, linuxClientHost } from './client-host.ts'

const address = (text: string) => parseIpAddress(text) as IpAddress
const prefix = (text: string) => parseIpPrefix(text) as IpPrefix

const PUSHED: PushOptions = {
  ipv4: { address: address('10.8.0.2'), prefixLength: 24, gateway: address('10.8.0.1') },
  routes: [prefix('10.1.0.0/16'), prefix('fd01::/64')],
  redirectGateway: false,
  dnsServers: [],
  dnsSearchDomains: [],
  mtu: 1400,
}
const SERVER = address('192.0.2.1')

let batches: string[]
let host: ClientHost

beforeEach(() => {
  batches = []
  host = linuxClientHost(
    async (_program, _options, input) => void batches.push(input),
    async () => ({ line: '192.0.2.1/32 via 198.51.100.1 dev eth0', onLink: false }),
  )
})

describe('a Linux client', () => {
  test('sets addresses, MTU and the routes of the families it has', async () => {
    await host.configure('cwclient0', PUSHED, SERVER, 1500)
    expect(batches).toEqual([
      'link set dev cwclient0 mtu 1400 up\n' +
        'addr replace 10.8.0.2/24 dev cwclient0\n' +
        'route replace 10.1.0.0/16 dev cwclient0\n',
    ])
  })

  test('changes only what differs after a reconnect', async () => {
    await host.configure('cwclient0', PUSHED, SERVER, 1500)
    await host.configure('cwclient0', PUSHED, SERVER, 1500)
    await host.configure('cwclient0', { ...PUSHED, routes: [] }, SERVER, 1500)
    expect(batches.slice(1)).toEqual(['route del 10.1.0.0/16 dev cwclient0\n'])
  })

  test('keeps the way to the server outside when everything goes inside, and takes it away again', async () => {
    await host.configure('cwclient0', { ...PUSHED, redirectGateway: true }, SERVER, 1500)
    expect(batches[0]).toBe('route replace 192.0.2.1/32 via 198.51.100.1 dev eth0\n')
    expect(batches[1]).toContain('route replace 0.0.0.0/1 dev cwclient0\nroute replace 128.0.0.0/1 dev')
    await host.restore()
    await host.restore()
    expect(batches.slice(2)).toEqual(['route del 192.0.2.1/32 via 198.51.100.1 dev eth0\n'])
  })
})
