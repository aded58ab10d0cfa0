import { type IpPrefix, parseIpPrefix } from '@causeway/wire'
import { describe, expect, test } from 'vitest'
import { type InnerPacket, readInnerPacket } from './memory-inner-packet.ts'
import { MemoryNat, type NatDirection } from './memory-nat.ts'
import { ACK, endsOf, SYN, tcp, udp } from './nat-packets.suite.ts'

const prefix = (text: string) => ({ prefix: parseIpPrefix(text) as IpPrefix })
const RULES = {
  egress: [{ type: 'dynamic', internal: prefix('10.0.0.0/16'), external: prefix('100.0.1.1/32') }],
  ingress: [],
} as const
const SERVER = '10.9.0.7:443'
const FIN = 0x11
const RST = 0x04

function openNat(most?: number) {
  const nat = new MemoryNat(RULES, most)
  const pass = (packet: Uint8Array, direction: NatDirection, now = 0) => {
    return nat.translate(readInnerPacket(packet) as InnerPacket, direction, now)?.bytes
  }
  /** Where what goes out to the server seems to come from. */
  const begin = (from: string, now = 0, make: (from: string, to: string) => Uint8Array = udp) => {
    const bytes = pass(make(from, SERVER), 'out', now)
    return bytes && endsOf(bytes).source
  }
  return { nat, pass, begin }
}

describe('conversations of dynamic rules', () => {
  test('end when idle, those of TCP by how far they have come', () => {
    const { pass, begin } = openNat()
    const answered = (end: string, now: number, flags?: number) => {
      return pass(flags === undefined ? udp(SERVER, end) : tcp(SERVER, end, flags), 'in', now) !== undefined
    }
    const datagrams = begin('10.0.0.1:1') as string
    expect(answered(datagrams, 300_000)).toBe(true)
    expect(answered(datagrams, 600_001)).toBe(false)
    const opening = begin('10.0.0.1:2', 0, tcp) as string
    expect(answered(opening, 240_001, ACK)).toBe(false)
    const open = (port: number) => {
      const end = begin(`10.0.0.1:${port}`, 0, tcp) as string
      answered(end, 0, SYN | ACK)
      pass(tcp(`10.0.0.1:${port}`, SERVER, ACK), 'out', 0)
      return end
    }
    expect(answered(open(3), 7_440_000, ACK)).toBe(true)
    expect(answered(open(4), 7_440_001, ACK)).toBe(false)
    const reset = open(5)
    answered(reset, 0, RST)
    expect(answered(reset, 240_001, ACK)).toBe(false)
    const closed = open(6)
    answered(closed, 0, FIN)
    expect(answered(closed, 240_001, ACK)).toBe(true)
    pass(tcp('10.0.0.1:6', SERVER, FIN), 'out', 300_000)
    expect(answered(closed, 540_001, ACK)).toBe(false)
  })

  test('are bounded, and those of the host with most give way', () => {
    const { nat, pass, begin } = openNat(100)
    const quiet = begin('10.0.0.2:1', 0) as string
    for (let n = 0; n < 500; n++) begin(`10.0.0.9:${1000 + n}`, n)
    expect(nat.sessions).toBe(100)
    expect(endsOf(pass(udp(SERVER, quiet), 'in', 500) as Uint8Array).destination).toBe('10.0.0.2:1')
  })
})
