import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PcapRecords } from './pcap-records.ts'

/** A pcap file as tcpdump writes it, with one SLL2 packet for each payload. */
function pcap(payloads: readonly Uint8Array[], littleEndian: boolean, linkType = 276): Uint8Array {
  const bytes = new Uint8Array(24 + payloads.reduce((sum, { length }) => sum + 36 + length, 0))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, 0xa1b2c3d4, littleEndian)
  view.setUint32(20, linkType, littleEndian)
  let at = 24
  for (const [i, payload] of payloads.entries()) {
    view.setUint32(at, 1_700_000_000, littleEndian)
    view.setUint32(at + 4, i, littleEndian)
    view.setUint32(at + 8, 20 + payload.length, littleEndian)
    view.setUint32(at + 12, 20 + payload.length + 100, littleEndian)
    view.setUint32(at + 20, 7)
    bytes.set(payload, at + 36)
    at += 36 + payload.length
  }
  return bytes
}

test('packets are read however the file is cut, in either byte order', () => {
  const payloads = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 })
  const cuts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 })
  fc.assert(
    fc.property(payloads, cuts, fc.boolean(), (sent, sizes, littleEndian) => {
      const file = pcap(sent, littleEndian)
      const records = new PcapRecords()
      const seen = []
      for (let at = 0, i = 0; at < file.length; i++) {
        const size = sizes[i % sizes.length] ?? 1
        seen.push(...records.read(file.subarray(at, at + size)))
        at += size
      }
      expect(seen.map(({ bytes }) => [...bytes.subarray(20)])).toEqual(sent.map(bytes => [...bytes]))
      expect(seen.every(({ device }) => device === 7)).toBe(true)
      expect(seen.map(({ microseconds }) => microseconds)).toEqual(
        sent.map((_, i) => 1_700_000_000_000_000n + BigInt(i)),
      )
      expect(seen.every(({ bytes, originalLength }) => originalLength === bytes.length + 100)).toBe(true)
    }),
  )
})

test('what is no capture of any device is not taken for one', () => {
  expect(() => new PcapRecords().read(pcap([], true, 1))).toThrow(RangeError)
  expect(() => new PcapRecords().read(new Uint8Array(24))).toThrow(RangeError)
  const huge = pcap([new Uint8Array(4)], true)
  new DataView(huge.buffer).setUint32(32, 0x7fffffff, true)
  expect(() => new PcapRecords().read(huge)).toThrow(RangeError)
})
