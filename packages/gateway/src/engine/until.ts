import { setTimeout as pause } from 'node:timers/promises'

const LOOK_MILLISECONDS = 10

/** Waits until a condition holds, but no longer than so many milliseconds. */
export async function until(condition: () => boolean, milliseconds: number): Promise<void> {
  const looks = Math.ceil(milliseconds / LOOK_MILLISECONDS)
  for (let look = 0; look < looks && !condition(); look++) await pause(LOOK_MILLISECONDS)
}
