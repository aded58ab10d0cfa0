import { vi } from 'vitest'
import type { Clock } from '../engine/clock.ts'

/** A clock that goes by the timers of the test, where they are fake. */
export const testClock: Clock = { now: () => Date.now(), unixSeconds: () => Date.now() / 1000 }

const STEP_MILLISECONDS = 50

/** Timers go by the test alone until {@link realTime}. */
export function virtualTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
}

export function realTime(): void {
  vi.useRealTimers()
}

/** Lets time pass. */
export async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
}

/** Lets time pass until a condition holds; says how long that took. Errors: `Error` when it does not come to that. */
export async function passUntil(condition: () => boolean, milliseconds: number): Promise<number> {
  for (let passed = 0; passed <= milliseconds; passed += STEP_MILLISECONDS) {
    if (condition()) return passed
    await pass(STEP_MILLISECONDS)
  }
  throw new Error(`did not happen within ${milliseconds} ms: ${condition}`)
}
