import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { negotiateCipher, negotiatesCiphers, parseDataCipher } from './cipher-negotiation.ts'
import { optionsDigest, ownOptionsString, parseOptionsString } from './options-string.ts'
import {
  formatPeerInfo,
  hasProtocolBit,
  IV_PROTO,
  MAX_PEER_INFO_ENTRIES,
  parsePeerInfo,
  peerInfoNumber,
} from './peer-info.ts'

const DEBIAN = `IV_VER=2.6.14
IV_PLAT=linux
IV_TCPNL=1
IV_MTU=1600
IV_NCP=2
IV_CIPHERS=AES-256-GCM:AES-128-GCM:CHACHA20-POLY1305
IV_PROTO=990
IV_SSL=OpenSSL 3.0.19 27 Jan 2026
`
const AZURE = 'IV_VER=AzMac IV_PLAT=0.1 IV_PROTO=1 IV_PLAT_VER= IV_PLAT_DEVICE_ID=x64'
const AZURE_OPTIONS =
  'V4,dev-type tun,link-mtu 1500,tun-mtu 1551,proto TCPv4_CLIENT,keydir 1,cipher AES-256-GCM,' +
  'auth [null-digest],keysize 256,tls-auth,key-method 2,tls-client'

describe('peer-info', () => {
  it('of OpenVPN is one entry a line', () => {
    const info = parsePeerInfo(DEBIAN)
    expect(info.size).toBe(8)
    expect([info.get('IV_SSL'), peerInfoNumber(info, 'IV_MTU')]).toEqual(['OpenSSL 3.0.19 27 Jan 2026', 1600])
    expect(formatPeerInfo(info)).toBe(DEBIAN)
  })

  it('of Azure VPN Client is one line', () => {
    expect(Object.fromEntries(parsePeerInfo(AZURE))).toEqual({
      IV_VER: 'AzMac',
      IV_PLAT: '0.1',
      IV_PROTO: '1',
      IV_PLAT_VER: '',
      IV_PLAT_DEVICE_ID: 'x64',
    })
  })

  it('is read as it was written', () => {
    const name = fc.stringMatching(/^[IU]V_[A-Z_]{1,10}$/)
    const value = fc.stringMatching(/^[!-~]{0,20}$/)
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key }), entries => {
        expect([...parsePeerInfo(formatPeerInfo(new Map(entries)))]).toEqual(entries)
      }),
    )
  })

  it('leaves out what is no entry, too long, doubled or has control characters', () => {
    const lines = ['IV_A=1', 'nothing', 'X_B=1', `IV_C=${'c'.repeat(600)}`, 'IV_D=a\x07b', 'IV_A=2', 'UV_E=']
    expect([...parsePeerInfo(lines.join('\n'))]).toEqual([
      ['IV_A', '1'],
      ['UV_E', ''],
    ])
  })

  it('keeps a bounded number of entries, of any text', () => {
    const many = Array.from({ length: 1000 }, (_, i) => `IV_N${i}=1`).join('\n')
    expect(parsePeerInfo(many).size).toBe(MAX_PEER_INFO_ENTRIES)
    fc.assert(
      fc.property(fc.string(), text => {
        expect(parsePeerInfo(text).size).toBeLessThanOrEqual(MAX_PEER_INFO_ENTRIES)
      }),
    )
  })

  it('is not written when it would be read as something else', () => {
    for (const value of ['a\nb', ' a', 'a IV_B=c', 'x'.repeat(600)])
      expect(() => formatPeerInfo(new Map([['IV_A', value]]))).toThrow(RangeError)
    expect(() => formatPeerInfo(new Map([['A', 'b']]))).toThrow(RangeError)
  })

  it('gives numbers and bits only for numbers', () => {
    const info = parsePeerInfo('IV_PROTO=990\nIV_MTU=0x10\nIV_NCP=99999999999')
    expect([peerInfoNumber(info, 'IV_MTU'), peerInfoNumber(info, 'IV_NCP')]).toEqual([undefined, undefined])
    const bits = Object.entries(IV_PROTO).filter(([, bit]) => hasProtocolBit(info, bit))
    expect(bits.map(([name]) => name)).toEqual([
      'DATA_V2',
      'REQUEST_PUSH',
      'TLS_KEY_EXPORT',
      'AUTH_PENDING_KEYWORDS',
      'DNS_OPTION',
      'CC_EXIT_NOTIFY',
      'AUTH_FAIL_TEMP',
      'DYN_TLS_CRYPT',
    ])
  })
})

