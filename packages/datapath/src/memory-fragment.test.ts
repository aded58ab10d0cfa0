import { internetChecksum, ipAddress } from '@causeway/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ipPacket } from './inner-packet.suite.ts'
import { fitInner } from './memory-fragment.ts'
import { readInnerPacket, word } from './memory-inner-packet.ts'

const MORE_FRAGMENTS = 0x2000

/** An IPv4 packet with options (a multiple of four bytes), these flags and offset, and a body that counts up. */
function packetWith(options: readonly number[], flagsAndOffset: number, bodyLength: number): Uint8Array {
  const body = Uint8Array.from({ length: bodyLength }, (_, i) => (i * 11) & 0xff)
  const plain = ipPacket('192.0.2.80', '10.8.0.2', Uint8Array.from([...options, ...body]))
  plain[0] = 0x45 + options.length / 4
  const view = new DataView(plain.buffer)
  view.setUint16(6, flagsAndOffset)
  view.setUint16(10, 0)
  view.setUint16(10, internetChecksum(plain.subarray(0, 20 + options.length)))
  return plain
}

function fragmentsOf(packet: Uint8Array, mtu: number): readonly Uint8Array[] {
  const inner = readInnerPacket(packet)
  if (!inner) throw new TypeError('not an IP packet')
  const fitted = fitInner(inner, mtu)
  if (fitted.type !== 'packets') throw new Error('it was too big')
  return fitted.packets
}

test('fragments join to the packet, whatever its size, options and own place', () => {
  const options = fc.constantFrom([], [1, 1, 1, 0], [0x94, 4, 0, 0], [7, 7, 4, 0, 0, 0, 0, 0x94, 4, 0, 0, 0])
  const sizes = fc.tuple(fc.integer({ min: 576, max: 1500 }), fc.integer({ min: 0, max: 4000 }))
  fc.assert(
    fc.property(sizes, options, fc.boolean(), fc.nat(100), ([mtu, length], kept, isInside, offset) => {
      const bodyLength = isInside ? length & ~7 : length
      const packet = packetWith(kept, (isInside ? MORE_FRAGMENTS : 0) | offset, bodyLength)
      const body: number[] = []
      const fragments = fragmentsOf(packet, mtu)
      for (const [i, fragment] of fragments.entries()) {
        const header = 4 * ((fragment[0] as number) & 15)
        expect(fragment.length).toBeLessThanOrEqual(mtu)
        expect(word(fragment, 2)).toBe(fragment.length)
        expect(internetChecksum(fragment.subarray(0, header))).toBe(0)
        expect(word(fragment, 6) & 0x1fff).toBe(offset + body.length / 8)
        const goesOn = isInside || i < fragments.length - 1
        expect((word(fragment, 6) & MORE_FRAGMENTS) !== 0).toBe(goesOn)
        body.push(...fragment.subarray(header))
      }
      expect(body).toEqual([...packet.subarray(20 + kept.length)])
    }),
  )
})

test('only options that say so are copied into later fragments', () => {
  // Record route (not copied), no-operation, router alert (copied), end.
  const packet = packetWith([7, 7, 4, 0, 0, 0, 0, 1, 0x94, 4, 0, 0, 0, 0, 0, 0], 0, 2000)
  const [first, second] = fragmentsOf(packet, 1000)
  expect(first?.subarray(20, 36)).toEqual(packet.subarray(20, 36))
  expect(second?.[0]).toBe(0x46)
  expect(second?.subarray(20, 24)).toEqual(Uint8Array.of(0x94, 4, 0, 0))
})

test.each([
  ['no length', [7, 0, 0, 0]],
  ['a length of one', [0x94, 1, 0, 0]],
  ['a length past the header', [0x94, 9, 0, 0]],
])('options with %s end there', (_, options) => {
  const [, second] = fragmentsOf(packetWith(options, 0, 2000), 1000)
  expect(second?.[0]).toBe(0x45)
})

test.each([
  ['to a group', '192.0.2.80', '239.1.2.3'],
  ['to everybody', '192.0.2.80', '255.255.255.255'],
  ['from nobody', '0.0.0.0', '10.8.0.2'],
  ['to an IPv6 group', '2001:db8::1', 'ff02::1'],
  ['from no IPv6 host', '::', '2001:db8::1'],
])('no answer about a packet %s', (_, source, destination) => {
  const bytes = ipPacket(source, destination, new Uint8Array(1400))
  if (!source.includes(':')) bytes[6] = 0x40
  const at = source.includes(':') ? [8, 24, 40] : [12, 16, 20]
  const inner = {
    source: ipAddress(bytes.subarray(at[0], at[1])),
    destination: ipAddress(bytes.subarray(at[1], at[2])),
    bytes,
  }
  expect(fitInner(inner, 1300)).toEqual({ type: 'too-big', message: undefined })
})
