import { type Endpoint, internetChecksum, parseIpAddress, Reader } from '@causeway/wire'
import { describe, expect, test } from 'vitest'
import { PcapngWriter } from './pcapng-writer.ts'

function endpoint(address: string, port: number): Endpoint {
  const parsed = parseIpAddress(address)
  if (!parsed) throw new TypeError(`not an address: ${address}`)
  return { address: parsed, port }
}

/** The blocks of a file: every length must agree with its copy at the block's end. */
function readBlocks(bytes: Uint8Array): { type: number; body: Reader }[] {
  const reader = new Reader(bytes)
  const blocks = []
  while (reader.remaining > 0) {
    const type = reader.u32('type')
    const length = reader.u32('length')
    expect(length % 4).toBe(0)
    blocks.push({ type, body: reader.sub(length - 12, 'body') })
    expect(reader.u32('length again')).toBe(length)
  }
  return blocks
}

function readPacket(body: Reader) {
  expect(body.u32('interface')).toBe(0)
  const microseconds = body.u64('time')
  const captured = body.u32('captured')
  expect(body.u32('original')).toBe(captured)
  const packet = body.bytes(captured, 'packet')
  body.skip((4 - (captured % 4)) % 4, 'padding')
  return { microseconds, packet, options: body.rest() }
}

const PAYLOAD = new TextEncoder().encode('hello')

describe('PcapngWriter', () => {
  test('begins with a section and one interface of raw IP', () => {
    const [section, description, ...rest] = readBlocks(new PcapngWriter().bytes())
    expect(section?.type).toBe(0x0a0d0d0a)
    expect(section?.body.u32('magic')).toBe(0x1a2b3c4d)
    expect(section?.body.u16('major')).toBe(1)
    expect(description?.type).toBe(1)
    expect(description?.body.u16('link type')).toBe(101)
    expect(rest).toEqual([])
  })

  test('puts IPv4 and UDP headers with valid checksums around a payload', () => {
    const writer = new PcapngWriter(1_700_000_000)
    writer.packet(1.5, endpoint('192.0.2.1', 40000), endpoint('198.51.100.2', 1194), PAYLOAD)
    const [, , block] = readBlocks(writer.bytes())
    const { microseconds, packet, options } = readPacket((block as { body: Reader }).body)
    expect(microseconds).toBe(1_700_000_000_001_500n)
    expect(options).toHaveLength(0)
    expect(internetChecksum(packet.subarray(0, 20))).toBe(0)
    const ip = new Reader(packet)
    expect([ip.u16('version'), ip.u16('length')]).toEqual([0x4500, 33])
    expect([packet[8], packet[9]]).toEqual([64, 17])
    const udp = packet.subarray(20)
    expect(udp.subarray(8)).toEqual(PAYLOAD)
    const pseudo = Uint8Array.of(...packet.subarray(12, 20), 0, 17, 0, udp.length, ...udp)
    expect(internetChecksum(pseudo)).toBe(0)
  })

  test('does so for IPv6', () => {
    const writer = new PcapngWriter()
    writer.packet(0, endpoint('2001:db8::1', 1), endpoint('2001:db8::2', 65535), PAYLOAD)
    const [, , block] = readBlocks(writer.bytes())
    const { packet } = readPacket((block as { body: Reader }).body)
    expect(packet[0]).toBe(0x60)
    expect([packet[4], packet[5], packet[6]]).toEqual([0, 13, 17])
    const udp = packet.subarray(40)
    const pseudo = Uint8Array.of(...packet.subarray(8, 40), 0, 0, 0, udp.length, 0, 0, 0, 17, ...udp)
    expect(internetChecksum(pseudo)).toBe(0)
  })

  test.each([
    ['192.0.2.1', '192.0.2.2', 9, 20],
    ['2001:db8::1', '2001:db8::2', 6, 40],
  ])('between ports of 0 it is raw ESP: %s to %s', (from, to, protocolAt, headerBytes) => {
    const writer = new PcapngWriter()
    writer.packet(0, endpoint(from, 0), endpoint(to, 0), PAYLOAD)
    const [, , block] = readBlocks(writer.bytes())
    const { packet } = readPacket((block as { body: Reader }).body)
    expect(packet[protocolAt]).toBe(50)
    expect(packet.subarray(headerBytes)).toEqual(PAYLOAD)
  })

  test('keeps a comment beside its packet', () => {
    const writer = new PcapngWriter()
    writer.packet(0, endpoint('192.0.2.1', 1), endpoint('192.0.2.2', 2), PAYLOAD, 'lost')
    const [, , block] = readBlocks(writer.bytes())
    const { options } = readPacket((block as { body: Reader }).body)
    expect(options).toEqual(Uint8Array.of(0, 1, 0, 4, ...new TextEncoder().encode('lost'), 0, 0, 0, 0))
  })

  test('takes payloads of every length, also none', () => {
    const writer = new PcapngWriter()
    for (let length = 0; length < 9; length++)
      writer.packet(length, endpoint('192.0.2.1', 1), endpoint('192.0.2.2', 2), new Uint8Array(length))
    expect(readBlocks(writer.bytes())).toHaveLength(2 + 9)
  })
})
