import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatEndpoint,
  formatIpAddress,
  formatIpPrefix,
  formatNetmask,
  ipAddress,
  ipAddressFromInteger,
  ipAddressToInteger,
  ipPrefix,
  parseIpAddress,
  parseIpPrefix,
  prefixContains,
  prefixesOverlap,
} from './index.ts'

const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map(ipAddress)
const ipv6 = fc
  .oneof(
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc
      .array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 })
      .map(bytes => Uint8Array.from(bytes)),
  )
  .map(ipAddress)
const address = fc.oneof(ipv4, ipv6)

describe('IP addresses', () => {
  it('survive text and integer', () => {
    fc.assert(
      fc.property(address, value => {
        expect(parseIpAddress(formatIpAddress(value))).toEqual(value)
        expect(ipAddressFromInteger(value.family, ipAddressToInteger(value))).toEqual(value)
        expect(isIP(formatIpAddress(value))).toBe(value.family)
      }),
    )
  })

  it.each([
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ])('writes %s in RFC 5952 form', (text, canonical) => {
    const parsed = parseIpAddress(text)
    expect(parsed && formatIpAddress(parsed)).toBe(canonical)
  })

  it('accepts just what the system accepts', () => {
    const pieces = fc.array(
      fc.constantFrom('0', '1', '01', '256', 'ffff', 'g', ':', '::', '.', '', '1.2.3.4'),
      {
        maxLength: 12,
      },
    )
    fc.assert(
      fc.property(pieces, parts => {
        const text = parts.join('')
        expect(parseIpAddress(text)?.family ?? 0).toBe(isIP(text))
      }),
      { numRuns: 3000 },
    )
  })

  it('refuses other lengths and values', () => {
    expect(() => ipAddress(new Uint8Array(5))).toThrow(RangeError)
    expect(() => ipAddressFromInteger(4, 1n << 32n)).toThrow(RangeError)
  })

  it('are written with their port', () => {
    const at = (text: string) => ({ address: parseIpAddress(text)!, port: 443 })
    expect(formatEndpoint(at('192.0.2.1'))).toBe('192.0.2.1:443')
    expect(formatEndpoint(at('2001:db8::1'))).toBe('[2001:db8::1]:443')
  })
})

describe('IP prefixes', () => {
  it('survive text', () => {
    fc.assert(
      fc.property(address, fc.nat(128), (value, length) => {
        const prefix = ipPrefix(value, Math.min(length, value.family === 4 ? 32 : 128))
        expect(parseIpPrefix(formatIpPrefix(prefix))).toEqual(prefix)
        expect(prefixContains(prefix, value)).toBe(true)
        expect(prefixesOverlap(prefix, ipPrefix(value))).toBe(true)
      }),
    )
  })

  it.each(['10.0.0.1/8', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/08', '::1/64', 'x/8', ''])(
    'refuses %s',
    text => expect(parseIpPrefix(text)).toBeUndefined(),
  )

  it('overlap only when one holds the other', () => {
    const overlap = (a: string, b: string) => prefixesOverlap(parseIpPrefix(a)!, parseIpPrefix(b)!)
    expect(overlap('10.0.0.0/8', '10.1.0.0/16')).toBe(true)
    expect(overlap('10.1.0.0/16', '10.0.0.0/8')).toBe(true)
    expect(overlap('10.0.0.0/16', '10.1.0.0/16')).toBe(false)
    expect(overlap('0.0.0.0/0', '::/0')).toBe(false)
  })

  it('give a netmask', () => {
    expect([0, 1, 24, 32].map(formatNetmask)).toEqual([
      '0.0.0.0',
      '128.0.0.0',
      '255.255.255.0',
      '255.255.255.255',
    ])
    expect(() => formatNetmask(33)).toThrow(RangeError)
  })
})
