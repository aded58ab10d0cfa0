import { describe, expect, it } from 'vitest'
import { parsePeerInfo } from './peer-info.ts'
import {
  formatPendingMessage,
  methodOf,
  PENDING_TEXT_BYTES,
  type PendingMessage,
  parsePendingMessage,
  pendingMethods,
} from './pending-message.ts'

const CASES: readonly (readonly [string, PendingMessage])[] = [
  ['WEB_AUTH::https://vpn.example/s/1', { type: 'web-auth', url: 'https://vpn.example/s/1', flags: [] }],
  [
    'WEB_AUTH:hidden,external:https://[2001:db8::1]:8443/?a=b,c&d=%20#e',
    { type: 'web-auth', url: 'https://[2001:db8::1]:8443/?a=b,c&d=%20#e', flags: ['hidden', 'external'] },
  ],
  ['OPEN_URL:http://vpn.example/', { type: 'open-url', url: 'http://vpn.example/' }],
  [
    'CR_TEXT:R,E:Code: "123", please',
    { type: 'challenge-text', text: 'Code: "123", please', echo: true, responseRequired: true },
  ],
  ['CR_TEXT::Look', { type: 'challenge-text', text: 'Look', echo: false, responseRequired: false }],
]

describe('pending messages', () => {
  it.each(CASES)('%s', (text, message) => {
    expect(formatPendingMessage(message)).toBe(text)
    expect(parsePendingMessage(text)).toEqual(message)
  })

  it('with a proxy, whose flags have colons, are read', () => {
    const text = 'WEB_AUTH:proxy=[::1];80;dQ==;cA==,hidden:https://x.example/'
    const flags = ['proxy=[::1];80;dQ==;cA==', 'hidden']
    expect(parsePendingMessage(text)).toEqual({ type: 'web-auth', url: 'https://x.example/', flags })
  })

  it.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https://',
    'https://x.example/ a',
    'https://x.example/"',
    "https://x.example/'",
    'https://x.example/`id`',
    'https://x.example/\\',
    'https://x.example/\n',
    'https://ü.example/',
  ])('never have the user open %j', url => {
    expect(() => formatPendingMessage({ type: 'web-auth', url, flags: [] })).toThrow(RangeError)
    expect(() => formatPendingMessage({ type: 'open-url', url })).toThrow(RangeError)
    expect(parsePendingMessage(`OPEN_URL:${url}`)).toBeUndefined()
    expect(parsePendingMessage(`WEB_AUTH::${url}`)).toBeUndefined()
  })

  it('have no flag that could be taken for a URL', () => {
    for (const flag of ['', 'a:b', 'a,b', 'https://x'])
      expect(() =>
        formatPendingMessage({ type: 'web-auth', url: 'https://x.example/', flags: [flag] }),
      ).toThrow(RangeError)
  })

  // Measured with Debian's openvpn 2.6.14: of 247 bytes its management interface is told nothing.
  it('hold a URL that clients show, and no longer one', () => {
    const start = 'https://vpn.example/'
    const longest = start.padEnd(PENDING_TEXT_BYTES - 'WEB_AUTH::'.length, 'x')
    const text = formatPendingMessage({ type: 'web-auth', url: longest, flags: [] })
    expect(text).toHaveLength(246)
    expect(() => formatPendingMessage({ type: 'web-auth', url: `${longest}x`, flags: [] })).toThrow(
      RangeError,
    )
  })

  it('have a question that is too long cut, between characters', () => {
    const message = {
      type: 'challenge-text',
      text: 'ü'.repeat(200),
      echo: false,
      responseRequired: true,
    } as const
    expect(formatPendingMessage(message)).toBe(`CR_TEXT:R:${'ü'.repeat(118)}`)
  })

  it('have the control characters of a question as spaces', () => {
    const message = { type: 'challenge-text', text: 'a\r\nb', echo: false, responseRequired: true } as const
    expect(formatPendingMessage(message)).toBe('CR_TEXT:R:a  b')
  })

  it.each(['', 'WEB_AUTH', 'CR_TEXT', 'CR_TEXT:R', 'NOTIFY::wait', 'WEB_AUTH:x'])('are none of %j', text =>
    expect(parsePendingMessage(text)).toBeUndefined(),
  )
})

describe('what a client can show', () => {
  it.each([
    ['IV_SSO=webauth,crtext', ['webauth', 'crtext']],
    ['IV_SSO=openurl, webauth,proxy', ['webauth', 'openurl']],
    ['IV_SSO=', []],
    ['IV_VER=2.6.14', []],
  ])('by %j', (peerInfo, methods) => expect([...pendingMethods(parsePeerInfo(peerInfo))]).toEqual(methods))

  it('goes with the messages', () => {
    expect(CASES.map(([, message]) => methodOf(message))).toEqual([
      ...['webauth', 'webauth', 'openurl', 'crtext', 'crtext'],
    ])
  })
})
