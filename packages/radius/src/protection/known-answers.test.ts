import { createNodeCrypto } from '@causeway/crypto-node'
import { asciiBytes, WireFault } from '@causeway/wire'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAccept } from '../client/access-answer.ts'
import { hex } from '../testing/hex.suite.ts'
import { hideMppeKey, revealUserPassword } from '../testing/hiding.suite.ts'
import { attributeValue, encodeAttribute } from '../wire/attribute-values.ts'
import { CODES } from '../wire/code.ts'
import { parseRadiusPacket, type ReceivedPacket, writeRadiusPacket } from '../wire/packet.ts'
import { digestHolds, packetDigest } from './authenticators.ts'
import {
  checkMessageAuthenticator,
  EMPTY_MESSAGE_AUTHENTICATOR,
  putMessageAuthenticator,
} from './message-authenticator.ts'
import { hideUserPassword, openMppeKey } from './user-password.ts'

const crypto = createNodeCrypto()
const SECRET = asciiBytes('xyzzy5461')
const AUTHENTICATOR = hex('0f403f9473978057bd83d5cb98f4227a')

function parsed(bytes: Uint8Array): ReceivedPacket {
  const packet = parseRadiusPacket(bytes)
  if (packet instanceof WireFault) throw new Error(packet.toString())
  return packet
}

describe('RFC 2865 §7.1, User Telnet to Specified Host', () => {
  const request = hex(
    '010000380f403f9473978057bd83d5cb98f4227a01066e656d6f02120dbe708d93d413ce3196e43f782a0aee0406c0a80110050600000003',
  )
  const accept = hex('0200002686fe220e7624ba2a1005f6bf9b55e0b20606000000010f06000000000e06c0a80103')

  test('the request', () => {
    const password = hideUserPassword(crypto, SECRET, AUTHENTICATOR, asciiBytes('arctangent'))
    const attributes = [
      { name: 'User-Name', value: 'nemo' } as const,
      { name: 'User-Password', value: password } as const,
      { name: 'NAS-IP-Address', value: { family: 4, bytes: Uint8Array.of(192, 168, 1, 16) } } as const,
      { name: 'NAS-Port', value: 3 } as const,
    ].flatMap(encodeAttribute)
    const packet = { code: CODES.ACCESS_REQUEST, identifier: 0, authenticator: AUTHENTICATOR, attributes }
    expect(writeRadiusPacket(packet)).toEqual(request)
    const hidden = attributeValue(parsed(request).attributes, 'User-Password')
    expect(revealUserPassword(crypto, SECRET, AUTHENTICATOR, hidden as Uint8Array)).toEqual(
      asciiBytes('arctangent'),
    )
  })

  test('the answer', () => {
    expect(digestHolds(crypto, SECRET, accept, AUTHENTICATOR)).toBe(true)
    expect(attributeValue(parsed(accept).attributes, 'Service-Type')).toBe(1)
  })

  test('is nobody’s who changes a bit, or knows another secret or request', () => {
    for (let bit = 0; bit < accept.length * 8; bit++) {
      const changed = accept.slice()
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(digestHolds(crypto, SECRET, changed, AUTHENTICATOR)).toBe(false)
    }
    expect(digestHolds(crypto, asciiBytes('xyzzy5462'), accept, AUTHENTICATOR)).toBe(false)
    expect(digestHolds(crypto, SECRET, accept, AUTHENTICATOR.slice().fill(0))).toBe(false)
  })
})

