import { describe, expect, it } from 'vitest'
import {
  ACK_DELAY_MS,
  RECEIVE_WINDOW,
  RETRANSMIT_FIRST_MS,
  RETRANSMIT_MOST_MS,
  SEND_WINDOW,
  TLS_BACKLOG_BYTES,
  TRANSMIT_LIMIT,
} from '../limits.ts'
import { OPCODES } from '../wire/opcode.ts'
import { KeyLane } from './key-lane.ts'
import { PendingAcks } from './pending-acks.ts'
import { ReceiveWindow } from './receive-window.ts'
import { SendWindow } from './send-window.ts'

const NONE = new Uint8Array()

function window(count: number, reliablePath = false): SendWindow {
  const send = new SendWindow(0, reliablePath)
  for (let i = 0; i < count; i++) send.push(OPCODES.CONTROL_V1, Uint8Array.of(i), 0)
  return send
}

const takeAll = (send: SendWindow, now: number): number[] => {
  const ids: number[] = []
  for (let message = send.takeDue(now); message; message = send.takeDue(now)) ids.push(message.messageId)
  return ids
}

describe('sending', () => {
  it('is open for six ids from the oldest that is not acknowledged', () => {
    const send = window(SEND_WINDOW)
    expect(takeAll(send, 0)).toEqual([0, 1, 2, 3, 4, 5])
    send.acknowledge([1, 2], 10)
    expect(send.open).toBe(false)
    send.acknowledge([0], 10)
    expect(send.open).toBe(true)
  })

  it('repeats with a wait that doubles up to a bound, and then gives up', () => {
    const send = window(1)
    const waits: number[] = []
    let now = 0
    while (!send.exhausted(now)) {
      expect(takeAll(send, now)).toEqual([0])
      const next = send.deadline() ?? 0
      waits.push(next - now)
      now = next
    }
    expect(waits.slice(0, 4)).toEqual([1, 2, 4, 8].map(factor => factor * RETRANSMIT_FIRST_MS))
    expect(Math.max(...waits)).toBe(RETRANSMIT_MOST_MS)
    expect(waits).toHaveLength(TRANSMIT_LIMIT)
  })

  it('repeats at once what three later packets have overtaken', () => {
    const send = window(5)
    takeAll(send, 0)
    send.acknowledge([1, 2], 10)
    expect(takeAll(send, 10)).toEqual([])
    send.acknowledge([3], 11)
    expect(takeAll(send, 11)).toEqual([0])
  })

  it('learns the round trip, but not from packets sent twice', () => {
    const send = window(1)
    takeAll(send, 0)
    send.acknowledge([0], 400)
    send.push(OPCODES.CONTROL_V1, NONE, 1000)
    takeAll(send, 1000)
    expect(send.deadline()).toBe(1000 + 400 + 4 * 200)
    takeAll(send, 3000)
    send.acknowledge([1], 3001)
    send.push(OPCODES.CONTROL_V1, NONE, 4000)
    takeAll(send, 4000)
    expect(send.deadline()).toBe(4000 + 400 + 4 * 200)
  })

  it('is not moved by acknowledgements of what was never sent', () => {
    const send = new SendWindow(0, false)
    send.push(OPCODES.CONTROL_V1, NONE, 0)
    send.acknowledge([0, 1, 7, 0xffff_ffff], 0)
    expect(send.empty).toBe(false)
    expect(takeAll(send, 0)).toEqual([0])
  })

  it('sends once over a stream', () => {
    const send = window(1, true)
    expect(takeAll(send, 0)).toEqual([0])
    expect(send.deadline()).toBeUndefined()
  })
})

describe('receiving', () => {
  it('puts in order, drops repetitions, and takes nothing beyond its window', () => {
    const receive = new ReceiveWindow(0)
    expect(receive.offer(2, Uint8Array.of(2))).toBe('accepted')
    expect(receive.take()).toBeUndefined()
    expect(receive.offer(0, Uint8Array.of(0))).toBe('accepted')
    expect(receive.offer(0, Uint8Array.of(9))).toBe('repeated')
    expect(receive.offer(2, Uint8Array.of(9))).toBe('repeated')
    expect(receive.take()).toEqual(Uint8Array.of(0))
    expect(receive.offer(0, Uint8Array.of(9))).toBe('repeated')
    expect(receive.offer(1, Uint8Array.of(1))).toBe('accepted')
    expect([receive.take(), receive.take(), receive.take()]).toEqual([
      Uint8Array.of(1),
      Uint8Array.of(2),
      undefined,
    ])
    expect(receive.offer(3 + RECEIVE_WINDOW, NONE)).toBe('beyond-window')
    expect(receive.offer(0xffff_ffff, NONE)).toBe('beyond-window')
  })
})

describe('acknowledging', () => {
  it('waits for a packet to ride on, but not long', () => {
    const acks = new PendingAcks()
    acks.add(0, 100)
    expect(acks.isDue(100)).toBe(false)
    expect(acks.deadline()).toBe(100 + ACK_DELAY_MS)
    expect(acks.isDue(100 + ACK_DELAY_MS)).toBe(true)
  })

  it('repeats the latest where there is room', () => {
    const acks = new PendingAcks()
    acks.add(0, 0)
    acks.add(1, 0)
    expect(acks.take(4)).toEqual([0, 1])
    acks.add(2, 0)
    expect(acks.take(2)).toEqual([2, 0])
    expect(acks.deadline()).toBeUndefined()
  })

  it('does not grow', () => {
    const acks = new PendingAcks()
    for (let id = 0; id < 10_000; id++) acks.add(id, 0)
    expect(acks.take(100_000).length).toBeLessThan(100)
  })
})

describe('a lane', () => {
  const lane = (): KeyLane =>
    new KeyLane({ keyId: 0, tls: 1, reliablePath: false, firstSend: 0, firstReceive: 0 })

  it('cuts records to packets and puts them together again', () => {
    const [sender, receiver] = [lane(), lane()]
    const records = Uint8Array.from({ length: 2500 }, (_, i) => i)
    expect(sender.enqueue(records)).toBe(true)
    const received: number[] = []
    for (let packet = sender.takeOutgoing(0, () => 1000); packet; packet = sender.takeOutgoing(0, () => 1000))
      receiver.receive(packet, 0)
    for (let part = receiver.takeReceived(); part; part = receiver.takeReceived()) received.push(...part)
    expect(received).toEqual([...records])
  })

  it('gives up on a peer that leaves too much unacknowledged', () => {
    const sender = lane()
    const chunk = new Uint8Array(16_384)
    const accepted = Array.from({ length: TLS_BACKLOG_BYTES / chunk.length + 1 }, () => sender.enqueue(chunk))
    expect([accepted.indexOf(false), accepted.length - 1]).toEqual([accepted.length - 1, accepted.length - 1])
  })
})
