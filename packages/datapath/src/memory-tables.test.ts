import { formatIpAddress, ipAddress, ipPrefix, prefixContains } from '@causeway/wire'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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
  const somePrefix = fc
    .tuple(someAddress, fc.nat(128))
    .map(([at, length]) => ipPrefix(at, Math.min(length, at.family === 4 ? 32 : 128)))

  test('agrees with a search of the whole list', () => {
    const change = fc.tuple(somePrefix, fc.integer({ min: 1, max: 5 }), fc.boolean())
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 40 }),
        fc.array(someAddress, { maxLength: 20 }),
        (changes, asked) => {
          const table = new RouteTable()
          let list: { prefix: ReturnType<typeof ipPrefix>; flow: number }[] = []
          const same = (a: { prefix: ReturnType<typeof ipPrefix> }, b: ReturnType<typeof ipPrefix>) =>
            a.prefix.length === b.length && formatIpAddress(a.prefix.address) === formatIpAddress(b.address)
          for (const [prefix, flow, add] of changes) {
            list = list.filter(route => !same(route, prefix))
            if (add) list.push({ prefix, flow })
            if (add) table.add(prefix, flow)
            else table.remove(prefix)
          }
          for (const at of asked) {
            const best = list
              .filter(({ prefix }) => prefixContains(prefix, at))
              .toSorted((a, b) => b.prefix.length - a.prefix.length)[0]
            expect(table.match(at)).toBe(best?.flow)
          }
        },
      ),
    )
  })
})
