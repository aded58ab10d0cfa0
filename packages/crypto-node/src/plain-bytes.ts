/** A `Uint8Array` and no `Buffer`, whose `slice` would share its bytes. */
export function plainBytes(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer)
}

/** The same number with zeros before it, `length` bytes long. */
export function leftPadded(bytes: Uint8Array, length: number): Uint8Array {
  const padded = new Uint8Array(length)
  padded.set(bytes, length - bytes.length)
  return padded
}
