import { expect, test } from 'vitest'
import { judgeClientHello } from './client-hello.ts'

const record = (body: readonly number[], length = body.length) => [
  0x16,
  3,
  1,
  length >> 8,
  length & 0xff,
  ...body,
]
const hello = (length: number, body: readonly number[]) => [
  1,
  length >> 16,
  (length >> 8) & 0xff,
  length & 0xff,
  ...body,
]

test.each([
  ['nothing', [], 'incomplete'],
  ['a record header', record([], 10), 'incomplete'],
  ['a message header', record(hello(6, []), 10), 'incomplete'],
  ['all but a byte', record(hello(6, [1, 2, 3, 4, 5]), 10), 'incomplete'],
  ['a whole hello', record(hello(6, [1, 2, 3, 4, 5, 6])), 'whole'],
  ['the first record of a longer hello', record(hello(600, [1, 2, 3, 4, 5, 6])), 'whole'],
  ['a hello of 128 KB', record(hello(131_072, []), 16_000), 'unacceptable'],
  ['a record longer than TLS allows', record([], 16_385), 'unacceptable'],
  ['a record that hides the length of its message', record([1, 0, 0]), 'unacceptable'],
  ['another message', record([2, 0, 0, 6, 1, 2, 3, 4, 5, 6]), 'unacceptable'],
] as const)('%s', (_name, bytes, judgement) => {
  expect(judgeClientHello(Uint8Array.from(bytes))).toBe(judgement)
})
