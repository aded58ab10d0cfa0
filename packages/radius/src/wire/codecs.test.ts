import { type IpAddress, type IpPrefix, ipAddress, ipPrefix, parseHex, WireFault } from '@causeway/wire'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { MAX_ATTRIBUTES } from '../limits.ts'
import type { RadiusAttribute } from './attribute.ts'
import { ATTRIBUTES, type AttributeName, type NamedAttribute } from './attribute-names.ts'
import { attributeValue, attributeValues, encodeAttribute, fitsAttribute } from './attribute-values.ts'
import { MAX_PACKET_BYTES, parseRadiusPacket, type ReceivedPacket, writeRadiusPacket } from './packet.ts'
import { vendorAttribute, vendorAttributes } from './vendor-specific.ts'

const octets = (maxLength: number, minLength = 0) => fc.uint8Array({ minLength, maxLength })
const attribute = fc.record({ type: fc.nat(255), value: octets(253) })
const packet = fc.record({
  code: fc.nat(255),
  identifier: fc.nat(255),
  authenticator: octets(16, 16),
  attributes: fc.array(attribute, { maxLength: 15 }),
})

function parsed(bytes: Uint8Array): ReceivedPacket {
  const packet = parseRadiusPacket(bytes)
  if (packet instanceof WireFault) throw new Error(packet.toString())
  return packet
}

const fault = (bytes: Uint8Array): string => String(parseRadiusPacket(bytes))
const plain = ({ code, identifier, authenticator, attributes }: ReceivedPacket) => ({
  code,
  identifier,
  authenticator: authenticator.slice(),
  attributes: attributes.map(({ type, value }) => ({ type, value: value.slice() })),
})

describe('a packet', () => {
  it('is read as it was written, whatever comes behind it', () => {
    fc.assert(
      fc.property(packet, octets(30), (one, behind) => {
        const bytes = writeRadiusPacket(one)
        const padded = Uint8Array.from([...bytes, ...behind])
        expect(plain(parsed(padded))).toEqual(one)
        expect(parsed(padded).bytes).toEqual(bytes)
      }),
    )
  })

  it('is a fault at every truncation', () => {
    fc.assert(
      fc.property(packet, one => {
        const bytes = writeRadiusPacket(one)
        for (let length = 0; length < bytes.length; length++)
          expect(parseRadiusPacket(bytes.subarray(0, length))).toBeInstanceOf(WireFault)
      }),
      { numRuns: 20 },
    )
  })

  it('has 20 to 4096 bytes', () => {
    const withLength = (length: number, size: number): Uint8Array => {
      const bytes = new Uint8Array(size)
      bytes.set([1, 0, length >> 8, length & 0xff])
      return bytes
    }
    expect(fault(withLength(19, 20))).toMatch('invalid Length')
    expect(fault(withLength(4097, 5000))).toMatch('invalid Length')
    expect(fault(withLength(21, 20))).toMatch('truncated Length')
    expect(parsed(withLength(20, 20)).attributes).toEqual([])
    const full = { code: 1, identifier: 0, authenticator: new Uint8Array(16) }
    const value = new Uint8Array(253)
    const sixteen = Array<RadiusAttribute>(15).fill({ type: 79, value })
    const bytes = writeRadiusPacket({
      ...full,
      attributes: [...sixteen, { type: 79, value: value.slice(4) }],
    })
    expect(parsed(bytes).bytes.length).toBe(MAX_PACKET_BYTES)
    const over = [...sixteen, { type: 79, value: value.slice(3) }]
    expect(() => writeRadiusPacket({ ...full, attributes: over })).toThrow(RangeError)
  })

  test.each([0, 1])('with an attribute of length %i is refused', length => {
    const bytes = writeRadiusPacket({
      code: 2,
      identifier: 0,
      authenticator: new Uint8Array(16),
      attributes: [{ type: 24, value: Uint8Array.of(1, 2, 3) }],
    })
    bytes[21] = length
    expect(fault(bytes)).toMatch('invalid Attribute Length')
  })

  it('holds so many attributes and no more', () => {
    const many = (count: number) =>
      writeRadiusPacket({
        code: 2,
        identifier: 0,
        authenticator: new Uint8Array(16),
        attributes: Array<RadiusAttribute>(count).fill({ type: 33, value: new Uint8Array(0) }),
      })
    expect(parsed(many(MAX_ATTRIBUTES)).attributes).toHaveLength(MAX_ATTRIBUTES)
    expect(fault(many(MAX_ATTRIBUTES + 1))).toMatch('limit Attributes')
  })
})

const address = (length: 4 | 16): fc.Arbitrary<IpAddress> => octets(length, length).map(ipAddress)
const prefix: fc.Arbitrary<IpPrefix> = fc
  .tuple(address(16), fc.nat(128))
  .map(([of, length]) => ipPrefix(of, length))
