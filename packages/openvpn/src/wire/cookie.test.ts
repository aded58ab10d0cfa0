import { createNodeCrypto } from '@causeway/crypto-node'
import { type Endpoint, ipAddress } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import type { Path } from '../path.ts'
import {
  type CookieOptions,
  type CookieSubject,
  createCookie,
  createCookieSecret,
  verifyCookie,
} from './cookie.ts'

const crypto = createNodeCrypto()
const options: CookieOptions = {
  crypto,
  secret: createCookieSecret(crypto),
  handWindowMilliseconds: 60_000,
}
const remote: Endpoint = { address: ipAddress(Uint8Array.of(192, 0, 2, 1)), port: 4711 }
const path: Path = { type: 'udp', port: 0, remote }
const subject: CookieSubject = { clientSessionId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), path }
const NOW = 1_000_000
const SLOT = 30_000

describe('the cookie', () => {
  const cookie = createCookie(options, subject, NOW)

  it('is accepted in its own slot and the two after it, and not before', () => {
    const start = Math.floor(NOW / SLOT) * SLOT
    const accepted = [-SLOT, 0, SLOT, 2 * SLOT, 3 * SLOT - 1, 3 * SLOT].map(offset =>
      verifyCookie(options, subject, cookie, start + offset),
    )
    expect(accepted).toEqual([false, true, true, true, true, false])
  })

  it('is refused with any bit flipped, or cut', () => {
    expect(cookie).toHaveLength(8)
    for (let bit = 0; bit < 64; bit++) {
      const forged = cookie.slice()
      forged[bit >> 3] = (forged[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(verifyCookie(options, subject, forged, NOW)).toBe(false)
    }
    expect(verifyCookie(options, subject, cookie.subarray(0, 7), NOW)).toBe(false)
    expect(verifyCookie(options, subject, new Uint8Array(0), NOW)).toBe(false)
  })

  it('belongs to one client, address, port and server', () => {
    const others: CookieSubject[] = [
      { ...subject, clientSessionId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 9) },
      { ...subject, path: { ...path, remote: { ...remote, port: 4712 } } },
      {
        ...subject,
        path: { ...path, remote: { ...remote, address: ipAddress(Uint8Array.of(192, 0, 2, 2)) } },
      },
      { ...subject, path: { ...path, port: 1 } },
      { ...subject, path: { type: 'stream', stream: 0, remote } },
    ]
    for (const other of others) expect(verifyCookie(options, other, cookie, NOW)).toBe(false)
    const secret = createCookieSecret(crypto)
    expect(verifyCookie({ ...options, secret }, subject, cookie, NOW)).toBe(false)
  })
})
