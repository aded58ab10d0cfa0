import { expect, test } from 'vitest'
import type { StreamTls, StreamTlsStep } from './datapath.ts'
import type { DatapathEvent } from './datapath-event.ts'
import { ECHO_REQUEST, LCP_ECHO } from './datapath-sstp-fixture.suite.ts'
import { createMemoryDatapath, type MemoryDatapath } from './memory-datapath.ts'
import { MemoryNetwork } from './memory-network.ts'

/** TLS that marks what it is given, and fails as a test wants it. */
class MarkingTls implements StreamTls {
  readonly calls: string[] = []
  /** What the next calls give in place of the usual. */
  readonly steps: StreamTlsStep[] = []

  input(records: Uint8Array): StreamTlsStep {
    return this.#step('input', { plaintext: records })
  }

  write(plaintext: Uint8Array): StreamTlsStep {
    return this.#step('write', { records: Uint8Array.of(...plaintext, 0xaa) })
  }

  end(): StreamTlsStep {
    return this.#step('end', { records: Uint8Array.of(0xee) })
  }

  close(): void {
    this.calls.push('close')
  }

  release(): object {
    throw new Error('nothing here takes connections')
  }

  #step(call: string, usual: StreamTlsStep): StreamTlsStep {
    this.calls.push(call)
    return this.steps.shift() ?? usual
  }
}

interface Opened {
  readonly datapath: MemoryDatapath
  readonly events: DatapathEvent[]
  readonly tls: MarkingTls
  readonly stream: number
}

function open(recordPerPacket = false): Opened {
  const events: DatapathEvent[] = []
  const options = { workers: 1, onEvents: (batch: readonly DatapathEvent[]) => events.push(...batch) }
  const datapath = createMemoryDatapath(options, new MemoryNetwork())
  const stream = datapath.openStream({ framing: 'sstp', recordPerPacket })
  const tls = new MarkingTls()
  datapath.attachTls(stream, tls)
  return { datapath, events, tls, stream }
}

test('as many packets as a record holds are written at once, never parts of one', () => {
  const { datapath, tls, stream } = open()
  const packet = new Uint8Array(4095).fill(1)
  packet.set([0x10, 1, 0x0f, 0xff])
  datapath.streamControl(stream, [packet, packet, packet, packet, packet, ECHO_REQUEST])
  const records = datapath.takeStreamOutput(stream)
  expect(tls.calls).toEqual(['write', 'write'])
  expect(records).toHaveLength(5 * 4095 + ECHO_REQUEST.length + 2)
  expect(records?.[4 * 4095]).toBe(0xaa)
})

test('with a record for each packet each is written by itself', () => {
  const { datapath, tls, stream } = open(true)
  datapath.streamControl(stream, [ECHO_REQUEST, LCP_ECHO])
  expect(datapath.takeStreamOutput(stream)).toEqual(Uint8Array.of(...ECHO_REQUEST, 0xaa, ...LCP_ECHO, 0xaa))
  expect(tls.calls).toEqual(['write', 'write'])
})

test('nothing is written when nothing waits', () => {
  const { datapath, tls, stream } = open()
  expect(datapath.takeStreamOutput(stream)).toBeUndefined()
  expect(tls.calls).toEqual([])
})

test('records that an input brings are told of, and go before what is written later', () => {
  const { datapath, events, tls, stream } = open()
  tls.steps.push({ records: Uint8Array.of(1, 2, 3) })
  datapath.streamInput(stream, Uint8Array.of(9))
  datapath.flushEvents()
  expect(events).toEqual([{ type: 'stream-output', stream }])
  datapath.streamControl(stream, [ECHO_REQUEST])
  expect(datapath.takeStreamOutput(stream)).toEqual(Uint8Array.of(1, 2, 3, ...ECHO_REQUEST, 0xaa))
})

test('what a failing step brought is received and sent; the failure comes last', () => {
  const { datapath, events, tls, stream } = open()
  tls.steps.push({ plaintext: ECHO_REQUEST, records: Uint8Array.of(7), failure: 'bad record mac' })
  datapath.streamInput(stream, Uint8Array.of(9))
  datapath.flushEvents()
  expect(events).toEqual([
    { type: 'control', stream, bytes: ECHO_REQUEST },
    { type: 'stream-output', stream },
    { type: 'stream-fault', stream, reason: 'TLS: bad record mac' },
  ])
  expect(datapath.takeStreamOutput(stream)).toEqual(Uint8Array.of(7))
})

test('a failure over what is written is told', () => {
  const { datapath, events, tls, stream } = open(true)
  tls.steps.push({ records: Uint8Array.of(1) }, { failure: 'too many records' })
  datapath.streamControl(stream, [ECHO_REQUEST, ECHO_REQUEST, ECHO_REQUEST])
  expect(datapath.takeStreamOutput(stream)).toEqual(Uint8Array.of(1))
  datapath.flushEvents()
  expect(tls.calls).toEqual(['write', 'write'])
  expect(events.at(-1)).toEqual({ type: 'stream-fault', stream, reason: 'TLS: too many records' })
  datapath.streamControl(stream, [ECHO_REQUEST])
  expect(datapath.takeStreamOutput(stream)).toBeUndefined()
})

test('the end is behind what waited, once, and nothing follows it', () => {
  const { datapath, tls, stream } = open()
  datapath.streamControl(stream, [ECHO_REQUEST])
  datapath.endStream(stream)
  datapath.endStream(stream)
  datapath.streamControl(stream, [LCP_ECHO])
  expect(datapath.takeStreamOutput(stream)).toEqual(Uint8Array.of(...ECHO_REQUEST, 0xaa, 0xee))
  expect(tls.calls).toEqual(['write', 'end'])
})

test('a failure over the end is told', () => {
  const { datapath, events, tls, stream } = open()
  tls.steps.push({ failure: 'the connection is over' })
  datapath.endStream(stream)
  datapath.flushEvents()
  expect(events).toEqual([{ type: 'stream-fault', stream, reason: 'TLS: the connection is over' }])
})

test('a dead stream gives TLS nothing more', () => {
  const { datapath, tls, stream } = open()
  datapath.streamInput(stream, Uint8Array.of(0, 0, 0, 0))
  datapath.streamInput(stream, ECHO_REQUEST)
  datapath.streamControl(stream, [ECHO_REQUEST])
  datapath.endStream(stream)
  expect(tls.calls).toEqual(['input'])
})

test('the connection is closed with its stream, once', () => {
  const { datapath, tls, stream } = open()
  datapath.closeStream(stream)
  datapath.close()
  expect(tls.calls).toEqual(['close'])
})