describe('RFC 5997 §6, Status-Server', () => {
  const request = hex('0cda00268a54f4686fb394c52866e302185d062350125a665e2e1e8411f3e243822097c84fa3')
  const authenticator = hex('8a54f4686fb394c52866e302185d0623')

  test('its Message-Authenticator', () => {
    expect(checkMessageAuthenticator(crypto, SECRET, parsed(request), authenticator)).toBe('valid')
    const attributes = [EMPTY_MESSAGE_AUTHENTICATOR]
    const own = writeRadiusPacket({ code: CODES.STATUS_SERVER, identifier: 0xda, authenticator, attributes })
    putMessageAuthenticator(crypto, SECRET, own)
    expect(own).toEqual(request)
  })

  test('no other bit, secret or authenticator', () => {
    for (let bit = 0; bit < request.length * 8; bit++) {
      const changed = request.slice()
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      const packet = parseRadiusPacket(changed)
      if (packet instanceof WireFault) continue
      expect(checkMessageAuthenticator(crypto, SECRET, packet, packet.authenticator)).not.toBe('valid')
    }
    expect(checkMessageAuthenticator(crypto, SECRET.slice(1), parsed(request), authenticator)).toBe('wrong')
    expect(checkMessageAuthenticator(crypto, SECRET, parsed(request))).toBe('wrong')
  })

  test('the answers, the second with the code that it should have (an erratum)', () => {
    expect(digestHolds(crypto, SECRET, hex('02da0014ef0d552a4bf2d693ec2b6fe8b5411d66'), authenticator)).toBe(
      true,
    )
    const accounting = hex('925f6b66dd5fed571fcb1db7ad388260')
    const wanted = hex('05b300140f6f92145f107e2f504e860a4860669c')
    expect(digestHolds(crypto, SECRET, wanted, accounting)).toBe(true)
  })
})

test('a Message-Authenticator twice, or of another length, is none', () => {
  const packet = (attributes: readonly { type: number; value: Uint8Array }[]) => {
    const bytes = writeRadiusPacket({ code: 2, identifier: 1, authenticator: AUTHENTICATOR, attributes })
    if (attributes[0]?.value.length === 16) putMessageAuthenticator(crypto, SECRET, bytes)
    return checkMessageAuthenticator(crypto, SECRET, parsed(bytes), AUTHENTICATOR)
  }
  expect(packet([EMPTY_MESSAGE_AUTHENTICATOR])).toBe('valid')
  expect(packet([EMPTY_MESSAGE_AUTHENTICATOR, { type: 33, value: new Uint8Array(253) }])).toBe('valid')
  expect(packet([EMPTY_MESSAGE_AUTHENTICATOR, EMPTY_MESSAGE_AUTHENTICATOR])).toBe('repeated')
  expect(packet([{ type: 80, value: new Uint8Array(15) }])).toBe('wrong')
  expect(packet([{ type: 80, value: new Uint8Array(0) }])).toBe('wrong')
  expect(packet([])).toBe('missing')
})

test('an Accounting-Request’s authenticator counts its own as zeros', () => {
  const request = writeRadiusPacket({
    code: CODES.ACCOUNTING_REQUEST,
    identifier: 9,
    authenticator: new Uint8Array(16),
    attributes: encodeAttribute({ name: 'Acct-Session-Id', value: '1' }),
  })
  request.set(packetDigest(crypto, SECRET, request), 4)
  expect(digestHolds(crypto, SECRET, request)).toBe(true)
  request[22] = 0x32
  expect(digestHolds(crypto, SECRET, request)).toBe(false)
})

const octets = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength })

test('passwords of every length come out again', () => {
  fc.assert(
    fc.property(octets(1, 40), octets(16, 16), octets(0, 128), (secret, authenticator, password) => {
      const clear = password.map(byte => byte || 1)
      const hidden = hideUserPassword(crypto, secret, authenticator, clear)
      expect(hidden.length).toBe(Math.max(1, Math.ceil(clear.length / 16)) * 16)
      expect(revealUserPassword(crypto, secret, authenticator, hidden)).toEqual(clear)
    }),
  )
})

