import { createNodeCrypto } from '@causeway/crypto-node'
import { describe, expect, it } from 'vitest'
import { type ControlPacket, writeControlPacket } from '../wire/control-packet.ts'
import { OPCODES } from '../wire/opcode.ts'
import { createTlsCryptV2ClientKey, createTlsCryptV2ServerKey } from './client-key.ts'
import { type ControlWrap, NO_WRAP } from './control-wrap.ts'
import { createServerWraps, detectWrap, type ServerWrapOptions } from './detect-wrap.ts'
import { createTlsAuth } from './tls-auth.ts'
import { createTlsCrypt } from './tls-crypt.ts'
import { createTlsCryptV2Client } from './tls-crypt-v2.ts'

const crypto = createNodeCrypto()
const [authKey, cryptKey] = [crypto.random(256), crypto.random(256)]
const serverKey = createTlsCryptV2ServerKey(crypto)
const clientKey = createTlsCryptV2ClientKey(crypto, serverKey, { type: 'user', data: Uint8Array.of(7) })

const everything: ServerWrapOptions = {
  tlsAuth: { staticKey: authKey, digests: ['SHA256', 'SHA1'], directions: [0] },
  tlsCrypt: { staticKey: cryptKey },
  tlsCryptV2: { serverKey },
  allowNone: true,
}

const clients: Readonly<Record<string, ControlWrap>> = {
  'tls-auth': createTlsAuth({ crypto, staticKey: authKey, digest: 'SHA1', direction: 1 }),
  'tls-crypt': createTlsCrypt({ crypto, staticKey: cryptKey, role: 'client' }),
  'tls-crypt-v2': createTlsCryptV2Client(crypto, clientKey),
  none: NO_WRAP,
}

const resetOf = (wrap: ControlWrap): ControlPacket => ({
  opcode: wrap.kind === 'tls-crypt-v2' ? OPCODES.HARD_RESET_CLIENT_V3 : OPCODES.HARD_RESET_CLIENT_V2,
  keyId: 0,
  sessionId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  acks: [],
  packetId: 0,
  payload: new Uint8Array(0),
})
const stamp = { packetId: 1, netTime: 1_700_000_000 }
const resetBytes = (wrap: ControlWrap): Uint8Array => wrap.wrap(resetOf(wrap), stamp)

describe('detection', () => {
  const wraps = createServerWraps(crypto, everything)

  it.each(Object.entries(clients))('finds %s on a port that takes all', (kind, client) => {
    const detected = detectWrap(wraps, resetBytes(client))
    expect(detected).toMatchObject({
      type: 'detected',
      wrap: { kind },
      unwrapped: { packet: resetOf(client) },
      ...(kind === 'tls-crypt-v2' && { metadata: Uint8Array.of(0, 7) }),
    })
  })

  it('answers with the wrap that it found', () => {
    for (const client of Object.values(clients)) {
      const detected = detectWrap(wraps, resetBytes(client))
      if (detected.type === 'fault') throw new Error('not detected')
      const answer = { ...resetOf(NO_WRAP), opcode: OPCODES.HARD_RESET_SERVER_V2 }
      expect(client.unwrap(detected.wrap.wrap(answer, stamp))).toMatchObject({ packet: answer })
    }
  })

  it.each(Object.entries(clients))('refuses %s where it is not allowed', (kind, client) => {
    const { tlsAuth, tlsCrypt, tlsCryptV2 } = everything
    const others: ServerWrapOptions = {
      ...(kind !== 'tls-auth' && tlsAuth && { tlsAuth }),
      ...(kind !== 'tls-crypt' && tlsCrypt && { tlsCrypt }),
      ...(kind !== 'tls-crypt-v2' && tlsCryptV2 && { tlsCryptV2 }),
      allowNone: kind !== 'none',
    }
    const refused = detectWrap(createServerWraps(crypto, others), resetBytes(client))
    expect(refused.type).toBe('fault')
  })

  it('refuses a client key of another server', () => {
    const other = createTlsCryptV2ClientKey(crypto, createTlsCryptV2ServerKey(crypto), {
      type: 'timestamp',
      unixSeconds: 0n,
    })
    const bytes = resetBytes(createTlsCryptV2Client(crypto, other))
    expect(detectWrap(wraps, bytes)).toMatchObject({ type: 'fault', reason: 'wrapped-key' })
  })

  it('does not take a reset with something behind it for one in the clear', () => {
    const bytes = writeControlPacket({ ...resetOf(NO_WRAP), payload: Uint8Array.of(1) })
    expect(detectWrap(wraps, bytes)).toMatchObject({ type: 'fault', reason: 'no-wrap' })
  })
})
