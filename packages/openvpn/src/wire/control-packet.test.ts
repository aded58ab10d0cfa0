import { concatBytes, WireFault } from '@causeway/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { controlPacket } from './control-packet.suite.ts'
import {
  type ControlPacket,
  MAX_CONTROL_PACKET_BYTES,
  readControlPacket,
  writeControlPacket,
} from './control-packet.ts'
import { readEarlyNegotiation, writeEarlyNegotiation } from './early-negotiation.ts'
import { isDataPacket, OPCODES, peekOpcode } from './opcode.ts'

describe('control packets', () => {
  it('read what was written', () => {
    fc.assert(
      fc.property(controlPacket, packet => {
        expect(readControlPacket(writeControlPacket(packet))).toEqual(packet)
      }),
    )
  })

  it('write what was read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), input => {
        const packet = readControlPacket(input)
        if (!('kind' in packet)) expect(writeControlPacket(packet)).toEqual(input)
      }),
    )
  })

  it('are a fault at every truncation before the payload', () => {
    fc.assert(
      fc.property(controlPacket, packet => {
        const head = writeControlPacket({ ...packet, payload: new Uint8Array(0) })
        for (let length = 0; length < head.length; length++)
          expect(readControlPacket(head.subarray(0, length))).toMatchObject({ kind: 'truncated' })
      }),
    )
  })

  it('have the layout of the specification', () => {
    const ack = Uint8Array.of(0x28 | 2, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 0, 0, 9, 8, 7, 6, 5, 4, 3, 2, 1)
    expect(readControlPacket(ack)).toEqual({
      opcode: OPCODES.ACK_V1,
      keyId: 2,
      sessionId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
      acks: [9],
      remoteSessionId: Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1),
      payload: new Uint8Array(0),
    })
  })

  it.each([0, 1, 2, 6, 9, 12, 31])('refuse opcode %i', code => {
    const packet = concatBytes([Uint8Array.of(code << 3), new Uint8Array(13)])
    expect(readControlPacket(packet)).toEqual(new WireFault('invalid', 'opcode', 0))
  })

  it('refuse too many acknowledgements, empty ACK_V1, trailing bytes and giants', () => {
    const head = (code: number) => concatBytes([Uint8Array.of(code << 3), new Uint8Array(8)])
    const read = (...parts: Uint8Array[]) => readControlPacket(concatBytes(parts))
    expect(read(head(4), Uint8Array.of(9), new Uint8Array(60))).toMatchObject({ kind: 'limit' })
    expect(read(head(5), Uint8Array.of(0))).toMatchObject({ kind: 'invalid', field: 'ack count' })
    expect(read(head(5), Uint8Array.of(1), new Uint8Array(13))).toMatchObject({ kind: 'trailing' })
    expect(read(head(4), new Uint8Array(MAX_CONTROL_PACKET_BYTES))).toMatchObject({ kind: 'limit' })
  })

  it('do not keep the input', () => {
    const input = writeControlPacket({
      opcode: 4,
      keyId: 0,
      sessionId: new Uint8Array(8),
      acks: [],
      packetId: 1,
      payload: Uint8Array.of(7),
    })
    const packet = readControlPacket(input) as ControlPacket
    input.fill(0xff)
    expect([packet.sessionId[0], packet.payload[0]]).toEqual([0, 7])
  })

  it('are refused for writing when they break their own interface', () => {
    const packet: ControlPacket = {
      opcode: 4,
      keyId: 0,
      sessionId: new Uint8Array(8),
      acks: [],
      packetId: 1,
      payload: new Uint8Array(0),
    }
    const { packetId: _, ...unnumbered } = packet
    expect(() => writeControlPacket({ ...packet, sessionId: new Uint8Array(7) })).toThrow(RangeError)
    expect(() => writeControlPacket({ ...packet, acks: [1] })).toThrow(RangeError)
    expect(() => writeControlPacket(unnumbered)).toThrow(RangeError)
    expect(() => writeControlPacket({ ...unnumbered, opcode: 5 })).toThrow(RangeError)
    expect(() =>
      writeControlPacket({ ...packet, acks: Array(9).fill(1), remoteSessionId: new Uint8Array(8) }),
    ).toThrow(RangeError)
  })
})

describe('the first byte', () => {
  it('tells data from control', () => {
    const first = (code: number) => Uint8Array.of(code << 3)
    expect([4, 6, 9, 11].map(code => isDataPacket(first(code)))).toEqual([false, true, true, false])
    expect(peekOpcode(new Uint8Array(0))).toBe(0)
  })
})

describe('early negotiation', () => {
  it('reads what was written, and skips what it does not know', () => {
    for (const resendWrappedKey of [true, false])
      expect(readEarlyNegotiation(writeEarlyNegotiation({ resendWrappedKey }))).toEqual({ resendWrappedKey })
    const flags = writeEarlyNegotiation({ resendWrappedKey: true })
    const unknown = Uint8Array.of(0, 9, 0, 1, 0xff)
    expect(readEarlyNegotiation(concatBytes([unknown, flags]))).toEqual({ resendWrappedKey: true })
  })

  it('is a fault at every truncation and for flags of another length', () => {
    const flags = writeEarlyNegotiation({ resendWrappedKey: true })
    for (let length = 1; length < flags.length; length++)
      expect(readEarlyNegotiation(flags.subarray(0, length))).toMatchObject({ kind: 'truncated' })
    expect(readEarlyNegotiation(Uint8Array.of(0, 1, 0, 3, 0, 1, 0))).toMatchObject({ kind: 'trailing' })
  })
})
