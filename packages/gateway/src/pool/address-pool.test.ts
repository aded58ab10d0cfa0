import { formatIpAddress, type IpPrefix, parseIpPrefix } from '@causeway/wire'
import { describe, expect, test } from 'vitest'
import { AddressPool, type Lease } from './address-pool.ts'
import { PoolHistory } from './pool-history.ts'

const prefix = (text: string) => parseIpPrefix(text) as IpPrefix
const text = (lease: Lease | undefined) => {
  const { ipv4, ipv6 } = lease ?? {}
  return [ipv4, ipv6].flatMap(leased => (leased ? [formatIpAddress(leased.address)] : [])).join(' ')
}

describe('an address pool', () => {
  test('keeps the first host for the gateway and gives a place in both families', () => {
    const pool = new AddressPool({ ipv4: prefix('10.8.0.0/24'), ipv6: prefix('fd00::/64') })
    expect(pool.gateways.map(({ address }) => formatIpAddress(address))).toEqual(['10.8.0.1', 'fd00::1'])
    const lease = pool.lease('alice')
    expect(text(lease)).toBe('10.8.0.2 fd00::2')
    expect(lease?.ipv4?.prefixLength).toBe(24)
    expect(formatIpAddress(lease!.ipv6!.gateway)).toBe('fd00::1')
  })

  test('gives each address once, never the broadcast address, and then nothing', () => {
    const pool = new AddressPool({ ipv4: prefix('10.8.0.0/29') })
    const leases = ['a', 'b', 'c', 'd', 'e'].map(holder => text(pool.lease(holder)))
    expect(leases).toEqual(['10.8.0.2', '10.8.0.3', '10.8.0.4', '10.8.0.5', '10.8.0.6'])
    expect(pool.lease('f')).toBeUndefined()
  })

  test('gives a holder its old address again, while nobody has it', () => {
    const pool = new AddressPool({ ipv4: prefix('10.8.0.0/24') })
    const alice = pool.lease('alice')!
    pool.lease('bob')
    pool.release(alice)
    expect(text(pool.lease('carol'))).toBe('10.8.0.4')
    const back = pool.lease('alice')
    expect(text(back)).toBe('10.8.0.2')
    expect(text(pool.lease('alice'))).toBe('10.8.0.5')
  })

  test('lets an address rest: the one that is free for longest goes first', () => {
    const pool = new AddressPool({ ipv4: prefix('10.8.0.0/29') })
    const leases = ['a', 'b', 'c', 'd', 'e'].map(holder => pool.lease(holder)!)
    for (const i of [3, 1]) pool.release(leases[i]!)
    expect(text(pool.lease('x'))).toBe('10.8.0.5')
    expect(text(pool.lease('y'))).toBe('10.8.0.3')
  })

  test('a lease that is released twice is given once', () => {
    const pool = new AddressPool({ ipv4: prefix('10.8.0.0/30') })
    const lease = pool.lease('a')!
    pool.release(lease)
    pool.release(lease)
    expect(text(pool.lease('b'))).toBe('10.8.0.2')
    expect(pool.lease('c')).toBeUndefined()
  })

  test('never gives an address that a lease from former prefixes still has', () => {
    const pool = new AddressPool({ ipv4: prefix('10.8.0.0/24') })
    const alice = pool.lease('alice')!
    pool.change({ ipv4: prefix('10.8.0.0/29') })
    expect(text(pool.lease('bob'))).toBe('10.8.0.3')
    pool.release(alice)
    const rest = ['c', 'd', 'e', 'f'].map(holder => text(pool.lease(holder)))
    expect(rest).toEqual(['10.8.0.4', '10.8.0.5', '10.8.0.6', '10.8.0.2'])
  })

  test('an IPv6 pool alone, of any size', () => {
    const pool = new AddressPool({ ipv6: prefix('fd00::/16') })
    expect(text(pool.lease('a'))).toBe('fd00::2')
  })
})

describe('the history of a pool', () => {
  test('keeps former prefixes as long as a lease of them lasts', () => {
    const first = { ipv4: prefix('10.8.0.0/24') }
    const second = { ipv4: prefix('10.9.0.0/24') }
    const pool = new AddressPool(first)
    const history = new PoolHistory(pool, first)
    const lease = pool.lease('alice')!
    history.change(second)
    expect(history.inUse.map(({ prefixes }) => prefixes)).toEqual([second, first])
    expect(history.forgetUnused()).toBe(false)
    pool.release(lease)
    expect(history.forgetUnused()).toBe(true)
    expect(history.inUse.map(({ prefixes }) => prefixes)).toEqual([second])
  })

  test('the same prefixes again are no change', () => {
    const prefixes = { ipv4: prefix('10.8.0.0/24') }
    const pool = new AddressPool(prefixes)
    const history = new PoolHistory(pool, prefixes)
    pool.lease('alice')
    history.change({ ipv4: prefix('10.8.0.0/24') })
    expect(history.inUse).toHaveLength(1)
    expect(text(pool.lease('bob'))).toBe('10.8.0.3')
  })

  test('forgets at once what nobody used', () => {
    const pool = new AddressPool({ ipv4: prefix('10.8.0.0/24') })
    const history = new PoolHistory(pool, { ipv4: prefix('10.8.0.0/24') })
    history.change({ ipv4: prefix('10.9.0.0/24') })
    expect(history.inUse).toHaveLength(1)
  })
})
