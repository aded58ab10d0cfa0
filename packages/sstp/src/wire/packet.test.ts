import { parseHex, WireFault } from '@causeway/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SstpError } from '../sstp-error.ts'
import type { SstpMessage } from './message.ts'
import {
  MAX_FRAME_BYTES,
  parseSstpPacket,
  type SstpPacket,
  writeControlPacket,
  writeDataPacket,
} from './packet.ts'
import { formatStatus, STATUSES } from './status.ts'

const hex = (text: string) => parseHex(text.replaceAll(/\s/g, '')) as Uint8Array
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const byte = fc.integer({ min: 0, max: 255 })

const statusInfo = fc.record({
  attribute: byte,
  status: fc.integer({ min: 0, max: 0xffffffff }),
  value: fc.uint8Array({ maxLength: 64 }),
})

const message = fc.oneof(
  fc.record({ type: fc.constant('call-connect-request'), protocol: fc.constant(1) }),
  fc.record({
    type: fc.constant('call-connect-ack'),
    request: fc.record({ hashProtocols: byte, nonce: bytes(32) }),
  }),
  fc.record({
    type: fc.constant('call-connect-nak'),
    statuses: fc.array(statusInfo, { minLength: 1, maxLength: 8 }),
  }),
  fc.record({
    type: fc.constant('call-connected'),
    binding: fc.record({
      hashProtocol: byte,
      nonce: bytes(32),
      certificateHash: bytes(32),
      compoundMac: bytes(32),
    }),
  }),
  fc.record(
    { type: fc.constantFrom('call-abort', 'call-disconnect'), status: statusInfo },
    { requiredKeys: ['type'] },
  ),
  fc.record({ type: fc.constantFrom('call-disconnect-ack', 'echo-request', 'echo-response') }),
) as fc.Arbitrary<SstpMessage>

/** What a packet holds: a message that was read, or the statuses that it earns. */
function read(packet: Uint8Array) {
  const parsed = parseSstpPacket(packet)
  if (parsed instanceof WireFault || parsed.type === 'data') throw new Error('not a control packet')
  return parsed.message
}

const statusesOf = (packet: Uint8Array) => {
  const parsed = read(packet)
  if (parsed.type !== 'invalid') throw new Error(`accepted: ${parsed.type}`)
  const told = parsed.statuses.map(({ attribute, status }) => [attribute, formatStatus(status)])
  return { of: parsed.messageType, told }
}

describe('SSTP packets', () => {
  it('read what was written', () => {
    fc.assert(
      fc.property(message, written => {
        const parsed = parseSstpPacket(writeControlPacket(written))
        expect(parsed).toEqual({ type: 'control', message: written } satisfies SstpPacket)
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: MAX_FRAME_BYTES }), frame => {
        expect(parseSstpPacket(writeDataPacket(frame))).toEqual({ type: 'data', frame })
      }),
    )
  })

  it('are a fault at every truncation, and with anything behind them', () => {
    fc.assert(
      fc.property(message, written => {
        const packet = writeControlPacket(written)
        for (let length = 0; length < packet.length; length++) {
          expect(parseSstpPacket(packet.subarray(0, length))).toBeInstanceOf(WireFault)
        }
        expect(parseSstpPacket(Uint8Array.from([...packet, 0]))).toBeInstanceOf(WireFault)
      }),
    )
  })

  it('ignore reserved bits', () => {
    const sent = hex('10 ff f0 30 0002 0001 aa 04 f0 28 bb cc dd 02')
    const nonce = new Uint8Array(32).fill(7)
    const packet = Uint8Array.from([...sent, ...nonce])
    expect(read(packet)).toEqual({ type: 'call-connect-ack', request: { hashProtocols: 2, nonce } })
  })

  it.each(['00 00 00 04', '11 00 00 04', '20 00 00 04', '10 00 00 03', '10 00 00 00', '10 00 00 05', ''])(
    'have a header that is one: %j',
    header => expect(parseSstpPacket(hex(header))).toBeInstanceOf(WireFault),
  )

  it('name what is wrong with a header', () => {
    expect(String(parseSstpPacket(hex('10 00 00 03')))).toBe('invalid LengthPacket at 4')
    expect(String(parseSstpPacket(hex('11 00 00 04')))).toBe('invalid Version at 1')
  })

  it('carry 4091 bytes of PPP and no more', () => {
    expect(writeDataPacket(new Uint8Array(4091))).toHaveLength(4095)
    expect(() => writeDataPacket(new Uint8Array(4092))).toThrow(SstpError)
  })
})

