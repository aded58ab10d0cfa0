import { native } from './native.ts'

const { area } = native

/** Whether so many bytes can be given to the addon at once. */
export function fitsArea(length: number): boolean {
  return length <= area.length
}

/** Writes one part. Errors: `RangeError` when it does not fit. Gives the offset behind it. */
export function place(part: Uint8Array, at: number): number {
  area.set(part, at)
  return at + part.length
}

/** Writes parts one behind the other. */
export function placeAll(parts: readonly Uint8Array[], at: number): number {
  let end = at
  for (const part of parts) end = place(part, end)
  return end
}

/** Copies a result out, and leaves zeros where it lay. */
export function take(length: number, at = 0): Uint8Array {
  const taken = area.slice(at, at + length)
  area.fill(0, at, at + length)
  return taken
}

export function lengthOf(parts: readonly Uint8Array[]): number {
  let length = 0
  for (const part of parts) length += part.length
  return length
}
