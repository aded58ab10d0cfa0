import { parseHex, utf8Bytes, WireFault } from '@causeway/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  parseChapChallenge,
  parseChapResponse,
  writeChapChallenge,
  writeChapResponse,
} from './chap-packet.ts'
import { parseControlPacket, writeControlPacket } from './control-packet.ts'
import { parseFrame, writeFrame } from './frame.ts'
import { parseOptions, writeOptions } from './option.ts'
import { parsePapCredentials, parsePapMessage, writePapCredentials, writePapMessage } from './pap-packet.ts'

const hex = (text: string) => parseHex(text.replaceAll(' ', '')) as Uint8Array
const byte = fc.integer({ min: 0, max: 255 })
const bytes = (maxLength = 200) => fc.uint8Array({ maxLength })
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

interface Codec<T> {
  readonly name: string
  readonly values: fc.Arbitrary<T>
  readonly parse: (bytes: Uint8Array) => T | WireFault
  readonly write: (value: T) => Uint8Array
  /** Shorter inputs are faults; `none`: the end of the input ends the last field. */
  readonly cuts: 'faults' | 'none'
}

const codec = <T>(one: Codec<T>): Codec<unknown> => one as unknown as Codec<unknown>

/** RFC 1661 §2: the first byte even, the second odd. */
const protocol = fc.tuple(byte, byte).map(([a, b]) => ((a & 0xfe) << 8) | b | 1)

const CODECS: readonly Codec<unknown>[] = [
  codec({
    name: 'frames',
    values: fc.record({ protocol, information: bytes() }),
    parse: parseFrame,
    write: writeFrame,
    cuts: 'none',
  }),
  codec({
    name: 'control packets',
    values: fc.record({ code: byte, identifier: byte, data: bytes() }),
    parse: parseControlPacket,
    write: writeControlPacket,
    cuts: 'faults',
  }),
  codec({
    name: 'options',
    values: fc.array(fc.record({ type: byte, data: bytes(253) }), { maxLength: 32 }),
    parse: parseOptions,
    write: writeOptions,
    cuts: 'none',
  }),
  codec({
    name: 'PAP credentials',
    values: fc.record({ username: bytes(255), password: bytes(255) }),
    parse: parsePapCredentials,
    write: writePapCredentials,
    cuts: 'faults',
  }),
  codec({
    name: 'PAP messages',
    values: bytes(255),
    parse: parsePapMessage,
    write: writePapMessage,
    cuts: 'none',
  }),
  codec({
    name: 'CHAP challenges',
    values: fc.record({ challenge: exactly(16), name: bytes() }),
    parse: parseChapChallenge,
    write: writeChapChallenge,
    cuts: 'none',
  }),
  codec({
    name: 'CHAP responses',
    values: fc.record({ peerChallenge: exactly(16), ntResponse: exactly(24), name: bytes() }),
    parse: parseChapResponse,
    write: writeChapResponse,
    cuts: 'none',
  }),
]

describe.each(CODECS)('$name', ({ values, parse, write, cuts }) => {
  it('read what was written', () => {
    fc.assert(
      fc.property(values, value => {
        expect(parse(write(value))).toEqual(value)
      }),
    )
  })

  it('are a value or a fault at every truncation', () => {
    fc.assert(
      fc.property(values, value => {
        const written = write(value)
        for (let length = 0; length < written.length; length++) {
          const read = parse(written.subarray(0, length))
          if (cuts === 'faults') expect(read).toBeInstanceOf(WireFault)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('are a value or a fault, whatever comes', () => {
    fc.assert(
      fc.property(bytes(600), input => {
        const read = parse(input)
        expect(read instanceof WireFault || typeof read === 'object').toBe(true)
      }),
    )
  })
})

describe('a frame', () => {
  it.each([
    ['in full', 'ff03 c021 01', 0xc021],
    ['without address and control', 'c021 01', 0xc021],
    ['with a protocol of one byte', 'ff03 21 01', 0x21],
    ['without all that can be left out', '21 01', 0x21],
  ])('is read %s', (_, text, number) => {
    expect(parseFrame(hex(text))).toEqual({ protocol: number, information: Uint8Array.of(1) })
  })

  it.each([
    ['nothing', '', 'truncated'],
    ['an address alone', 'ff03', 'truncated'],
    ['another control', 'ff13 c021', 'invalid'],
    ['a protocol whose last byte is even', 'ff03 c020', 'invalid'],
    ['half a protocol', 'ff03 c0', 'truncated'],
    ['a protocol that stands for an address', 'ff03 ff 03', 'invalid'],
  ])('is not %s', (_, text, kind) => {
    expect(parseFrame(hex(text))).toMatchObject({ kind, field: 'Protocol' })
  })

  it('has an end', () => {
    expect(parseFrame(new Uint8Array(4_096).fill(0x21))).toMatchObject({ protocol: 0x21 })
    expect(parseFrame(new Uint8Array(4_097).fill(0x21))).toMatchObject({ kind: 'limit' })
  })
})

describe('a control packet', () => {
  it('may be padded', () => {
    const packet = parseControlPacket(hex('01 07 0006 0102 000000'))
    expect(packet).toEqual({ code: 1, identifier: 7, data: Uint8Array.of(1, 2) })
  })

  it('is no shorter than its header', () => {
    expect(parseControlPacket(hex('01 07 0003'))).toMatchObject({ kind: 'invalid', field: 'Length' })
  })

  it('is no longer than what came', () => {
    expect(parseControlPacket(hex('01 07 0006 01'))).toMatchObject({ kind: 'truncated' })
  })
})

describe('options', () => {
  it('have a length that counts type and length', () => {
    expect(parseOptions(hex('01 04 05dc 07 02'))).toEqual([
      { type: 1, data: hex('05dc') },
      { type: 7, data: hex('') },
    ])
  })

  it.each([
    ['length zero', '01 00'],
    ['length one', '01 01'],
  ])('never stand still: %s', (_, text) => {
    expect(parseOptions(hex(text))).toMatchObject({ kind: 'invalid', field: 'Length' })
  })

  it('are so many at most', () => {
    expect(parseOptions(hex('07 02'.repeat(33)))).toMatchObject({ kind: 'limit' })
  })
})

describe('MS-CHAPv2', () => {
  it('has the sizes of RFC 2759', () => {
    expect(parseChapChallenge(Uint8Array.from({ length: 17 }, () => 8))).toMatchObject({
      field: 'Value-Size',
    })
    expect(parseChapResponse(Uint8Array.from({ length: 60 }, () => 24))).toMatchObject({
      field: 'Value-Size',
    })
    const written = writeChapResponse({
      peerChallenge: new Uint8Array(16).fill(1),
      ntResponse: new Uint8Array(24).fill(2),
      name: utf8Bytes('u'),
    })
    expect(written).toEqual(hex(`31 ${'01'.repeat(16)} ${'00'.repeat(8)} ${'02'.repeat(24)} 00 75`))
  })

  it('has names with an end', () => {
    const challenge = { challenge: new Uint8Array(16), name: new Uint8Array(513) }
    expect(parseChapChallenge(writeChapChallenge(challenge))).toMatchObject({ kind: 'limit', field: 'Name' })
  })
})
