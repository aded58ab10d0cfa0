import { parseHex, utf8Bytes, WireFault } from '@causeway/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EapPacket, parseEapPacket, writeEapPacket } from './eap-packet.ts'
import { type EapTlsPacket, parseEapTlsPacket, writeEapTlsPacket } from './eap-tls-packet.ts'
import { type Mschapv2Packet, parseMschapv2Packet, writeMschapv2Packet } from './mschapv2-packet.ts'
import { readNak, writeNak } from './nak.ts'

const byte = fc.integer({ min: 0, max: 255 })
const bytes = (length?: number) =>
  fc.uint8Array(length === undefined ? { maxLength: 300 } : { minLength: length, maxLength: length })
const hex = (text: string) => parseHex(text.replaceAll(' ', '')) as Uint8Array

const eapPacket: fc.Arbitrary<EapPacket> = fc.oneof(
  fc.record({ code: fc.constantFrom('request', 'response'), identifier: byte, type: byte, data: bytes() }),
  fc.record({ code: fc.constantFrom('success', 'failure'), identifier: byte }),
)

const eapTlsPacket: fc.Arbitrary<EapTlsPacket> = fc.record(
  {
    start: fc.boolean(),
    more: fc.boolean(),
    totalLength: fc.integer({ min: 0, max: 0xffffffff }),
    fragment: bytes(),
  },
  { requiredKeys: ['start', 'more', 'fragment'] },
)

const mschapv2Packet: fc.Arbitrary<Mschapv2Packet> = fc.oneof(
  fc.record({ type: fc.constant('challenge'), id: byte, challenge: bytes(16), name: bytes() }),
  fc.record({
    type: fc.constant('response'),
    id: byte,
    peerChallenge: bytes(16),
    ntResponse: bytes(24),
    name: bytes(),
  }),
  fc.record({ type: fc.constantFrom('success', 'failure'), id: byte, message: bytes() }),
  fc.record({ type: fc.constantFrom('success-answer', 'failure-answer') }),
) as fc.Arbitrary<Mschapv2Packet>

describe('EAP packets', () => {
  it('read what was written, and ignore what the lower layer padded', () => {
    fc.assert(
      fc.property(eapPacket, bytes(), (packet, padding) => {
        const written = writeEapPacket(packet)
        expect(parseEapPacket(written)).toEqual(packet)
        expect(parseEapPacket(Uint8Array.from([...written, ...padding]))).toEqual(packet)
      }),
    )
  })

  it('write what was read, but for padding', () => {
    fc.assert(
      fc.property(bytes(), input => {
        const packet = parseEapPacket(input)
        if (packet instanceof WireFault) return
        const written = writeEapPacket(packet)
        expect(written).toEqual(input.subarray(0, written.length))
      }),
    )
  })

  it('are a fault at every truncation', () => {
    fc.assert(
      fc.property(eapPacket, packet => {
        const written = writeEapPacket(packet)
        for (let length = 0; length < written.length; length++) {
          expect(parseEapPacket(written.subarray(0, length))).toMatchObject({ kind: 'truncated' })
        }
      }),
    )
  })

  it('have the layout of RFC 3748 §4', () => {
    expect(parseEapPacket(hex('02 07 0009 01 616c6963'))).toEqual({
      code: 'response',
      identifier: 7,
      type: 1,
      data: utf8Bytes('alic'),
    })
    expect(writeEapPacket({ code: 'success', identifier: 9 })).toEqual(hex('03 09 0004'))
    expect(writeEapPacket({ code: 'failure', identifier: 9 })).toEqual(hex('04 09 0004'))
  })

  it.each([
    ['no code that exists', '05 01 0004', 'invalid', 'Code'],
    ['code zero', '00 01 0004', 'invalid', 'Code'],
    ['a length below the header', '01 01 0003 01', 'invalid', 'Length'],
    ['a request without a type', '01 01 0004', 'truncated', 'Type'],
    ['a success with data', '03 01 0005 00', 'trailing', 'Success'],
  ])('refuse %s', (_, packet, kind, field) => {
    expect(parseEapPacket(hex(packet))).toMatchObject({ kind, field })
  })
})

