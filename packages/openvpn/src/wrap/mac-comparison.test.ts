import type { CryptoPort } from '@causeway/crypto'
import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { parseIpAddress } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import type { Path } from '../path.ts'
import { createOpenVpnServer } from '../server/server.ts'
import { serverOptions } from '../testing/duo.suite.ts'
import type { ControlPacket } from '../wire/control-packet.ts'
import { readControlPacket, writeControlPacket } from '../wire/control-packet.ts'
import { createCookie, createCookieSecret, verifyCookie } from '../wire/cookie.ts'
import { OPCODES } from '../wire/opcode.ts'
import { createTlsCryptV2ClientKey, createTlsCryptV2ServerKey, openClientKey } from './client-key.ts'
import { type ControlWrap, NO_WRAP } from './control-wrap.ts'
import { createDynamicTlsCrypt } from './dynamic-tls-crypt.ts'
import { createTlsAuth } from './tls-auth.ts'
import { createTlsCrypt } from './tls-crypt.ts'
import { createTlsCryptV2Client, createTlsCryptV2Session } from './tls-crypt-v2.ts'

// OpenVPN once accepted every cookie, because a comparison was the wrong way round (CVE-2025-13086). Here the
// comparison alone is broken, in both ways: each check must break with it. So the tests elsewhere, which see forged
// packets refused, see the comparison at work and not something beside it.

const crypto = createSeededCrypto('comparison of MACs')
const MODES = {
  'as it is': { equal: crypto.equal.bind(crypto), honest: true, forged: false },
  'never equal': { equal: () => false, honest: false, forged: false },
  'always equal': { equal: () => true, honest: true, forged: true },
  inverted: { equal: (a: Uint8Array, b: Uint8Array) => !crypto.equal(a, b), honest: false, forged: true },
} as const

const staticKey = crypto.random(256)
const exported = crypto.random(256)
const serverKey = createTlsCryptV2ServerKey(crypto)
const clientKey = createTlsCryptV2ClientKey(crypto, serverKey, { type: 'user', data: Uint8Array.of(1) })
const stamp = { packetId: 1, netTime: 1_700_000_000 }
const hello: ControlPacket = {
  opcode: OPCODES.CONTROL_V1,
  keyId: 0,
  sessionId: crypto.random(8),
  acks: [],
  packetId: 1,
  payload: crypto.random(40),
}

function withEqual(equal: CryptoPort['equal']): CryptoPort {
  return { ...crypto, equal }
}

/** Where a flipped bit spoils the MAC and nothing else: its last byte. */
type Check = readonly [honest: Uint8Array, macEnd: number, accepts: (c: CryptoPort, b: Uint8Array) => boolean]

const HEADER = 9
const STAMP = 8
const HMAC = 32

function wrapCheck(macEnd: number, client: ControlWrap, server: (crypto: CryptoPort) => ControlWrap): Check {
  return [client.wrap(hello, stamp), macEnd, (c, bytes) => server(c).unwrap(bytes).type === 'packet']
}

const cookieSubject = {
  clientSessionId: hello.sessionId,
  path: {
    type: 'udp',
    port: 1,
    remote: {
      address: parseIpAddress('198.51.100.7') as NonNullable<ReturnType<typeof parseIpAddress>>,
      port: 9,
    },
  } satisfies Path,
}
const secret = createCookieSecret(crypto)
const cookieOptions = { secret, handWindowMilliseconds: 60_000 }

const SINGLE: Readonly<Record<string, Check>> = {
  'tls-auth': wrapCheck(
    HEADER + HMAC,
    createTlsAuth({ crypto, staticKey, digest: 'SHA256', direction: 1 }),
    c => createTlsAuth({ crypto: c, staticKey, digest: 'SHA256', direction: 0 }),
  ),
  'tls-crypt': wrapCheck(HEADER + STAMP + HMAC, createTlsCrypt({ crypto, staticKey, role: 'client' }), c =>
    createTlsCrypt({ crypto: c, staticKey, role: 'server' }),
  ),
  'tls-crypt-v2': wrapCheck(HEADER + STAMP + HMAC, createTlsCryptV2Client(crypto, clientKey), c =>
    createTlsCryptV2Session(c, clientKey.staticKey),
  ),
  'dynamic tls-crypt': wrapCheck(
    HEADER + STAMP + HMAC,
    createDynamicTlsCrypt({ crypto, exported, role: 'client', wrap: NO_WRAP }),
    c => createDynamicTlsCrypt({ crypto: c, exported, role: 'server', wrap: NO_WRAP }),
  ),
  'the wrapped client key of tls-crypt-v2': [
    clientKey.wrappedKey,
    HMAC,
    (c, bytes) => openClientKey(c, serverKey, bytes) !== undefined,
  ],
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))
}

describe.each(Object.entries(SINGLE))('%s', (_, [honest, macEnd, accepts]) => {
  it.each(Object.entries(MODES))('with a comparison that is %s', (_, mode) => {
    const broken = withEqual(mode.equal)
    expect(accepts(broken, honest)).toBe(mode.honest)
    expect(accepts(broken, flipped(honest, macEnd - 1))).toBe(mode.forged)
  })
})

describe('the cookie', () => {
  const cookie = createCookie({ ...cookieOptions, crypto }, cookieSubject, 0)
  const accepts = (equal: CryptoPort['equal'], bytes: Uint8Array): boolean =>
    verifyCookie({ ...cookieOptions, crypto: withEqual(equal) }, cookieSubject, bytes, 0)

  // It is compared with the cookies of three times: turned round, one of the other two lets an honest one pass.
  it.each(Object.entries(MODES))('with a comparison that is %s', (name, mode) => {
    expect(accepts(mode.equal, cookie)).toBe(mode.honest || name === 'inverted')
    expect(accepts(mode.equal, flipped(cookie, 7))).toBe(mode.forged)
  })

  it.each(Object.entries(MODES))('at the door of a server, with a comparison that is %s', (name, mode) => {
    const opened = (change: (cookie: Uint8Array) => Uint8Array): number => {
      const server = createOpenVpnServer(serverOptions(withEqual(mode.equal), () => 1_700_000_000))
      const tell = (packet: ControlPacket): void =>
        server.handleDatagram({ path: cookieSubject.path, bytes: writeControlPacket(packet) }, 0)
      const reset = { ...hello, opcode: OPCODES.HARD_RESET_CLIENT_V2, packetId: 0, payload: new Uint8Array() }
      tell(reset)
      const answer = server.poll()
      const read = answer?.type === 'send' ? readControlPacket(answer.bytes) : undefined
      if (!read || !('opcode' in read)) throw new Error('no answer')
      tell({ ...hello, acks: [0], remoteSessionId: change(read.sessionId) })
      return server.halfOpenCount
    }
    expect(opened(cookie => cookie)).toBe(mode.honest || name === 'inverted' ? 1 : 0)
    expect(opened(cookie => flipped(cookie, 0))).toBe(mode.forged ? 1 : 0)
  })
})
