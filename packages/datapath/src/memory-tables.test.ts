import { formatIpPrefix, type IpAddress, ipAddress, ipPrefix, prefixContains } from '@causeway/wire'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Route } from './datapath.ts'
import { REPLAY_WINDOW_PACKETS, ReplayWindow } from './memory-replay-window.ts'
import { RouteTable } from './memory-route-table.ts'

describe('ReplayWindow', () => {
  test('agrees with a set of all ids ever seen', () => {
    const near = fc.integer({ min: 0, max: 3 * REPLAY_WINDOW_PACKETS })
    const ids = fc.array(fc.oneof(near, fc.integer({ min: 0, max: 40 })), { maxLength: 300 })
    fc.assert(
      fc.property(ids, sequence => {
        const window = new ReplayWindow()
        const seen = new Set<number>()
        let highest = 0
        for (const id of sequence) {
          const fresh = id > 0 && id > highest - REPLAY_WINDOW_PACKETS && !seen.has(id)
          const expected = fresh ? (id > highest ? 'newest' : 'late') : 'replay'
          expect(window.accept(id)).toBe(expected)
          if (fresh) seen.add(id)
          if (fresh) highest = Math.max(highest, id)
        }
      }),
    )
  })

  test('holds its width exactly', () => {
    const window = new ReplayWindow()
    expect(window.accept(REPLAY_WINDOW_PACKETS + 1)).toBe('newest')
    expect(window.accept(1)).toBe('replay')
    expect(window.accept(2)).toBe('late')
  })

  test('takes 48-bit ids', () => {
    const window = new ReplayWindow()
    expect(window.accept(2 ** 48 - 2)).toBe('newest')
    expect(window.accept(2 ** 48 - 1)).toBe('newest')
    expect(window.accept(2 ** 48 - 2)).toBe('replay')
    expect(window.accept(2 ** 48 - 3)).toBe('late')
  })
})

describe('RouteTable', () => {
  /** Few distinct bytes, so that prefixes cover each other. */
  const byte = fc.constantFrom(0, 1, 0x80, 0xff)
  const address = fc.oneof(
    fc.array(byte, { minLength: 4, maxLength: 4 }),
    fc.array(byte, { minLength: 16, maxLength: 16 }),
  )
  const someAddress = address.map(bytes => ipAddress(Uint8Array.from(bytes)))
  const someLength = fc.nat(128)
  const prefixOf = (at: IpAddress, length: number) =>
    ipPrefix(at, Math.min(length, at.family === 4 ? 32 : 128))
  const someRoute: fc.Arbitrary<Route> = fc
    .tuple(someAddress, someLength, fc.option(byte), fc.nat(32), fc.option(fc.nat(2)))
    .map(([at, length, sourceByte, sourceLength, metric]) => ({
      prefix: prefixOf(at, length),
      ...(metric === null ? {} : { metric }),
      ...(sourceByte === null
        ? {}
        : { source: prefixOf(ipAddress(at.bytes.map(() => sourceByte)), sourceLength) }),
    }))
  const keyOf = ({ prefix, source, metric = 0 }: Route) =>
    [formatIpPrefix(prefix), formatIpPrefix(source ?? ipPrefix(prefix.address, 0)), metric].join(' ')

  test('agrees with a search of the whole list', () => {
    const change = fc.tuple(someRoute, fc.integer({ min: 1, max: 5 }), fc.boolean())
    const asked = fc.array(fc.tuple(someAddress, someAddress), { maxLength: 20 })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), fc.nat(5), asked, (changes, closed, pairs) => {
        const table = new RouteTable()
        const list = new Map<string, { readonly route: Route; readonly flow: number }>()
        for (const [route, flow, add] of changes) {
          if (add) list.set(keyOf(route), { route, flow })
          else list.delete(keyOf(route))
          if (add) table.add(route, flow)
          else table.remove(route)
        }
        for (const [key, { flow }] of list) if (flow === closed) list.delete(key)
        table.removeFlow(closed)
        for (const [destination, source] of pairs)
          expect(table.match(destination, source)).toEqual(flowsOf([...list.values()], destination, source))
      }),
    )
  })
})

/** What the table should say, by the words of the interface. */
function flowsOf(
  list: readonly { readonly route: Route; readonly flow: number }[],
  destination: IpAddress,
  source: IpAddress,
): number[] {
  const rank = ({ route }: { readonly route: Route }) =>
    route.prefix.length * 1000 + (route.source?.length ?? 0)
  const holding = list.filter(
    ({ route }) =>
      prefixContains(route.prefix, destination) &&
      source.family === destination.family &&
      (!route.source || prefixContains(route.source, source)),
  )
  const best = Math.max(...holding.map(rank))
  return holding
    .filter(entry => rank(entry) === best)
    .toSorted((a, b) => (a.route.metric ?? 0) - (b.route.metric ?? 0))
    .map(({ flow }) => flow)
}
