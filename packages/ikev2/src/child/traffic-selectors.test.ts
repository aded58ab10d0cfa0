import { parseIpAddress, type TrafficSelector } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import { net } from '../auth/auth-pair.suite.ts'
import type { ChildScope } from './children.ts'
import { narrowSelectors, sameScope, withAddressToCome } from './traffic-selectors.ts'

const scope = (local: string[], remote: string[]): ChildScope => ({
  local: net(...local),
  remote: net(...remote),
})
const PORT_OF_WEB = { protocol: 6, startPort: 443, endPort: 443 } as const
const ALL = ['0.0.0.0/0', '::/0']

describe('narrowing', () => {
  it('gives Windows, which proposes everything, its lease and our networks', () => {
    const granted = scope(['10.0.0.0/8', '192.168.0.0/16'], ['172.16.0.5/32'])
    expect(narrowSelectors(scope(ALL, ALL), granted)).toEqual(granted)
  })

  it('keeps what both have, in the order of the proposal', () => {
    const proposed = scope(['192.168.1.0/24', '10.1.0.0/16', '8.8.8.8/32'], ['172.16.0.0/16'])
    const granted = scope(['10.0.0.0/8', '192.168.0.0/16'], ['172.16.0.5/32'])
    expect(narrowSelectors(proposed, granted)).toEqual(
      scope(['192.168.1.0/24', '10.1.0.0/16'], ['172.16.0.5/32']),
    )
  })

  it('takes the selectors of a packet into the networks that hold it (§2.9)', () => {
    const [whole] = net('10.1.0.0/16')
    const packet = { ...net('10.1.2.3/32')[0], protocol: 6, startPort: 443, endPort: 443 } as TrafficSelector
    const proposed = { local: [packet, whole as TrafficSelector], remote: net('172.16.0.5/32') }
    const granted = scope(['10.0.0.0/8'], ['172.16.0.0/24'])
    expect(narrowSelectors(proposed, granted)).toEqual(scope(['10.1.0.0/16'], ['172.16.0.5/32']))
  })

  it('keeps protocol and ports of either side', () => {
    const tcp = (start: number, end: number) =>
      ({ ...net('10.0.0.0/8')[0], protocol: 6, startPort: start, endPort: end }) as TrafficSelector
    const proposed = { local: [tcp(100, 500)], remote: net('172.16.0.5/32') }
    const granted = { local: [tcp(443, 1000)], remote: net('172.16.0.5/32') }
    expect(narrowSelectors(proposed, granted)?.local).toEqual([tcp(443, 500)])
    const udp = { local: [{ ...tcp(443, 443), protocol: 17 }], remote: net('172.16.0.5/32') }
    expect(narrowSelectors(proposed, udp)).toBeUndefined()
  })

  it('leaves out a family that only one end has', () => {
    const proposed = scope(ALL, ['172.16.0.5/32'])
    expect(narrowSelectors(proposed, scope(ALL, ALL))).toEqual(scope(['0.0.0.0/0'], ['172.16.0.5/32']))
    expect(narrowSelectors(scope(['::/0'], ['10.0.0.0/8']), scope(ALL, ALL))).toBeUndefined()
  })

  it('gives nothing beyond the grant, whatever is proposed', () => {
    const granted = scope(['10.0.0.0/8'], ['172.16.0.5/32'])
    expect(narrowSelectors(scope(['10.0.0.0/8'], ['172.16.0.6/32']), granted)).toBeUndefined()
    expect(narrowSelectors(scope(['192.168.0.0/16'], ['172.16.0.5/32']), granted)).toBeUndefined()
    expect(narrowSelectors(scope([], []), granted)).toBeUndefined()
    expect(narrowSelectors(scope(ALL, ALL), scope([], []))).toBeUndefined()
  })

  it('has no selector twice, nor one inside another, and a bounded number', () => {
    const nested = scope(['10.1.2.0/24', '10.0.0.0/8', '10.1.0.0/16', '10.0.0.0/8'], ['172.16.0.5/32'])
    expect(narrowSelectors(nested, scope(ALL, ALL))?.local).toEqual(net('10.0.0.0/8'))
    const many = Array.from({ length: 64 }, (_, i) => `10.${i}.0.0/16`)
    const hosts = Array.from({ length: 64 }, (_, i) => `10.${i}.0.0/17`).concat(
      many.map(one => one.replace('.0.0/16', '.128.0/17')),
    )
    expect(narrowSelectors(scope(many, ALL), scope(hosts, ALL))?.local).toHaveLength(64)
  })

  it('works on ranges that are no prefixes', () => {
    const range = (start: string, end: string): TrafficSelector => ({
      protocol: 0,
      startPort: 0,
      endPort: 65535,
      start: parseIpAddress(start) as TrafficSelector['start'],
      end: parseIpAddress(end) as TrafficSelector['end'],
    })
    const proposed = { local: [range('10.0.0.5', '10.0.0.20')], remote: net('172.16.0.5/32') }
    const granted = { local: [range('10.0.0.10', '10.0.0.30')], remote: net('172.16.0.5/32') }
    expect(narrowSelectors(proposed, granted)?.local).toEqual([range('10.0.0.10', '10.0.0.20')])
  })
})

describe('an address that is still to be given', () => {
  const IPV4 = { ipv4: true, ipv6: false }
  const IPV6 = { ipv4: false, ipv6: true }

  it('is meant by zeros alone, of a family that is asked for', () => {
    const dynamic = net('0.0.0.0/32', '::/128')
    expect(withAddressToCome(dynamic, IPV4)).toEqual(net('0.0.0.0/0', '::/128'))
    expect(withAddressToCome(dynamic, IPV6)).toEqual(net('0.0.0.0/32', '::/0'))
    expect(withAddressToCome(dynamic, { ipv4: false, ipv6: false })).toEqual(dynamic)
  })

  it('narrows to what is given, with the protocol and ports that were asked for', () => {
    const [zeros] = net('0.0.0.0/32')
    const web = { ...(zeros as TrafficSelector), ...PORT_OF_WEB }
    const proposed = { local: net('10.0.0.0/8'), remote: withAddressToCome([web], IPV4) }
    const narrowed = narrowSelectors(proposed, scope(['10.1.0.0/16'], ['172.16.0.5/32']))
    const [lease] = net('172.16.0.5/32')
    expect(narrowed?.remote).toEqual([{ ...(lease as TrafficSelector), ...PORT_OF_WEB }])
  })

  it('is not meant by any other selector', () => {
    const others = net('0.0.0.1/32', '0.0.0.0/31', '0.0.0.0/0', '10.0.0.0/32', '::1/128')
    expect(withAddressToCome(others, { ipv4: true, ipv6: true })).toEqual(others)
  })
})

describe('two scopes', () => {
  it('are the same in any order', () => {
    const one = scope(['10.0.0.0/8', '::/0'], ['172.16.0.5/32'])
    expect(sameScope(one, scope(['::/0', '10.0.0.0/8'], ['172.16.0.5/32']))).toBe(true)
    expect(sameScope(one, scope(['::/0'], ['172.16.0.5/32']))).toBe(false)
  })
})
