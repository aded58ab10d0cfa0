import {
  type IpAddress,
  type IpPrefix,
  ipAddress,
  ipPrefix,
  parseIpAddress,
  parseIpPrefix,
} from '@causeway/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PushOptions } from '../push-options.ts'
import { parsePeerInfo } from './peer-info.ts'
import {
  formatPushReply,
  PUSH_MESSAGE_BYTES,
  PUSHED_SEARCH_DOMAINS_LENGTH,
  pushRecipient,
  requirePushable,
} from './push-reply.ts'
import { MAX_PUSH_MESSAGES, PushReplyReader, parsePushReply } from './push-reply-reader.ts'

const ip = (text: string): IpAddress => parseIpAddress(text) as IpAddress
const net = (text: string): IpPrefix => parseIpPrefix(text) as IpPrefix

const full: PushOptions = {
  ipv4: { address: ip('172.16.0.2'), prefixLength: 24, gateway: ip('172.16.0.1') },
  ipv6: { address: ip('fd00::2'), prefixLength: 64, gateway: ip('fd00::1') },
  routes: [net('10.0.0.0/8'), net('fd01::/48'), net('192.0.2.1')],
  redirectGateway: true,
  dnsServers: [ip('10.0.0.53'), ip('fd01::53')],
  dnsSearchDomains: ['corp.example', 'example'],
  mtu: 1400,
  negotiated: {
    cipher: 'AES-256-GCM',
    peerId: 7,
    pingSeconds: 10,
    pingRestartSeconds: 60,
    exitNotices: 1,
    protocolFlags: ['cc-exit', 'tls-ekm', 'dyn-tls-crypt'],
    compression: 'compress stub-v2',
  },
}
const oldClient = { dnsOption: false, mtu: 1600 }

describe('PUSH_REPLY', () => {
  it('says it all in OpenVPN’s words', () => {
    expect(formatPushReply(full, oldClient)).toEqual([
      [
        'PUSH_REPLY,topology subnet,route-gateway 172.16.0.1,ifconfig 172.16.0.2 255.255.255.0',
        'ifconfig-ipv6 fd00::2/64 fd00::1,route 10.0.0.0 255.0.0.0,route-ipv6 fd01::/48',
        'route 192.0.2.1 255.255.255.255,redirect-gateway def1 ipv6,dhcp-option DNS 10.0.0.53',
        'dhcp-option DNS6 fd01::53,dhcp-option DOMAIN-SEARCH corp.example,dhcp-option DOMAIN-SEARCH example',
        'tun-mtu 1400,ping 10,ping-restart 60,explicit-exit-notify 1,peer-id 7,cipher AES-256-GCM',
        'protocol-flags cc-exit tls-ekm dyn-tls-crypt,compress stub-v2',
      ].join(','),
    ])
  })

  it('is read as it was written, for clients old and new', () => {
    for (const client of [oldClient, { dnsOption: true, mtu: 1400 }])
      expect(parsePushReply(formatPushReply(full, client))).toEqual({ options: full, ignored: [] })
  })

  it('has an MTU and DNS options only for clients that take them', () => {
    expect(pushRecipient(parsePeerInfo('IV_MTU=1600\nIV_PROTO=2048'))).toEqual({ dnsOption: true, mtu: 1600 })
    expect(pushRecipient(parsePeerInfo(''))).toEqual({ dnsOption: false })
    for (const client of [{ dnsOption: false }, { dnsOption: false, mtu: 1399 }])
      expect(formatPushReply(full, client)[0]).not.toContain('tun-mtu')
    const modern = formatPushReply(full, { dnsOption: true })[0]
    expect(modern).toContain(
      ',dns server 0 address 10.0.0.53 fd01::53,dns search-domains corp.example example',
    )
    expect(modern).not.toContain('dhcp-option')
  })

  it('tells clients of 2.5 of the key export in their own words', () => {
    const options = { ...full, negotiated: { protocolFlags: ['tls-ekm'] } }
    expect(formatPushReply(options, oldClient)[0]).toMatch(/,key-derivation tls-ekm$/)
    expect(parsePushReply(formatPushReply(options, oldClient))).toEqual({ options, ignored: [] })
  })

  it('is spread over messages that clients can hold', () => {
    const prefix = fc.tuple(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.integer({ min: 0, max: 32 }))
    fc.assert(
      fc.property(fc.array(prefix, { maxLength: 200 }), prefixes => {
        const routes = prefixes.map(([bytes, length]) => ipPrefix(ipAddress(bytes), length))
        const options = { ...full, routes }
        const messages = formatPushReply(options, oldClient)
        for (const message of messages) expect(message.length).toBeLessThan(PUSH_MESSAGE_BYTES)
        expect(messages.map(message => /push-continuation (.)$/.exec(message)?.[1])).toEqual(
          messages.length === 1 ? [undefined] : messages.map((_, i) => (i < messages.length - 1 ? '2' : '1')),
        )
        expect(parsePushReply(messages)).toEqual({ options, ignored: [] })
      }),
      { numRuns: 30 },
    )
  })

  it('refuses values that would be read as something else', () => {
    for (const domain of ['a,route 0.0.0.0', 'a b', 'a\nb', "a'b", 'a"b', '', 'x'.repeat(300)])
      expect(() => formatPushReply({ ...full, dnsSearchDomains: [domain] }, oldClient)).toThrow(RangeError)
    const cipher = { ...full, negotiated: { cipher: 'A,B', protocolFlags: [] } }
    expect(() => formatPushReply(cipher, oldClient)).toThrow(RangeError)
  })
})

