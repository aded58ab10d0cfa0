import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { createMemoryDatapath, MemoryNetwork } from '@causeway/datapath'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { address } from '../testing/test-gateway.suite.ts'
import { HANDSHAKE_MILLISECONDS } from './listener-limits.ts'
import { joinStream } from './stream-connection.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

function connect() {
  const datapath = createMemoryDatapath({ workers: 1, onEvents: () => undefined }, new MemoryNetwork())
  const socket = new PassThrough()
  const remote = { address: address('198.51.100.7'), port: 50_000 }
  const connection = joinStream(socket as unknown as Socket, remote, datapath, () => undefined)
  return { connection, socket }
}

test('a connection without a session ends when the time of a handshake is over', () => {
  const { socket } = connect()
  vi.advanceTimersByTime(HANDSHAKE_MILLISECONDS - 1)
  expect(socket.destroyed).toBe(false)
  vi.advanceTimersByTime(1)
  expect(socket.destroyed).toBe(true)
})

test('a connection whose user is asked something has the time for the answer besides', () => {
  const { connection, socket } = connect()
  vi.advanceTimersByTime(1_000)
  connection.allow(600_000)
  vi.advanceTimersByTime(600_000 + HANDSHAKE_MILLISECONDS - 1)
  expect(socket.destroyed).toBe(false)
  vi.advanceTimersByTime(1)
  expect(socket.destroyed).toBe(true)
})

test('a connection that is kept stays, whatever its user was asked', () => {
  const { connection, socket } = connect()
  connection.keep()
  connection.allow(1)
  vi.advanceTimersByTime(10 * HANDSHAKE_MILLISECONDS)
  expect(socket.destroyed).toBe(false)
})
