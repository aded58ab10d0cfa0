import { type Engine, type Instant, Outbox } from '@causeway/engine'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EngineLoop } from './engine-loop.ts'

/** Answers each command `n` with the outputs `n`, `n.1`. */
class EchoEngine implements Engine<string, string, string> {
  readonly outbox = new Outbox<string>()
  deadline: Instant | undefined
  timeouts = 0
  handleDatagram(): void {}
  handleCommand(command: string): void {
    this.outbox.put(command)
    this.outbox.put(`${command}.1`)
  }
  handleTimeout(): void {
    this.timeouts++
    this.deadline = undefined
  }
  poll(): string | undefined {
    return this.outbox.take()
  }
  nextTimeout(): Instant | undefined {
    return this.deadline
  }
}

let engine: EchoEngine
let done: string[]

beforeEach(() => {
  vi.useFakeTimers()
  engine = new EchoEngine()
  done = []
})

afterEach(() => {
  vi.useRealTimers()
})

function loop(interpret: (output: string) => void): EngineLoop<string, string, string> {
  const defect = (error: unknown, output: string | undefined) =>
    done.push(`${output}: ${(error as Error).message}`)
  return new EngineLoop(engine, {
    now: () => Date.now(),
    interpret,
    drained: () => done.push('drained'),
    defect,
  })
}

test('an output that causes an input keeps its place in the one queue', () => {
  const echo = loop(output => {
    done.push(output)
    if (output === 'a') echo.handleCommand('b')
  })
  echo.handleCommand('a')
  expect(done).toEqual(['a', 'a.1', 'b', 'b.1', 'drained'])
})

test('an output that fails is told, and the rest is carried out', () => {
  const failing = loop(output => {
    if (output === 'a') throw new Error('no such flow')
    done.push(output)
  })
  failing.handleCommand('a')
  expect(done).toEqual(['a: no such flow', 'a.1', 'drained'])
})

test('an engine that throws is told, and what it had said before is carried out', () => {
  const echo = loop(output => done.push(output))
  engine.handleDatagram = () => {
    engine.outbox.put('before')
    throw new Error('a defect')
  }
  echo.handleDatagram('path', new Uint8Array())
  expect(done).toEqual(['undefined: a defect', 'before', 'drained'])
})

test('one timer goes off at the earliest deadline, and none after close', () => {
  const timed = loop(() => undefined)
  engine.deadline = Date.now() + 500
  timed.handleCommand('a')
  engine.deadline = Date.now() + 100
  timed.handleCommand('b')
  vi.advanceTimersByTime(99)
  expect(engine.timeouts).toBe(0)
  vi.advanceTimersByTime(2)
  expect(engine.timeouts).toBe(1)
  engine.deadline = Date.now() + 100
  timed.handleCommand('c')
  timed.close()
  vi.advanceTimersByTime(1000)
  expect(engine.timeouts).toBe(1)
})
