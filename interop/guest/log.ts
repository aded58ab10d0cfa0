import type { Guest } from './guest.ts'

/** A line that is waited for in a file of the guest. */
export interface LoggedLine {
  readonly path: string
  /** As `grep` has it. */
  readonly pattern: string
  readonly timeoutMs: number
  /** How many of them; one by default. */
  readonly count?: number
}

/** Waits until a file of the guest has a line like this. Errors: none in time; the message ends with the file. */
export async function guestLogged(
  guest: Guest,
  { path, pattern, timeoutMs, count = 1 }: LoggedLine,
): Promise<void> {
  const seconds = Math.ceil(timeoutMs / 1000)
  const has = `[ $(grep -c '${pattern}' ${path}) -ge ${count} ]`
  const done = await guest.run(
    `timeout ${seconds} sh -c "until ${has.replaceAll('$', '\\$')}; do busybox usleep 50000; done"`,
    timeoutMs + 5_000,
  )
  if (done.code === 0) return
  throw new Error(`guest: no ${pattern} after ${seconds} s\n${await guest.runOk(`tail -n 80 ${path}`)}`)
}
