import { type IpAddress, parseIpAddress } from '@causeway/wire'
import { expect, test } from 'vitest'
import { SourceCount, TokenBucket } from './source-count.ts'

const address = (text: string) => parseIpAddress(text) as IpAddress

test('addresses of one /24 or /64 count together', () => {
  const count = new SourceCount()
  for (const text of ['192.0.2.1', '192.0.2.200', '192.0.3.1', '2001:db8::1', '2001:db8::ffff'])
    count.add(address(text))
  expect(count.total).toBe(5)
  expect(count.from(address('192.0.2.77'))).toBe(2)
  expect(count.from(address('2001:db8::2'))).toBe(2)
  expect(count.from(address('2001:db8:0:1::2'))).toBe(0)
  count.remove(address('192.0.2.1'))
  expect([count.total, count.from(address('192.0.2.1'))]).toEqual([4, 1])
})

test('a bucket gives a burst, and then its rate', () => {
  const bucket = new TokenBucket(2)
  expect([0, 0, 0].map(now => bucket.take(now))).toEqual([true, true, false])
  expect([499, 500, 501].map(now => bucket.take(now))).toEqual([false, true, false])
  expect([60_000, 60_000, 60_000].map(now => bucket.take(now))).toEqual([true, true, false])
})