describe('the cipher', () => {
  const server = ['AES-128-GCM', 'AES-256-GCM', 'AES-256-CBC'] as const
  const negotiate = (peerInfo: string, optionsCipher?: string, fallback?: 'AES-256-CBC') =>
    negotiateCipher(server, parsePeerInfo(peerInfo), optionsCipher, fallback)

  it.each([
    [
      'the first of the server that the client lists',
      'IV_CIPHERS=AES-256-GCM:AES-128-GCM',
      undefined,
      'AES-128-GCM',
    ],
    ['by names in any case', 'IV_CIPHERS=aes-256-gcm', undefined, 'AES-256-GCM'],
    ['GCM for IV_NCP=2 without a list', 'IV_NCP=2', undefined, 'AES-128-GCM'],
    ['what the options string names, without a list', 'IV_VER=2.3', 'AES-256-CBC', 'AES-256-CBC'],
    ['not what the options string names, with a list', 'IV_CIPHERS=BF-CBC', 'AES-256-CBC', undefined],
    ['none that the server does not have', 'IV_VER=2.3', 'BF-CBC', undefined],
  ] as const)('is %s', (_, peerInfo, optionsCipher, expected) => {
    expect(negotiate(peerInfo, optionsCipher)).toBe(expected)
  })

  it('is the fallback only for clients that do not negotiate', () => {
    expect(negotiate('IV_VER=2.3', 'BF-CBC', 'AES-256-CBC')).toBe('AES-256-CBC')
    expect(negotiate('IV_CIPHERS=BF-CBC', 'BF-CBC', 'AES-256-CBC')).toBeUndefined()
  })

  it('of Azure VPN Client is AES-256-GCM, with nothing that it did not offer', () => {
    const info = parsePeerInfo(AZURE)
    const options = parseOptionsString(AZURE_OPTIONS)
    expect(negotiateCipher(server, info, options.get('cipher'))).toBe('AES-256-GCM')
    expect(negotiatesCiphers(info)).toBe(false)
    expect(hasProtocolBit(info, IV_PROTO.DATA_V2)).toBe(false)
    expect(hasProtocolBit(info, IV_PROTO.TLS_KEY_EXPORT)).toBe(false)
  })

  it('is known by its name only', () => {
    expect([parseDataCipher('aes-256-gcm'), parseDataCipher('toString')]).toEqual(['AES-256-GCM', undefined])
  })
})

describe('the options string', () => {
  it('is read as it was written', () => {
    const text = ownOptionsString({
      role: 'server',
      transport: 'tcp',
      family: 4,
      tunMtu: 1500,
      cipher: 'AES-256-CBC',
      auth: 'SHA256',
      keyBits: 256,
    })
    const options = parseOptionsString(text)
    expect(options.get('proto')).toBe('TCPv4_SERVER')
    expect(options.get('tls-server')).toBe('')
    expect(optionsDigest(options)).toBe('SHA256')
  })

  it('of Azure VPN Client names its cipher and no digest', () => {
    const options = parseOptionsString(AZURE_OPTIONS)
    expect([options.get('keydir'), optionsDigest(options)]).toEqual(['1', undefined])
  })

  it.each(['', 'V5,cipher X', 'hello'])('that is none gives nothing: %j', text => {
    expect(parseOptionsString(text).size).toBe(0)
  })
})
