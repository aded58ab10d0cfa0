import { formatIpAddress, type IpAddress, type IpPrefix, parseIpAddress, parseIpPrefix } from '@causeway/wire'
import { describe, expect, test } from 'vitest'
import { AddressPool, type Lease, type PoolPrefixes } from './address-pool.ts'
import { AddressPools } from './address-pools.ts'

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

  test('an IPv6 pool alone, of any size', () => {
    const pool = new AddressPool({ ipv6: prefix('fd00::/16') })
    expect(text(pool.lease('a'))).toBe('fd00::2')
  })
})

const address = (text: string) => parseIpAddress(text) as IpAddress

describe('an address that is asked for', () => {
  test('is given while it is free, and to nobody else then', () => {
    const pool = new AddressPool({ ipv4: prefix('10.8.0.0/29') })
    const lease = pool.leaseAt({ ipv4: address('10.8.0.3') }, 'alice')!
    expect(text(lease)).toBe('10.8.0.3')
    expect(pool.leaseAt({ ipv4: address('10.8.0.3') }, 'bob')).toBeUndefined()
    expect(['b', 'c', 'd', 'e', 'f'].map(holder => text(pool.lease(holder)))).toEqual([
      '10.8.0.2',
      '10.8.0.4',
      '10.8.0.5',
      '10.8.0.6',
      '',
    ])
    pool.release(lease)
    expect(text(pool.lease('f'))).toBe('10.8.0.3')
  })

  test('that was never used is fresh again when it comes back', () => {
    const pool = new AddressPool({ ipv4: prefix('10.8.0.0/29') })
    pool.release(pool.leaseAt({ ipv4: address('10.8.0.3') }, 'alice')!)
    expect(['b', 'c'].map(holder => text(pool.lease(holder)))).toEqual(['10.8.0.2', '10.8.0.3'])
  })

  test.each(['10.8.0.0', '10.8.0.1', '10.8.0.255', '10.9.0.3', 'fd00::3'])(
    '%s is no client of it',
    wanted => {
      const pool = new AddressPool({ ipv4: prefix('10.8.0.0/24') })
      const family = wanted.includes(':') ? 'ipv6' : 'ipv4'
      expect(pool.leaseAt({ [family]: address(wanted) }, 'alice')).toBeUndefined()
    },
  )

  test('in both families has to have the same place', () => {
    const pool = new AddressPool({ ipv4: prefix('10.8.0.0/24'), ipv6: prefix('fd00::/64') })
    const at = (ipv4: string, ipv6: string) =>
      text(pool.leaseAt({ ipv4: address(ipv4), ipv6: address(ipv6) }, 'alice'))
    expect(at('10.8.0.5', 'fd00::6')).toBe('')
    expect(at('10.8.0.5', 'fd00::5')).toBe('10.8.0.5 fd00::5')
  })
})

describe('the pools of a gateway', () => {
  const first = { ipv4: prefix('10.8.0.0/24') }
  const second = { ipv4: prefix('10.9.0.0/30') }

  test('are used up in the order asked for', () => {
    const pools = new AddressPools([first, second])
    const leases = ['a', 'b', 'c'].map(holder => text(pools.lease(holder, [second, first])))
    expect(leases).toEqual(['10.9.0.2', '10.8.0.2', '10.8.0.3'])
    expect(pools.lease('d', [second])).toBeUndefined()
    expect(text(pools.leaseAt({ ipv4: address('10.8.0.9') }, 'e', [second, first]))).toBe('10.8.0.9')
  })

  test('never give an address that a lease of a former one still has, and give it when it comes back', () => {
    const pools = new AddressPools([first])
    const small = { ipv4: prefix('10.8.0.0/29') }
    const alice = pools.lease('alice', [first])!
    pools.change([small])
    expect(text(pools.lease('bob', [small]))).toBe('10.8.0.3')
    pools.release(alice)
    const rest = ['c', 'd', 'e', 'f'].map(holder => text(pools.lease(holder, [small])))
    expect(rest).toEqual(['10.8.0.4', '10.8.0.5', '10.8.0.6', '10.8.0.2'])
  })

  test('give back what another has of one family alone', () => {
    const [first, second] = ['10.8.0.0/29', '10.9.0.0/29'].map(ipv4 => ({
      ipv4: prefix(ipv4),
      ipv6: prefix('fd00::/64'),
    })) as [PoolPrefixes, PoolPrefixes]
    const pools = new AddressPools([first])
    const former = ['a', 'b', 'c'].map(holder => pools.lease(holder, [first])!)
    pools.change([second])
    const lease = (holder: string) => text(pools.lease(holder, [second]))
    expect(['d', 'e', 'f'].map(lease)).toEqual(['10.9.0.5 fd00::5', '10.9.0.6 fd00::6', ''])
    for (const each of former) pools.release(each)
    expect(['f', 'g', 'h', 'i'].map(lease)).toEqual([
      '10.9.0.2 fd00::2',
      '10.9.0.3 fd00::3',
      '10.9.0.4 fd00::4',
      '',
    ])
  })

  test('stay as long as a lease of them lasts', () => {
    const pools = new AddressPools([first])
    const lease = pools.lease('alice', [first])!
    pools.change([second])
    expect(pools.inUse.map(({ prefixes }) => prefixes)).toEqual([second, first])
    expect(pools.forgetUnused()).toBe(false)
    pools.release(lease)
    pools.release(lease)
    expect(pools.forgetUnused()).toBe(true)
    expect(pools.inUse.map(({ prefixes }) => prefixes)).toEqual([second])
  })

  test('are the same ones when they are named again', () => {
    const pools = new AddressPools([first])
    pools.lease('alice', [first])
    pools.change([second, { ipv4: prefix('10.8.0.0/24') }])
    expect(pools.inUse).toHaveLength(2)
    expect(text(pools.lease('bob', [first]))).toBe('10.8.0.3')
  })

  test('are forgotten at once when nobody used them', () => {
    const pools = new AddressPools([first])
    pools.change([second])
    expect(pools.inUse).toHaveLength(1)
  })
})