/* MS-CHAPv2 with user, password and challenges of RFC 2759 §9.2; the answer is of FreeRADIUS 3.2.1 of Debian 12. */
describe('an accept of FreeRADIUS', () => {
  const secret = asciiBytes('testing-secret-1')
  const authenticator = hex('4e3493f4ecf0a559927e9388c0895701')
  const accept = hex(`027f00d159996db4b17d67b5f019f2c9122e3f69501285fc24c231cb4b58569f1ac64cd46c21
    1a33000001371a2d07533d34303741353538393131354644304436323039463531304645394330343536363933324344413536
    1a2a00000137112481d6bb4cd76c4d7981ee6db216c80342ad4404433dbb20d74653e7d8242998bf355b
    1a2a0000013710248d2151a3521428442b947daa36040075d340aec7b0e58225451fdeda85b4816cfd98
    1a0c000001370706000000011a0c00000137080600000006190c66726f6e74636c617373`)

  test('is proven twice', () => {
    expect(digestHolds(crypto, secret, accept, authenticator)).toBe(true)
    expect(checkMessageAuthenticator(crypto, secret, parsed(accept), authenticator)).toBe('valid')
  })

  test('is proven in the form that sockets give it, and stays as it is', () => {
    const received = Buffer.from(accept)
    expect(checkMessageAuthenticator(crypto, secret, parsed(received), authenticator)).toBe('valid')
    expect(received).toEqual(Buffer.from(accept))
  })

  test('has the send key of RFC 3079 §3.5.3, and the success of RFC 2759 §9.2', () => {
    const answer = readAccept({ crypto, server: 'a', secret, authenticator }, parsed(accept).attributes)
    expect(answer.keys).toEqual({
      send: hex('8b7cdc149b993a1ba118cb153f56dccb'),
      receive: hex('d5f0e9521e3ea9589645e86051c82226'),
    })
    const message = 'S=407A5589115FD0D6209F510FE9C04566932CDA56'
    expect(answer.mschapv2Success).toEqual({ identifier: 7, message })
    expect(answer.classes).toEqual([asciiBytes('frontclass')])
  })
})

describe('FreeRADIUS acknowledges a record', () => {
  const secret = asciiBytes('testing-secret-1')
  const request = hex(`042400b658310aa21518a227123008331ad02965501291bdde2d36a1ad85cbaed7eb55714188
    2806000000022c08736573732d31010c616c69636540636f7270190c66726f6e74636c6173732a06000000073406000000052b06000000
    093506000000002f06000000033006000000042e060000003d31060000000137066b02b7f720096761746577617904067f000001060600
    0000020706000000013d06000000051f0d3230332e302e3131332e35290600000000`)

  test('that is proven by both digests', () => {
    const packet = parsed(request)
    expect(digestHolds(crypto, secret, request)).toBe(true)
    expect(checkMessageAuthenticator(crypto, secret, packet)).toBe('valid')
    const answer = hex('05240014416635940c88ab1c075d17d588e36135')
    expect(digestHolds(crypto, secret, answer, packet.authenticator)).toBe(true)
  })
})

describe('MPPE keys', () => {
  test('of every length come out again', () => {
    fc.assert(
      fc.property(
        octets(1, 40),
        octets(16, 16),
        octets(2, 2),
        octets(1, 64),
        (secret, request, salt, key) => {
          const value = hideMppeKey(crypto, { secret, authenticator: request, salt }, key)
          expect(openMppeKey(crypto, secret, request, value)).toEqual(key)
        },
      ),
    )
  })

  test('that do not fit are none', () => {
    const open = (value: Uint8Array) => openMppeKey(crypto, SECRET, AUTHENTICATOR, value)
    for (const length of [0, 1, 2, 3, 17, 19, 33]) expect(open(new Uint8Array(length))).toBeUndefined()
    const salt = Uint8Array.of(0x80, 1)
    const terms = { secret: SECRET, authenticator: AUTHENTICATOR, salt }
    expect(open(hideMppeKey(crypto, terms, new Uint8Array(15).fill(7)))).toEqual(new Uint8Array(15).fill(7))
    expect(open(hideMppeKey(crypto, terms, new Uint8Array(15), 16))).toBeUndefined()
    expect(open(hideMppeKey(crypto, terms, new Uint8Array(15), 0))).toBeUndefined()
  })
})
