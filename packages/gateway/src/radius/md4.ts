/** RFC 1320: of each round its order of words, shifts, function and constant. */
const ROUNDS: readonly {
  readonly words: readonly number[]
  readonly shifts: readonly [number, number, number, number]
  readonly mix: (x: number, y: number, z: number) => number
  readonly constant: number
}[] = [
  {
    words: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    shifts: [3, 7, 11, 19],
    mix: (x, y, z) => (x & y) | (~x & z),
    constant: 0,
  },
  {
    words: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    shifts: [3, 5, 9, 13],
    mix: (x, y, z) => (x & y) | (x & z) | (y & z),
    constant: 0x5a82_7999,
  },
  {
    words: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
    shifts: [3, 9, 11, 15],
    mix: (x, y, z) => x ^ y ^ z,
    constant: 0x6ed9_eba1,
  },
]

const BLOCK_BYTES = 64
const LENGTH_BYTES = 8

type State = readonly [number, number, number, number]

/**
 * MD4 (RFC 1320), which OpenSSL 3 has no more: MS-CHAPv2's hash of a password. It protects nothing, and is good for
 * nothing else.
 */
export function md4(data: Uint8Array): Uint8Array {
  const padded = pad(data)
  let state: State = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
  for (let at = 0; at < padded.byteLength; at += BLOCK_BYTES)
    state = compress(state, new DataView(padded.buffer, at, BLOCK_BYTES))
  const digest = new DataView(new ArrayBuffer(16))
  for (const [i, word] of state.entries()) digest.setUint32(4 * i, word, true)
  return new Uint8Array(digest.buffer)
}

function pad(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const blocks = Math.ceil((data.length + 1 + LENGTH_BYTES) / BLOCK_BYTES)
  const padded = new Uint8Array(blocks * BLOCK_BYTES)
  padded.set(data)
  padded[data.length] = 0x80
  const bits = BigInt(data.length) * 8n
  new DataView(padded.buffer).setBigUint64(padded.length - LENGTH_BYTES, bits, true)
  return padded
}

function compress(before: State, block: DataView): State {
  let [a, b, c, d] = before
  for (const { words, shifts, mix, constant } of ROUNDS) {
    for (const [step, word] of words.entries()) {
      const sum = (a + mix(b, c, d) + block.getUint32(4 * word, true) + constant) | 0
      const shift = shifts[step % 4] as number
      const turned = (sum << shift) | (sum >>> (32 - shift))
      ;[a, b, c, d] = [d, turned, b, c]
    }
  }
  return [(before[0] + a) | 0, (before[1] + b) | 0, (before[2] + c) | 0, (before[3] + d) | 0]
}