describe('options that cannot be pushed', () => {
  const { ipv6 } = full as Required<PushOptions>
  const many = Array<IpAddress>(40).fill(ip('2001:db8:1111:2222:3333:4444:5555:6666'))
  it.each([
    ['a domain with a comma', { dnsSearchDomains: ['a,b'] }],
    ['a domain with a line break', { dnsSearchDomains: ['a\nb'] }],
    ['an MTU that is no integer', { mtu: 1400.5 }],
    ['an MTU that is no number', { mtu: Number.NaN }],
    ['a prefix that is too long', { ipv6: { ...ipv6, prefixLength: 129 } }],
    ['more DNS servers than an option holds', { dnsServers: many }],
  ] satisfies [string, Partial<PushOptions>][])('are a defect: %s', (_, wrong) => {
    expect(() => requirePushable(full)).not.toThrow()
    const misuse = expect.objectContaining({ code: 'ERR_OPENVPN_PUSH_OPTIONS' })
    expect(() => requirePushable({ ...full, ...wrong })).toThrow(misuse)
  })
})

describe('the longest list of DNS search domains', () => {
  /** Domains that are so long together, with the spaces between them. */
  const listOf = (length: number): string[] => [
    'x'.repeat(length % 5),
    ...Array(Math.floor(length / 5)).fill('test'),
  ]

  it.each([
    ['can be pushed', 0],
    ['and one more character cannot', 1],
  ])('%s', (_, extra) => {
    const dnsSearchDomains = listOf(PUSHED_SEARCH_DOMAINS_LENGTH + extra)
    expect(dnsSearchDomains.join(' ')).toHaveLength(PUSHED_SEARCH_DOMAINS_LENGTH + extra)
    const push = () => requirePushable({ ...full, dnsSearchDomains })
    if (extra === 0) expect(push).not.toThrow()
    else expect(push).toThrow(expect.objectContaining({ code: 'ERR_OPENVPN_PUSH_OPTIONS' }))
  })
})

describe('a server’s PUSH_REPLY', () => {
  it('of Debian’s openvpn is understood', () => {
    const reply = parsePushReply([
      'PUSH_REPLY,route 10.8.0.1,topology net30,ping 5,ping-restart 30,ifconfig 10.8.0.6 10.8.0.5,' +
        'peer-id 0,cipher AES-256-GCM,protocol-flags cc-exit tls-ekm dyn-tls-crypt,tun-mtu 1500,auth-token x',
    ])
    expect(reply).toMatchObject({
      ignored: [],
      authToken: { token: 'x' },
      options: { ipv4: { prefixLength: 30, gateway: ip('10.8.0.5') }, mtu: 1500 },
    })
  })

  it('lists what makes no sense', () => {
    const nonsense = [
      'ifconfig 10.0.0.1',
      'ifconfig-ipv6 fd00::1/129 fd00::2',
      'route 10.0.0.0 255.0.255.0',
      'route-ipv6 10.0.0.0/8',
      'peer-id 16777216',
      'tun-mtu big',
      'dhcp-option DNS here',
      'dns server 0 address',
      "echo 'open",
      'toString 1',
      '',
    ]
    const reply = parsePushReply([`PUSH_REPLY,${nonsense.join(',')}`])
    expect(reply).toMatchObject({ ignored: nonsense })
  })

  it('is a fault without its end, with too much, or with an impossible address', () => {
    const more = 'PUSH_REPLY,push-continuation 2'
    expect(parsePushReply([more])).toMatchObject({ kind: 'truncated' })
    expect(parsePushReply(['PUSH_REPLY', 'PUSH_REPLY'])).toMatchObject({ kind: 'trailing' })
    expect(parsePushReply(['AUTH_FAILED'])).toMatchObject({ kind: 'invalid' })
    expect(parsePushReply(Array(MAX_PUSH_MESSAGES + 1).fill(more))).toMatchObject({ kind: 'limit' })
    expect(parsePushReply([`PUSH_REPLY${',x'.repeat(5000)}`])).toMatchObject({ kind: 'limit' })
    expect(parsePushReply(['PUSH_REPLY,topology subnet,ifconfig 10.0.0.2 255.255.0.0'])).toMatchObject({
      kind: 'invalid',
    })
  })

  it('is collected message by message', () => {
    const reader = new PushReplyReader()
    expect(reader.push('PUSH_REPLY,ping 5,push-continuation 2')).toBeUndefined()
    expect(reader.push('PUSH_REPLY,ping-restart 9,push-continuation 1')).toMatchObject({
      options: { negotiated: { pingSeconds: 5, pingRestartSeconds: 9 } },
    })
  })
})
