import { expect, it } from 'vitest'
import { nextSignal } from './next-signal.ts'

it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'takes one %s, and leaves the next to the system',
  async name => {
    const before = process.listenerCount(name)
    const signal = nextSignal()
    process.emit(name, name)
    expect(await signal).toBe(name)
    expect(process.listenerCount(name)).toBe(before)
  },
)
