import { describe, expect, it } from 'vitest'
import { formatDocumentFault } from './document-fault.ts'
import { completeGatewaySettings, DEFAULT_LISTENERS, readGatewaySettings } from './gateway-settings.ts'

function lines(value: unknown): string[] {
  const read = readGatewaySettings(value)
  return read.type === 'bad' ? read.faults.map(formatDocumentFault) : []
}

describe('readGatewaySettings', () => {
  it('takes an empty document, and a full one', () => {
    expect(lines({})).toEqual([])
    expect(lines(completeGatewaySettings({ hostNames: ['vpn.example.org'] }))).toEqual([])
  })

  it.each([
    [{ lissteners: [] }, 'lissteners: is not a known option; remove it or correct its spelling'],
    [
      { openvpn: { controlWraps: ['tls-crypt-v3'] } },
      "openvpn.controlWraps[0]: 'tls-crypt-v3' is not allowed; use one of tls-auth, tls-crypt, tls-crypt-v2, none",
    ],
    [
      { listeners: [{ transport: 'udp', address: '::', port: 70000 }] },
      'listeners[0].port: 70000 is out of bounds; it must be <= 65535',
    ],
    [{ nat: 'yes' }, "nat: 'yes' is not a boolean; give a boolean"],
    [{ listeners: [{ transport: 'udp', port: 443 }] }, 'listeners[0].address: is missing; add it'],
    [[], 'a list is not an object; give an object'],
  ])('says in one line what is wrong with %j', (document, line) => {
    expect(lines(document)).toEqual([line])
  })

  it('reports every unknown option once', () => {
    expect(lines({ a: 1, b: 2 })).toHaveLength(2)
  })

  it('keeps a hostile name on one line', () => {
    expect(lines({ 'a\nready': 1 })[0]).not.toContain('\n')
  })
})

describe('completeGatewaySettings', () => {
  it('listens on UDP and TCP 443 of both families, and never takes an unwrapped channel by default', () => {
    const settings = completeGatewaySettings({})
    expect(settings.listeners).toEqual(DEFAULT_LISTENERS)
    expect(settings.openvpn.controlWraps).not.toContain('none')
  })

  it('makes the first cipher the fallback when the usual one is not listed', () => {
    const ciphers = (dataCiphers: ('AES-128-GCM' | 'AES-256-GCM')[]) =>
      completeGatewaySettings({ openvpn: { dataCiphers } }).openvpn.fallbackCipher
    expect(ciphers(['AES-128-GCM'])).toBe('AES-128-GCM')
    expect(ciphers(['AES-128-GCM', 'AES-256-GCM'])).toBe('AES-256-GCM')
  })
})
