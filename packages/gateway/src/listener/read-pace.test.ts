import { Socket } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ReadPace } from './read-pace.ts'

let socket: Socket
let pace: ReadPace
let now: number

beforeEach(() => {
  vi.useFakeTimers()
  now = 0
  socket = new Socket()
  socket.resume()
  pace = new ReadPace(socket, () => now)
})

afterEach(() => {
  pace.stop()
  vi.useRealTimers()
})

test('a stream that is not in full flow is never paused', () => {
  for (let i = 0; i < 20; i++) {
    now += 1
    pace.handleChunk(1400)
  }
  expect(socket.isPaused()).toBe(false)
})

test('in full flow it is read once a millisecond, until little comes', () => {
  for (let i = 0; i < 4; i++) pace.handleChunk(1400)
  expect(socket.isPaused()).toBe(true)
  vi.advanceTimersByTime(1)
  expect(socket.isPaused()).toBe(false)
  pace.handleChunk(30_000)
  expect(socket.isPaused()).toBe(true)
  vi.advanceTimersByTime(1)
  pace.handleChunk(1400)
  expect(socket.isPaused()).toBe(false)
})

test('a full chunk has more behind it: it is read on', () => {
  for (let i = 0; i < 20; i++) pace.handleChunk(64 * 1024)
  expect(socket.isPaused()).toBe(false)
})

test('a stream that stays with its pace after a stop is paused and read again', async () => {
  // Node's own timers: one that was cleared cannot be refreshed, which fake ones can.
  vi.useRealTimers()
  for (let i = 0; i < 4; i++) pace.handleChunk(1400)
  pace.stop()
  socket.resume()
  pace.handleChunk(30_000)
  expect(socket.isPaused()).toBe(true)
  await vi.waitFor(() => expect(socket.isPaused()).toBe(false))
})
