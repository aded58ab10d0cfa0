import {
  asciiBytes,
  type IpAddress,
  type IpPrefix,
  parseHex,
  parseIpAddress,
  parseIpPrefix,
} from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import type { ConfigurationReply } from '../configuration-payload.ts'
import type { ConfigurationAttribute, Payload } from '../wire/payload.ts'
import {
  readConfigurationReply,
  readConfigurationRequest,
  writeConfigurationReply,
  writeConfigurationRequest,
} from './configuration.ts'

const address = (text: string) => parseIpAddress(text) as IpAddress
const prefix = (text: string) => parseIpPrefix(text) as IpPrefix
const hex = (text: string) => parseHex(text) as Uint8Array

const payload = (configurationType: number, attributes: readonly ConfigurationAttribute[]): Payload => ({
  type: 'CP',
  configurationType,
  attributes,
})
const asked = (...attributes: [number, string?][]) =>
  readConfigurationRequest([
    payload(
      1,
      attributes.map(([type, value = '']) => ({ type, value: hex(value) })),
    ),
  ])

const FULL: ConfigurationReply = {
  ipv4: address('172.16.0.5'),
  ipv6: { address: address('fd00::5'), prefixLength: 64 },
  dnsServers: [address('10.0.0.53'), address('fd00::53')],
  dnsDomains: ['corp.example', 'lab.example.'],
  subnets: [prefix('10.0.0.0/8'), prefix('0.0.0.0/0'), prefix('fd00:1::/32')],
}
const NOTHING: ConfigurationReply = { dnsServers: [], dnsDomains: [], subnets: [] }

describe('a configuration request', () => {
  it('of Windows is known by its own attributes', () => {
    expect(asked([1], [3], [4], [23456], [8], [10], [23457])).toEqual({
      ipv4: true,
      ipv6: true,
      dns: true,
      dnsDomains: false,
      microsoft: true,
    })
  })

  it('of a Mac asks for split DNS, a netmask and a DHCP server too', () => {
    expect(asked([1], [2], [6], [3], [8], [10], [25], [7, '41'])).toEqual({
      ipv4: true,
      ipv6: true,
      dns: true,
      dnsDomains: true,
      microsoft: false,
    })
  })

  it('may wish for addresses', () => {
    const wishes = asked([1, 'ac100005'], [8, 'fd00000000000000000000000000000540'])
    expect(wishes).toMatchObject({ wishIpv4: address('172.16.0.5'), wishIpv6: address('fd00::5') })
    const none = asked([1, '00000000'], [8, 'fd00'])
    expect(none).toMatchObject({ ipv4: true, ipv6: true })
    expect(Object.keys(none ?? {})).not.toContain('wishIpv4')
  })

  it('is none when it is a reply, or not there', () => {
    expect(readConfigurationRequest([payload(2, [])])).toBeUndefined()
    expect(readConfigurationRequest([])).toBeUndefined()
  })

  it('of ours asks for what the terms say', () => {
    const types = (wanted: Parameters<typeof writeConfigurationRequest>[0]) =>
      writeConfigurationRequest(wanted).flatMap(({ attributes }) => attributes.map(({ type }) => type))
    expect(types(undefined)).toEqual([])
    expect(types({ ipv4: false, ipv6: false })).toEqual([])
    expect(types({ ipv4: true, ipv6: false })).toEqual([1, 3, 13, 25])
    expect(types({ ipv4: true, ipv6: true })).toEqual([1, 3, 13, 8, 10, 15, 25])
  })
})

describe('a configuration reply', () => {
  const request = asked([1], [25])
  if (!request) throw new Error('no request')

  it.each([
    ['everything', FULL],
    ['nothing', NOTHING],
  ])('with %s is read as it was written', (_name, reply) => {
    expect(readConfigurationReply([writeConfigurationReply(reply, request)])).toEqual(reply)
  })

  it('has domains only for those who asked, and no netmask', () => {
    const { attributes } = writeConfigurationReply(FULL, { ...request, dnsDomains: false })
    const types = attributes.map(({ type }) => type)
    expect(types).not.toContain(25)
    expect(types).not.toContain(2)
  })

  it.each([
    ['an address of 3 bytes', 1, 'ac1000'],
    ['an IPv6 prefix of 129 bits', 8, `${'00'.repeat(16)}81`],
    ['a DNS server of 5 bytes', 3, '0a00003500'],
    ['a netmask with holes', 13, '0a000000ff00ff00'],
    ['a subnet of 7 bytes', 13, '0a000000ff0000'],
    ['an IPv6 subnet of 200 bits', 15, `${'00'.repeat(16)}c8`],
    ['an unknown attribute', 999, '00'],
  ])('loses %s', (_name, type, value) => {
    expect(readConfigurationReply([payload(2, [{ type, value: hex(value) }])])).toEqual(NOTHING)
  })

  it.each(['a\nb', 'a b', '', '-x', '"; rm', `${'a'.repeat(300)}`, 'x\u0000'])(
    'loses the domain %j',
    domain => {
      const attribute = { type: 25, value: asciiBytes(domain) }
      expect(readConfigurationReply([payload(2, [attribute])])?.dnsDomains).toEqual([])
    },
  )
})
