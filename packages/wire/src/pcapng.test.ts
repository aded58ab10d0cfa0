import { expect, test } from 'vitest'
import { pcapngInterface, pcapngPacket, pcapngSection } from './pcapng.ts'
import { Reader } from './reader.ts'
import { utf8Bytes } from './text.ts'

/** The body of one block, whose length must stand at both its ends. */
function bodyOf(block: Uint8Array): { readonly type: number; readonly body: Reader } {
  const reader = new Reader(block)
  const type = reader.u32('type')
  const length = reader.u32('length')
  const body = reader.sub(length - 12, 'body')
  expect(reader.u32('length again')).toBe(length)
  expect([length % 4, reader.remaining]).toEqual([0, 0])
  return { type, body }
}

test('a file begins with a section of version 1.0', () => {
  const { type, body } = bodyOf(pcapngSection())
  expect([type, body.u32('magic'), body.u16('major'), body.u16('minor')]).toEqual([
    0x0a0d0d0a, 0x1a2b3c4d, 1, 0,
  ])
})

test('an interface has its link type, its snap length and its name', () => {
  const { type, body } = bodyOf(pcapngInterface({ name: 'outside', snapLength: 120, linkType: 'linux-sll2' }))
  expect([type, body.u16('link type'), body.u16('reserved'), body.u32('snap length')]).toEqual([
    1, 276, 0, 120,
  ])
  expect([body.u16('option'), body.u16('length')]).toEqual([2, 7])
  expect(body.bytes(7, 'name')).toEqual(utf8Bytes('outside'))
  expect(body.rest()).toEqual(new Uint8Array(5))
})

test('a packet has its interface, time and both lengths', () => {
  const captured = Uint8Array.of(0x45, 1, 2, 3, 4)
  const microseconds = 1_700_000_000_123_456n
  const packet = { interface: 1, microseconds, captured, originalLength: 900 }
  const { type, body } = bodyOf(pcapngPacket(packet))
  expect([type, body.u32('interface'), body.u64('time')]).toEqual([6, 1, microseconds])
  expect([body.u32('captured'), body.u32('original')]).toEqual([5, 900])
  expect(body.bytes(8, 'packet')).toEqual(Uint8Array.of(...captured, 0, 0, 0))
  expect(body.remaining).toBe(0)
})

test('what is not said takes no room', () => {
  const bare = pcapngPacket({ interface: 0, microseconds: 0n, captured: new Uint8Array(4) })
  expect(bare).toHaveLength(12 + 20 + 4)
  expect(pcapngInterface()).toHaveLength(12 + 8)
})
