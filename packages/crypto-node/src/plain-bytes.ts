/** A `Uint8Array` and no `Buffer`, whose `slice` would share its bytes. What is the buffer's alone is not copied. */
export function plainBytes(buffer: Uint8Array): Uint8Array {
  const isAlone = buffer.byteLength === buffer.buffer.byteLength
  return isAlone ? new Uint8Array(buffer.buffer) : new Uint8Array(buffer)
}

/** The same number with zeros before it, `length` bytes long. */
export function leftPadded(bytes: Uint8Array, length: number): Uint8Array {
  const padded = new Uint8Array(length)
  padded.set(bytes, length - bytes.length)
  return padded
}
