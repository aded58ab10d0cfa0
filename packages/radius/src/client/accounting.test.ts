import { type IpAddress, parseIpAddress } from '@causeway/wire'
import { expect, test } from 'vitest'
import { Bench, UNIX_SECONDS, udpServer } from '../testing/bench.suite.ts'
import { answerTo, readRequest } from '../testing/server.suite.ts'
import { attributeValue, attributeValues } from '../wire/attribute-values.ts'
import { CODES } from '../wire/code.ts'
import type { AccountingRecord } from './client-command.ts'

const bench = (respond = true) =>
  new Bench({ servers: [udpServer('a')], ...(respond ? {} : { respond: () => undefined }) })

function record(more: Partial<AccountingRecord> = {}): AccountingRecord {
  return { status: 'start', sessionId: 'abc-1', userName: 'alice', ...more }
}

test('a session that ends is told with all that was counted', () => {
  const one = bench()
  const address = parseIpAddress('10.0.0.7') as IpAddress
  one.command({
    type: 'accounting',
    id: 1,
    record: record({
      status: 'stop',
      multiSessionId: 'user-9',
      classes: [Uint8Array.of(1), Uint8Array.of(2)],
      addresses: [address, parseIpAddress('2001:db8::7') as IpAddress],
      counters: { inputOctets: 5n * 2n ** 32n + 7n, outputOctets: 9n, inputPackets: 3n, outputPackets: 4n },
      sessionSeconds: 61.9,
      terminateCause: 'idle-timeout',
    }),
    attributes: [{ name: 'NAS-Port-Type', value: 5 }],
  })
  one.advance(50)
  expect(one.answers.get(1)).toEqual({ type: 'recorded', server: 'a' })
  const [sent] = one.sent
  const { code, attributes } = readRequest(sent?.bytes as Uint8Array)
  expect(code).toBe(CODES.ACCOUNTING_REQUEST)
  expect(attributeValues(attributes, 'Class')).toEqual([Uint8Array.of(1), Uint8Array.of(2)])
  expect(attributeValue(attributes, 'Framed-IP-Address')).toEqual(address)
  const numbers = {
    'Acct-Status-Type': 2,
    'Acct-Session-Id': 'abc-1',
    'Acct-Multi-Session-Id': 'user-9',
    'User-Name': 'alice',
    'Acct-Input-Octets': 7,
    'Acct-Input-Gigawords': 5,
    'Acct-Output-Octets': 9,
    'Acct-Output-Gigawords': 0,
    'Acct-Input-Packets': 3,
    'Acct-Output-Packets': 4,
    'Acct-Session-Time': 61,
    'Acct-Terminate-Cause': 4,
    'Acct-Delay-Time': 0,
    'Event-Timestamp': UNIX_SECONDS,
    'NAS-Identifier': 'gateway',
    'NAS-Port-Type': 5,
  } as const
  for (const [name, value] of Object.entries(numbers))
    expect([name, attributeValue(attributes, name as keyof typeof numbers)]).toEqual([name, value])
})

test('its delay grows with each transmission, and so does the identifier change (RFC 2866 §5.2)', () => {
  const one = bench(false)
  one.command({ type: 'accounting', id: 1, record: record({ ageSeconds: 100 }), attributes: [] })
  one.advance(20_000)
  const requests = one.sentTo('a', CODES.ACCOUNTING_REQUEST).map(({ bytes }) => readRequest(bytes))
  expect(requests).toHaveLength(4)
  expect(new Set(requests.map(({ identifier }) => identifier)).size).toBe(4)
  const delays = requests.map(({ attributes }) => attributeValue(attributes, 'Acct-Delay-Time') as number)
  expect(delays[0]).toBe(100)
  expect(delays.toSorted((a, b) => a - b)).toEqual(delays)
  for (const { attributes } of requests)
    expect(attributeValue(attributes, 'Event-Timestamp')).toBe(UNIX_SECONDS - 100)
})

test('an acknowledgement of an earlier transmission counts', () => {
  const one = bench(false)
  one.command({ type: 'accounting', id: 1, record: record(), attributes: [] })
  one.advance(7_000)
  const [first] = one.sentTo('a', CODES.ACCOUNTING_REQUEST)
  if (!first) throw new Error('nothing sent')
  one.receive(first.lane, answerTo(readRequest(first.bytes)))
  expect(one.answers.get(1)).toEqual({ type: 'recorded', server: 'a' })
  one.advance(60_000)
  expect(one.sentTo('a', CODES.ACCOUNTING_REQUEST)).toHaveLength(3)
  expect(one.client.sizes.requests).toBe(0)
})

test('a name that does not fit is told and not sent', () => {
  const one = bench()
  const long = record({ userName: 'x'.repeat(254) })
  one.command({ type: 'accounting', id: 1, record: long, attributes: [] })
  expect(one.answers.get(1)).toMatchObject({ reason: 'unsendable', detail: 'User-Name is too long' })
})
