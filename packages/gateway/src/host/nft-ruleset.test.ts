import { type IpAddress, type IpPrefix, parseIpAddress, parseIpPrefix } from '@causeway/wire'
import { expect, test } from 'vitest'
import type { GatewayHostState } from './host.ts'
import { gatewayRuleset } from './nft-ruleset.ts'

const address = (text: string) => parseIpAddress(text) as IpAddress
const prefix = (text: string) => parseIpPrefix(text) as IpPrefix

const STATE: GatewayHostState = {
  tun: 'causeway0',
  mtu: 1500,
  addresses: [],
  pools: [prefix('10.8.0.0/24'), prefix('fd00::/64')],
  destinations: [prefix('10.1.0.0/16'), prefix('192.168.7.0/24')],
  nat: true,
  services: [
    { transport: 'udp', service: 'openvpn', local: { address: address('0.0.0.0'), port: 1194 } },
    { transport: 'tcp', service: 'shared', local: { address: address('2001:db8::1'), port: 443 } },
    { transport: 'esp', service: 'esp', local: { address: address('0.0.0.0'), port: 0 } },
  ],
}

const rules = (state: GatewayHostState) =>
  gatewayRuleset(state)
    .split('\n')
    .map(line => line.trim())

test('replaces the whole table in one transaction', () => {
  expect(rules(STATE).slice(0, 3)).toEqual([
    'table inet causeway {}',
    'delete table inet causeway',
    'table inet causeway {',
  ])
})

test('keeps the VPN ports out of connection tracking, both ways', () => {
  expect(rules(STATE)).toEqual(
    expect.arrayContaining([
      'udp dport 1194 fib daddr type local notrack',
      'udp sport 1194 fib saddr type local notrack',
      'ip6 daddr 2001:db8::1 tcp dport 443 notrack',
      'ip6 saddr 2001:db8::1 tcp sport 443 notrack',
      'meta l4proto esp fib daddr type local notrack',
    ]),
  )
})

test('a port on all addresses of both families has one rule', () => {
  const both = ['0.0.0.0', '::'].map(text => ({
    transport: 'udp' as const,
    service: 'ike' as const,
    local: { address: address(text), port: 500 },
  }))
  const ofPort = rules({ ...STATE, services: both }).filter(rule => rule.includes('500'))
  expect(ofPort).toEqual([
    'udp dport 500 fib daddr type local notrack',
    'udp sport 500 fib saddr type local notrack',
  ])
})

test('lets clients reach the destinations of their family, and nothing else', () => {
  const all = rules(STATE)
  const begin = all.indexOf('chain from-clients {')
  expect(all.slice(begin + 1, all.indexOf('}', begin))).toEqual([
    'oifname "causeway0" drop',
    'ip saddr { 10.8.0.0/24 } ip daddr { 10.1.0.0/16, 192.168.7.0/24 } accept',
    'ct state established,related accept',
    'reject with icmpx admin-prohibited',
  ])
})

test('masquerades from a port that is none of the gateway’s', () => {
  const match = 'oifname != "causeway0" ip saddr { 10.8.0.0/24 } ip daddr { 10.1.0.0/16, 192.168.7.0/24 }'
  expect(rules(STATE)).toContain(`${match} meta l4proto { tcp, udp } masquerade to :1195-65535 fully-random`)
  expect(rules(STATE)).toContain(`${match} masquerade`)
})

test('masquerades nobody without NAT', () => {
  expect(gatewayRuleset({ ...STATE, nat: false })).not.toMatch(/masquerade( |$)(?!\{)/m)
})

test.each(['a"; drop', 'x\ny', '', 'sixteen-letters-', '..', '-batch'])(
  'takes no interface named %j',
  tun => {
    expect(() => gatewayRuleset({ ...STATE, tun })).toThrowError(
      expect.objectContaining({ code: 'ERR_HOST_COMMAND' }),
    )
  },
)

const SITES = {
  remotePrefixes: [prefix('10.9.0.0/16'), prefix('fd09::/64')],
  insidePrefixes: [prefix('10.1.0.0/16')],
  peers: [],
  isDefaultSite: false,
}

function chain(name: string, state: GatewayHostState): string[] {
  const all = rules(state)
  const begin = all.indexOf(`chain ${name} {`)
  return all.slice(begin + 1, all.indexOf('}', begin))
}

test('lets sites and inside networks reach each other, and sites nothing else', () => {
  const state = { ...STATE, pools: [], sites: SITES }
  expect(chain('from-clients', state)).toEqual([
    'oifname "causeway0" drop',
    'ip saddr { 10.9.0.0/16 } ip daddr { 10.1.0.0/16 } accept',
    'ct state established,related accept',
    'reject with icmpx admin-prohibited',
  ])
  expect(chain('to-clients', state)).toEqual([
    'ct state established,related accept',
    'ip saddr { 10.1.0.0/16 } ip daddr { 10.9.0.0/16 } accept',
    'drop',
  ])
  expect(gatewayRuleset(state)).not.toMatch(/masquerade( |$)/m)
})

test('sites reach the gateway itself by its inside addresses alone, clients as ever', () => {
  expect(chain('to-gateway', { ...STATE, sites: SITES })).toEqual([
    'ip saddr { 10.8.0.0/24 } accept',
    'ip6 saddr { fd00::/64 } accept',
    'ip saddr { 10.9.0.0/16 } ip daddr { 10.1.0.0/16 } accept',
    'ct state established,related accept',
    'drop',
  ])
  expect(gatewayRuleset(STATE)).not.toContain('hook input')
})

test('a default site is everything but the clients and the inside networks', () => {
  const sites = { ...SITES, isDefaultSite: true }
  expect(chain('from-clients', { ...STATE, sites })).toContain(
    'ip saddr != { 10.8.0.0/24, 10.1.0.0/16 } ip saddr 0.0.0.0/0 ip daddr { 10.1.0.0/16 } accept',
  )
  expect(chain('to-clients', { ...STATE, pools: [], sites })).toContain(
    'ip saddr { 10.1.0.0/16 } ip daddr != { 10.1.0.0/16 } ip daddr 0.0.0.0/0 accept',
  )
})

test('clients and inside networks are behind no site, however wide its networks are', () => {
  const sites = { ...SITES, remotePrefixes: [prefix('0.0.0.0/1'), prefix('10.9.0.0/16')] }
  expect(chain('to-clients', { ...STATE, sites })).toContain(
    'ip saddr { 10.1.0.0/16 } ip daddr != { 10.8.0.0/24, 10.1.0.0/16 } ip daddr { 0.0.0.0/1, 10.9.0.0/16 } accept',
  )
})
