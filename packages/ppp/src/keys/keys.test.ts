import { createNodeCrypto } from '@causeway/crypto-node'
import { parseHex } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import { eapTlsKeys } from './eap-tls-keys.ts'
import { mschapv2Keys } from './mschapv2-keys.ts'

const hex = (text: string) => parseHex(text.replaceAll(' ', '')) as Uint8Array

/** RFC 3079 §3.5: user "User", password "clientPass". */
const HASH_HASH = hex('41 C0 0C 58 4B D2 D9 1C 40 17 A2 A1 2F A5 9F 3F')
const NT_RESPONSE = hex('82 30 9E CD 8D 70 8B 5E A0 8F AA 39 81 CD 83 54 42 33 11 4A 3D 85 D6 DF')
const SEND_START_KEY_128 = hex('8B 7C DC 14 9B 99 3A 1B A1 18 CB 15 3F 56 DC CB')
const SEND_SESSION_KEY_128 = hex('40 5C B2 24 7A 79 56 E6 E2 11 00 7A E2 7B 22 D4')

describe('keys of MS-CHAPv2', () => {
  const crypto = createNodeCrypto()
  const { server, client } = mschapv2Keys(crypto, HASH_HASH, NT_RESPONSE)

  it('are those of RFC 3079 §3.5.3, which is written from the server', () => {
    expect(server.send).toEqual(SEND_START_KEY_128)
  })

  it("give MPPE's first session key by RFC 3079 §3.3", () => {
    const pad = (byte: number) => new Uint8Array(40).fill(byte)
    const session = crypto.hash('SHA1', [server.send, pad(0), server.send, pad(0xf2)]).subarray(0, 16)
    expect(session).toEqual(SEND_SESSION_KEY_128)
  })

  it('cross over: one end receives with what the other sends with', () => {
    expect(client).toEqual({ send: server.receive, receive: server.send })
    expect(server.send).not.toEqual(server.receive)
    expect([server.send.length, server.receive.length]).toEqual([16, 16])
  })

  it.each([
    [HASH_HASH.subarray(1), NT_RESPONSE],
    [HASH_HASH, NT_RESPONSE.subarray(1)],
  ])('are made of nothing else', (hashHash, response) => {
    expect(() => mschapv2Keys(crypto, hashHash, response)).toThrow(
      expect.objectContaining({ code: 'ERR_PPP_KEYS' }),
    )
  })
})

describe('keys of EAP-TLS', () => {
  const msk = Uint8Array.from({ length: 64 }, (_, i) => i)

  it('are the halves of the MSK, the first of what the peer sends', () => {
    expect(eapTlsKeys(msk, 'client')).toEqual({ send: msk.slice(0, 32), receive: msk.slice(32) })
    expect(eapTlsKeys(msk, 'server')).toEqual({ send: msk.slice(32), receive: msk.slice(0, 32) })
  })

  it('need the whole MSK', () => {
    expect(() => eapTlsKeys(msk.subarray(1), 'client')).toThrow(
      expect.objectContaining({ code: 'ERR_PPP_KEYS' }),
    )
  })
})