describe('EAP-TLS packets', () => {
  it('read what was written', () => {
    fc.assert(
      fc.property(eapTlsPacket, packet => {
        expect(parseEapTlsPacket(writeEapTlsPacket(packet))).toEqual(packet)
      }),
    )
  })

  it('have the layout of RFC 5216 §3.1, flags in acknowledgements too', () => {
    const fragment = Uint8Array.of(0x16)
    expect(writeEapTlsPacket({ start: true, more: false, fragment: new Uint8Array(0) })).toEqual(hex('20'))
    expect(writeEapTlsPacket({ start: false, more: false, fragment: new Uint8Array(0) })).toEqual(hex('00'))
    expect(writeEapTlsPacket({ start: false, more: true, totalLength: 5000, fragment })).toEqual(
      hex('c0 00001388 16'),
    )
  })

  it('take no data at all for an acknowledgement, and ignore reserved flags', () => {
    const nothing = { start: false, more: false, fragment: new Uint8Array(0) }
    expect(parseEapTlsPacket(new Uint8Array(0))).toEqual(nothing)
    expect(parseEapTlsPacket(hex('1f'))).toEqual(nothing)
  })

  it('are a fault when the length is not whole', () => {
    for (const cut of ['80', '80 00', '80 0000 01']) {
      expect(parseEapTlsPacket(hex(cut))).toMatchObject({ kind: 'truncated', field: 'TLS Message Length' })
    }
  })
})

describe('EAP-MSCHAPv2 packets', () => {
  it('read what was written', () => {
    fc.assert(
      fc.property(mschapv2Packet, packet => {
        expect(parseMschapv2Packet(writeMschapv2Packet(packet))).toEqual(packet)
      }),
    )
  })

  it('are a fault at every truncation, since MS-Length counts them', () => {
    fc.assert(
      fc.property(mschapv2Packet, packet => {
        const written = writeMschapv2Packet(packet)
        for (let length = 2; length < written.length; length++) {
          expect(parseMschapv2Packet(written.subarray(0, length))).toBeInstanceOf(WireFault)
        }
      }),
    )
  })

  it('have the layout of the draft', () => {
    const challenge = hex('5b5d7c7d7b3f2f3e3c2c602132262628')
    const packet: Mschapv2Packet = { type: 'challenge', id: 7, challenge, name: utf8Bytes('gw') }
    expect(writeMschapv2Packet(packet)).toEqual(hex('01 07 0017 10 5b5d7c7d7b3f2f3e3c2c602132262628 6777'))
    expect(writeMschapv2Packet({ type: 'success-answer' })).toEqual(hex('03'))
  })

  it.each([
    ['a password change', `07 01 0005 00`, 'OpCode'],
    ['an answer to a challenge that has no header', '02', 'MS-CHAPv2-ID'],
    ['a value of another size', `01 01 0015 0f ${'00'.repeat(16)}`, 'Value-Size'],
    ['a length that is not its own', `01 01 0016 10 ${'00'.repeat(16)}`, 'MS-Length'],
    ['nothing', '', 'OpCode'],
  ])('refuse %s', (_, packet, field) => {
    expect(parseMschapv2Packet(hex(packet))).toMatchObject({ field })
  })
})

describe('a Nak', () => {
  it('proposes types, and zero is none', () => {
    expect(readNak(Uint8Array.of(26, 13, 26, 0))).toEqual([26, 13])
    expect([readNak(Uint8Array.of(0)), readNak(new Uint8Array(0))]).toEqual([[], []])
    expect([writeNak([26, 13]), writeNak([])]).toEqual([Uint8Array.of(26, 13), Uint8Array.of(0)])
  })
})