describe("Microsoft's examples ([MS-SSTP] §4.7)", () => {
  it('of a Call Connect Request', () => {
    const packet = hex('10 01 00 0E 00 01 00 01 00 01 00 06 00 01')
    expect(read(packet)).toEqual({ type: 'call-connect-request', protocol: 1 })
    expect(writeControlPacket({ type: 'call-connect-request', protocol: 1 })).toEqual(packet)
  })

  it('of a Call Connect Acknowledge', () => {
    const nonce = hex('412B489AEBD7ECC7D08966F26BE7CD72 B231A0E9210D7C91B308862B0344C435')
    const packet = Uint8Array.from([...hex('10 01 00 30 00 02 00 01 00 04 00 28 00 00 00 02'), ...nonce])
    const request = { hashProtocols: 2, nonce }
    expect(read(packet)).toEqual({ type: 'call-connect-ack', request })
    expect(writeControlPacket({ type: 'call-connect-ack', request })).toEqual(packet)
  })
})

describe('a Call Connect Request that cannot be accepted (§3.3.5.2.2)', () => {
  it.each([
    ['another protocol', '10 01 00 0e 0001 0001 0001 0006 0002', [[1, 'VALUE_NOT_SUPPORTED']]],
    ['no attribute', '10 01 00 08 0001 0000', [[2, 'REQUIRED_ATTRIBUTE_MISSING']]],
    ['a wrong length', '10 01 00 10 0001 0001 0001 0008 00010001', [[1, 'INVALID_ATTRIB_VALUE_LENGTH']]],
    [
      'an attribute twice',
      '10 01 00 14 0001 0002 0001 0006 0001 0001 0006 0001',
      [[1, 'DUPLICATE_ATTRIBUTE']],
    ],
    [
      'an unknown attribute',
      '10 01 00 12 0001 0002 0001 0006 0001 0009 0004',
      [[9, 'UNRECOGNIZED_ATTRIBUTE']],
    ],
    [
      'a status that is an error',
      '10 01 00 1a 0001 0002 0001 0006 0001 0002 000c 00000001 00000004',
      [[2, 'STATUS_INFO_NOT_SUPPORTED_IN_MSG']],
    ],
    [
      'several things',
      '10 01 00 12 0001 0002 0001 0006 0007 0009 0004',
      [
        [1, 'VALUE_NOT_SUPPORTED'],
        [9, 'UNRECOGNIZED_ATTRIBUTE'],
      ],
    ],
  ])('%s', (_, packet, told) => {
    expect(statusesOf(hex(packet))).toEqual({ of: 'call-connect-request', told })
  })

  it('gets the refused value back, 64 bytes of it at most', () => {
    const long = hex(`10 01 00 50 0001 0001 0001 0048 ${'5a'.repeat(68)}`)
    expect(read(long)).toMatchObject({ statuses: [{ value: new Uint8Array(64).fill(0x5a) }] })
  })

  it('earns eight statuses at most', () => {
    const many = hex(`10 01 0088 0001 0020 ${'00090004'.repeat(32)}`)
    expect(statusesOf(many).told).toHaveLength(8)
  })
})

describe('other messages that cannot be accepted', () => {
  const unreadable = { of: undefined, told: [[2, 'INVALID_FRAME_RECEIVED']] }

  it.each([
    ['of no known type', '10 01 00 08 000a 0000'],
    ['without a type', '10 01 00 04'],
    ['with fewer attributes than said', '10 01 00 0e 0001 0002 0001 0006 0001'],
    ['with more than said', '10 01 00 0e 0001 0000 0001 0006 0001'],
    ['with 65,535 attributes', '10 01 00 08 0008 ffff'],
    ['with an attribute shorter than its header', '10 01 00 0c 0001 0001 0001 0003'],
    ['with an attribute longer than the packet', '10 01 00 0c 0001 0001 0001 0005'],
  ])('%s', (_, packet) => expect(statusesOf(hex(packet))).toEqual(unreadable))

  it.each([
    ['Call Connected without its binding', 'call-connected', '10 01 00 08 0004 0000'],
    [
      'Call Connected with a short one',
      'call-connected',
      `10 01 00 6f 0004 0001 0003 0067 ${'00'.repeat(99)}`,
    ],
    ['Call Connected with a status', 'call-connected', '10 01 00 14 0004 0001 0002 000c 00000001 00000004'],
    ['an acknowledgment without a nonce', 'call-connect-ack', '10 01 00 08 0002 0000'],
    ['a negative one without a status', 'call-connect-nak', '10 01 00 08 0003 0000'],
    ['an echo with an attribute', 'echo-request', '10 01 00 0c 0008 0001 0002 0004'],
    ['a disconnect with a short status', 'call-disconnect', '10 01 00 0c 0006 0001 0002 0004'],
    ['an abort with another attribute', 'call-abort', '10 01 00 0e 0005 0001 0001 0006 0001'],
  ])('%s', (_, of, packet) => {
    expect(statusesOf(hex(packet))).toEqual({ of, told: [[2, 'ATTRIB_NOT_SUPPORTED_IN_MSG']] })
  })
})

describe('statuses', () => {
  it('are shown by name, or as the number that nobody has defined', () => {
    expect([STATUSES.NEGOTIATION_TIMEOUT, 99].map(formatStatus)).toEqual(['NEGOTIATION_TIMEOUT', 'status 99'])
  })
})
