import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { EAP_LIMITS } from '../limits.ts'
import { EAP_TLS_ACK, EAP_TLS_START, type EapTlsPacket } from '../wire/eap-tls-packet.ts'
import { TlsFraming, type TlsFramingStep } from './tls-framing.ts'

const framing = (fragmentBytes: number = EAP_LIMITS.fragmentBytes) =>
  new TlsFraming({ ...EAP_LIMITS, fragmentBytes })

const piece = (length: number, more: boolean, totalLength?: number): EapTlsPacket => ({
  start: false,
  more,
  fragment: new Uint8Array(length),
  ...(totalLength === undefined ? {} : { totalLength }),
})

/** What the last of these packets brings. */
function after(...packets: readonly EapTlsPacket[]): TlsFramingStep | undefined {
  const receiver = framing()
  return packets.map(packet => receiver.receive(packet)).at(-1)
}

test('a message of any length arrives whole through fragments of any size', () => {
  const sizes = fc.integer({ min: 64, max: 4000 })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8000, size: 'max' }), sizes, (message, size) => {
      const [sender, receiver] = [framing(size), framing()]
      let packet = sender.begin(message)
      let count = 1
      let step = receiver.receive(packet)
      while (step.type === 'send') {
        expect(packet.fragment.length).toBe(size)
        expect(packet.totalLength).toBe(count === 1 ? message.length : undefined)
        const next = sender.receive(step.packet)
        if (next.type !== 'send') throw new Error(`no fragment: ${next.type}`)
        packet = next.packet
        count++
        step = receiver.receive(packet)
      }
      expect(step).toEqual({ type: 'message', bytes: message })
      expect(count).toBe(Math.max(1, Math.ceil(message.length / size)))
    }),
    { numRuns: 50 },
  )
})

test('one packet announces no length, several do in the first', () => {
  expect(framing(100).begin(new Uint8Array(100))).toEqual(piece(100, false))
  expect(framing(100).begin(new Uint8Array(101))).toEqual(piece(100, true, 101))
  expect(framing().begin(new Uint8Array(0))).toEqual(EAP_TLS_ACK)
})

describe('what peers may do otherwise is understood', () => {
  it('the length in every fragment, in a single packet, or nowhere', () => {
    expect(after(piece(10, true, 30), piece(10, true, 30), piece(10, false, 30))).toMatchObject({
      type: 'message',
    })
    expect(after(piece(10, false, 10))).toMatchObject({ type: 'message' })
    expect(after(piece(10, true), piece(10, false))).toMatchObject({ type: 'message' })
    expect(after(piece(0, false, 0))).toEqual({ type: 'message', bytes: new Uint8Array(0) })
  })

  it('64 KB and no more', () => {
    const most = EAP_LIMITS.tlsMessageBytes
    expect(after(piece(most, false, most))).toMatchObject({ type: 'message' })
    expect(after(piece(most + 1, false))).toMatchObject({ type: 'fault' })
  })
})

describe('hostile fragments are faults', () => {
  const most = EAP_LIMITS.tlsMessageBytes
  it.each<[string, readonly EapTlsPacket[], RegExp]>([
    ['a length of 4 GB', [piece(10, true, 0xffffffff)], /more than 65536 bytes/],
    ['more than may come, unannounced', [piece(most, true), piece(1, true)], /more than 65536 bytes/],
    ['more than announced', [piece(10, true, 15), piece(10, false)], /not as long as announced/],
    ['all that was announced, and still more to come', [piece(10, true, 10)], /not as long as announced/],
    ['less than announced', [piece(10, true, 30), piece(10, false)], /not as long as announced/],
    ['a single packet of another length', [piece(10, false, 11)], /not as long as announced/],
    ['a length that changes', [piece(10, true, 30), piece(10, true, 31)], /length changes/],
    ['a length that comes late', [piece(10, true), piece(10, true, 30)], /length changes/],
    ['an empty fragment', [piece(10, true, 30), piece(0, true)], /empty EAP-TLS fragment/],
    ['another start', [{ ...EAP_TLS_START }], /start out of turn/],
  ])('%s', (_, packets, reason) => {
    expect(after(...packets)).toEqual({ type: 'fault', reason: expect.stringMatching(reason) })
  })

  it('data where an acknowledgement is due', () => {
    for (const packet of [piece(1, false), piece(0, true), piece(1, true, 2)]) {
      const sender = framing(100)
      sender.begin(new Uint8Array(200))
      expect(sender.receive(packet)).toMatchObject({ type: 'fault' })
    }
  })

  it('any packets: no throw, and never a message past the limit', () => {
    const packet = fc.record(
      {
        start: fc.boolean(),
        more: fc.boolean(),
        totalLength: fc.integer({ min: 0, max: 70_000 }),
        fragment: fc.uint8Array({ maxLength: 30 }),
      },
      { requiredKeys: ['start', 'more', 'fragment'] },
    )
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 20 }), packets => {
        const receiver = new TlsFraming({ ...EAP_LIMITS, tlsMessageBytes: 100 })
        for (const each of packets) {
          const step = receiver.receive(each)
          if (step.type === 'fault') return
          if (step.type === 'message') expect(step.bytes.length).toBeLessThanOrEqual(100)
        }
      }),
    )
  })
})