const VALUES = {
  text: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  octets: octets(247, 1),
  integer: fc.nat({ max: 0xffff_ffff }),
  time: fc.nat({ max: 0xffff_ffff }),
  ipv4: address(4),
  ipv6: address(16),
  'ipv6-prefix': prefix,
}
const names = Object.keys(ATTRIBUTES) as AttributeName[]
const named = fc
  .constantFrom(...names)
  .chain(name =>
    (VALUES[ATTRIBUTES[name].format] as fc.Arbitrary<never>).map(
      value => ({ name, value }) as NamedAttribute,
    ),
  )

describe('an attribute by name', () => {
  it('is read as it was written, among others', () => {
    fc.assert(
      fc.property(named, fc.array(named), (one, others) => {
        const before = others.filter(({ name }) => name !== one.name)
        const attributes = [...before, one].flatMap(encodeAttribute)
        expect(attributeValues(attributes, one.name)).toEqual([one.value])
        expect(fitsAttribute(one)).toBe(true)
      }),
    )
  })

  it('has a place of its own', () => {
    const places = Object.values(ATTRIBUTES).map(one => `${'vendor' in one ? one.vendor : 0} ${one.type}`)
    expect(new Set(places).size).toBe(places.length)
  })

  test('EAP of any length is split and joined again', () => {
    fc.assert(
      fc.property(octets(4000, 1), value => {
        const attributes = encodeAttribute({ name: 'EAP-Message', value })
        expect(attributes.every(({ value: piece }) => piece.length > 0 && piece.length <= 253)).toBe(true)
        expect(attributeValues(attributes, 'EAP-Message')).toEqual([value])
      }),
    )
  })

  test('a value of the wrong length is a fault', () => {
    for (const [type, length, name] of [
      [27, 3, 'Session-Timeout'],
      [27, 5, 'Session-Timeout'],
      [8, 5, 'Framed-IP-Address'],
      [97, 1, 'Framed-IPv6-Prefix'],
      [97, 19, 'Framed-IPv6-Prefix'],
    ] as const)
      expect(() => attributeValue([{ type, value: new Uint8Array(length) }], name)).toThrow(WireFault)
  })

  test('a prefix may have more octets than its length needs, and not less', () => {
    const read = (hex: string) =>
      attributeValue([{ type: 97, value: parseHex(hex) as Uint8Array }], 'Framed-IPv6-Prefix')
    const short = read('004020010db800000001')
    expect(read('004020010db8000000010000000000000000')).toEqual(short)
    expect(read('004020010db80000000100000000000000ff')).toEqual(short)
    expect(() => read('004020010db8000000')).toThrow(WireFault)
    expect(() => read('008120010db8000000010000000000000000')).toThrow(WireFault)
  })

  test('an empty value is neither sent nor seen', () => {
    expect(encodeAttribute({ name: 'User-Name', value: '' })).toEqual([])
    expect(attributeValues([{ type: 27, value: new Uint8Array(0) }], 'Session-Timeout')).toEqual([])
  })

  test('a name longer than 253 bytes of UTF-8 does not fit', () => {
    expect(fitsAttribute({ name: 'User-Name', value: 'é'.repeat(126) })).toBe(true)
    expect(fitsAttribute({ name: 'User-Name', value: 'é'.repeat(127) })).toBe(false)
    expect(fitsAttribute({ name: 'MS-Azure-Policy-ID', value: new Uint8Array(248) })).toBe(false)
  })
})

describe('vendor-specific attributes', () => {
  test('several in one attribute, and one in several', () => {
    const one = vendorAttribute(311, { type: 16, value: Uint8Array.of(1) })
    const two = vendorAttribute(311, { type: 17, value: Uint8Array.of(2, 3) })
    const both = { type: 26, value: Uint8Array.from([...one.value, ...two.value.subarray(4)]) }
    const expected = [
      { type: 16, value: Uint8Array.of(1) },
      { type: 17, value: Uint8Array.of(2, 3) },
    ]
    expect(vendorAttributes([one, two], 311)).toEqual(expected)
    expect(vendorAttributes([both], 311)).toEqual(expected)
  })

  test("another vendor's may have any form", () => {
    const other = { type: 26, value: Uint8Array.of(0, 0, 0, 9, 1, 0, 0) }
    expect(vendorAttributes([other], 311)).toEqual([])
    expect(() => vendorAttributes([other], 9)).toThrow(WireFault)
    expect(() => vendorAttributes([{ type: 26, value: Uint8Array.of(0, 0, 1) }], 311)).toThrow(WireFault)
  })

  test.each([0, 1, 9])('a sub-attribute of length %i is a fault', length => {
    const value = Uint8Array.of(0, 0, 1, 55, 16, length, 7)
    expect(() => vendorAttributes([{ type: 26, value }], 311)).toThrow(WireFault)
  })
})
