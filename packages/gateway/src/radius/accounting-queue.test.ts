import type { AccountingRecord, RadiusAnswer } from '@causeway/radius'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { recordingLog } from '../testing/test-gateway.suite.ts'
import { AccountingQueue } from './accounting-queue.ts'

type Status = AccountingRecord['status']

const TAKEN: RadiusAnswer = { type: 'recorded', server: 'one' }
const SILENT: RadiusAnswer = { type: 'failed', reason: 'no-answer', detail: 'nobody answers' }
const SECRETIVE: RadiusAnswer = { type: 'failed', reason: 'unsendable', detail: 'too long' }

let answer: RadiusAnswer
/** What a server was asked, with its age in seconds. */
let sent: string[]
let queue: AccountingQueue
let recorded: ReturnType<typeof recordingLog>

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  answer = TAKEN
  sent = []
  recorded = recordingLog()
  queue = new AccountingQueue({
    servers: {
      record: ({ record }) => {
        sent.push(`${record.status} ${record.sessionId} ${record.ageSeconds}`)
        return new Promise(resolve => setTimeout(() => resolve(answer), 1_000))
      },
    },
    clock: { now: () => Date.now(), unixSeconds: () => Date.now() / 1_000 },
    log: recorded.log,
  })
})

afterEach(() => {
  queue.close()
  vi.useRealTimers()
})

const put = (status: Status, sessionId: string) =>
  queue.put({ record: { status, sessionId }, attributes: [] })

test('a record that no server takes is tried again with its age until one does', async () => {
  answer = SILENT
  put('stop', 'a')
  await vi.advanceTimersByTimeAsync(86_400_000)
  expect(queue.size).toBe(1)
  answer = TAKEN
  sent = []
  await vi.advanceTimersByTimeAsync(12_000)
  expect(sent).toHaveLength(1)
  expect(Number(sent[0]?.split(' ').at(-1))).toBeGreaterThanOrEqual(86_400)
  expect(queue.size).toBe(0)
  expect(recorded.lines.map(({ msg }) => msg)).toEqual([
    'accounting record not taken: nobody answers',
    'accounting records are taken again',
  ])
})

test('records of one session go one after the other, those of another beside them', async () => {
  for (const [status, id] of [
    ['start', 'a'],
    ['stop', 'a'],
    ['start', 'b'],
  ] as const)
    put(status, id)
  expect(sent).toEqual(['start a 0', 'start b 0'])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(sent.at(-1)).toBe('stop a 1')
})

test('no record passes that of the gateway’s beginning or end, which is tried once', async () => {
  answer = SILENT
  put('on', 'gateway')
  put('start', 'a')
  put('off', 'gateway-2')
  expect(sent).toEqual(['on gateway 0'])
  await vi.advanceTimersByTimeAsync(1_000)
  answer = TAKEN
  await vi.advanceTimersByTimeAsync(10_000)
  expect(sent).toEqual(['on gateway 0', 'start a 11'])
  await vi.advanceTimersByTimeAsync(2_000)
  expect(sent.at(-1)).toBe('off gateway-2 12')
  expect(queue.size).toBe(0)
})

test('a later record of its session replaces an interim record that waits', async () => {
  put('start', 'a')
  put('interim', 'a')
  put('interim', 'a')
  put('stop', 'a')
  await vi.advanceTimersByTimeAsync(5_000)
  expect(sent).toEqual(['start a 0', 'stop a 1'])
})

test('a record that does not fit into a packet is not tried again', async () => {
  answer = SECRETIVE
  put('start', 'a')
  await vi.advanceTimersByTimeAsync(1_000)
  expect(queue.size).toBe(0)
  expect(recorded.lines.map(({ msg }) => msg)).toEqual(['accounting record not taken: too long'])
})

test('a queue that is full drops interim records, then beginnings, and says so', async () => {
  answer = SILENT
  const many = 8_192
  for (let i = 0; i < many; i++) put('stop', `s${i}`)
  await vi.advanceTimersByTimeAsync(1_000)
  for (let i = 0; i < many - 1; i++) put('start', `b${i}`)
  put('interim', 'b0')
  for (let i = 0; i < 2; i++) put('stop', `late${i}`)
  expect(queue.size).toBe(2 * many)
  expect(recorded.lines.at(-1)?.msg).toMatch(/^more than 16384 accounting records wait/)
  answer = TAKEN
  sent = []
  await vi.advanceTimersByTimeAsync(400_000)
  expect(sent.filter(line => line.startsWith('stop'))).toHaveLength(many + 2)
  expect(sent.filter(line => line.startsWith('start'))).toHaveLength(many - 2)
  expect(sent.filter(line => line.startsWith('interim'))).toEqual([])
  expect(recorded.lines.at(-1)).toMatchObject({ msg: 'accounting records were dropped', records: 2 })
})
