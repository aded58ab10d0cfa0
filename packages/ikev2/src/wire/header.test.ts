import { WireFault } from '@causeway/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headers } from '../testing/payload-arbitraries.suite.ts'
import { type ReceivedHeader, readIkeHeader, writeInvalidMajorVersion, writeMessage } from './header.ts'
import { NOTIFY, PAYLOAD } from './numbers.ts'
import type { Payload } from './payload.ts'
import { readPayloads } from './payloads.ts'

const vendor: Payload = { type: 'V', data: Uint8Array.of(1, 2, 3) }

test('a header is read as it was written', () => {
  fc.assert(
    fc.property(headers, header => {
      const bytes = writeMessage(header, [vendor])
      expect(readIkeHeader(bytes)).toEqual({ ...header, nextPayload: PAYLOAD.V, majorVersion: 2 })
      expect(readPayloads(PAYLOAD.V, bytes.subarray(28))).toEqual([vendor])
    }),
  )
})

const [header] = fc.sample(headers, { numRuns: 1, seed: 3 }) as [ReceivedHeader]

test('a datagram that is not as long as it says is none', () => {
  const bytes = writeMessage(header, [vendor])
  for (let length = 0; length < bytes.length; length++) {
    expect(readIkeHeader(bytes.subarray(0, length))).toBeInstanceOf(WireFault)
  }
  expect(readIkeHeader(Uint8Array.of(...bytes, 0))).toBeInstanceOf(WireFault)
  const bare = writeMessage(header, [])
  expect(readIkeHeader(bare)).toMatchObject({ nextPayload: PAYLOAD.NONE })
})

test('the minor version and the flags that are not known are ignored', () => {
  const bytes = writeMessage(header, [vendor])
  bytes[17] = 0x2f
  bytes[19] = (bytes[19] as number) | 0xd7
  expect(readIkeHeader(bytes)).toEqual({ ...header, nextPayload: PAYLOAD.V, majorVersion: 2 })
})

test('another major version is told, and answered with ours', () => {
  const bytes = writeMessage({ ...header, fromInitiator: true, response: false }, [vendor])
  bytes[17] = 0x30
  const read = readIkeHeader(bytes) as ReceivedHeader
  expect(read.majorVersion).toBe(3)
  const answer = writeInvalidMajorVersion(read)
  const answered = readIkeHeader(answer) as ReceivedHeader
  expect(answered).toMatchObject({ response: true, fromInitiator: false, majorVersion: 2 })
  expect(answered.messageId).toBe(header.messageId)
  expect(readPayloads(answered.nextPayload, answer.subarray(28))).toMatchObject([
    { notify: NOTIFY.INVALID_MAJOR_VERSION, data: Uint8Array.of(2) },
  ])
})
