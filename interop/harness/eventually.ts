import { isDeepStrictEqual } from 'node:util'

export interface EventuallyOptions {
  readonly timeoutMs?: number
  readonly intervalMs?: number
}

/**
 * Reads again and again until the value is as wanted: `expect.poll` for tests that run side by side, of which it does
 * not know which one it is in. Errors: it has another value in the end.
 */
export async function eventually<Value>(
  read: () => Promise<Value>,
  wanted: Value,
  { timeoutMs = 30_000, intervalMs = 200 }: EventuallyOptions = {},
): Promise<void> {
  const end = performance.now() + timeoutMs
  let last = await read()
  while (!isDeepStrictEqual(last, wanted)) {
    if (performance.now() > end)
      throw new Error(`${JSON.stringify(last)} after ${timeoutMs} ms, wanted is ${JSON.stringify(wanted)}`)
    await new Promise(resolve => setTimeout(resolve, intervalMs))
    last = await read()
  }
}
