import type { AccessAccept } from '@causeway/radius'
import { describe, expect, test } from 'vitest'
import { readAccept } from '../../../radius/src/client/access-answer.ts'
import { crypto, SECRET } from '../../../radius/src/testing/server.suite.ts'
import type { NamedAttribute } from '../../../radius/src/wire/attribute-names.ts'
import { encodeAttribute } from '../../../radius/src/wire/attribute-values.ts'
import { address, prefix } from '../testing/test-gateway.suite.ts'
import { membershipsOf, termsOf, unservedOf } from './radius-terms.ts'

/** An accept as it is read from a packet. */
function accept(...attributes: NamedAttribute[]): AccessAccept {
  const terms = { crypto, server: 'nps', secret: SECRET, authenticator: new Uint8Array(16) }
  return readAccept(terms, attributes.flatMap(encodeAttribute))
}

const termsWith = (...attributes: NamedAttribute[]) => termsOf(accept(...attributes), 'alice', 1_000)

const framed = (value: string): NamedAttribute => ({ name: 'Framed-IP-Address', value: address(value) })
const framedPrefix = (value: string): NamedAttribute => ({ name: 'Framed-IPv6-Prefix', value: prefix(value) })

describe('the terms of a session', () => {
  test('of an accept that says nothing are those of everybody', () => {
    expect(termsWith()).toEqual({ accounting: { userName: 'alice', classes: [] } })
  })

  test('are the times, addresses and group that the server names', () => {
    const told = termsWith(
      framed('10.8.0.77'),
      { name: 'Framed-IPv6-Address', value: address('fd00:8::77') },
      { name: 'Session-Timeout', value: 60 },
      { name: 'Idle-Timeout', value: 30 },
      { name: 'Acct-Interim-Interval', value: 10 },
      { name: 'Filter-Id', value: 'staff' },
      { name: 'User-Name', value: 'alice@corp.test' },
    )
    expect(told).toEqual({
      endsAt: 1_060,
      idleSeconds: 30,
      ipv4: address('10.8.0.77'),
      ipv6: address('fd00:8::77'),
      groupName: 'staff',
      accounting: { userName: 'alice@corp.test', classes: [], interimSeconds: 60 },
    })
  })

  test.each(['255.255.255.255', '255.255.255.254'])('have no address where %s leaves it to us', value => {
    expect(termsWith(framed(value))).not.toHaveProperty('ipv4')
  })

  test('have an IPv6 address of a prefix that is one, and of no other', () => {
    expect(termsWith(framedPrefix('fd00:8::77/128')).ipv6).toEqual(address('fd00:8::77'))
    expect(termsWith(framedPrefix('fd00:8:1::/64'))).not.toHaveProperty('ipv6')
  })
})

test('each MS-Azure-Policy-ID is a membership, in lower-case hexadecimal', () => {
  const octets = [Uint8Array.of(0x6a, 0xd1, 0xbd, 0x08), Uint8Array.of(0x6a, 0xd1, 0xbd, 0xff)]
  const ids = octets.map((value): NamedAttribute => ({ name: 'MS-Azure-Policy-ID', value }))
  expect(membershipsOf(accept(...ids))).toEqual([
    { type: 'RadiusAzureGroupId', value: '6ad1bd08' },
    { type: 'RadiusAzureGroupId', value: '6ad1bdff' },
  ])
})

test.each<[string, readonly NamedAttribute[]]>([
  ['Framed-Route', [{ name: 'Framed-Route', value: '10.9.0.0/16 0.0.0.0 1' }]],
  ['Framed-Route', [{ name: 'Framed-IPv6-Route', value: 'fd00:9::/64 :: 1' }]],
  ['Framed-IPv6-Prefix', [framedPrefix('fd00:8:1::/64')]],
  ['Framed-Pool', [{ name: 'Framed-Pool', value: 'main' }]],
  ['DNS', [{ name: 'MS-Primary-DNS-Server', value: address('10.1.0.4') }]],
  [
    'Filter-Id',
    [
      { name: 'Filter-Id', value: 'a' },
      { name: 'Filter-Id', value: 'b' },
    ],
  ],
])('%s is named among what is not done', (words, attributes) => {
  expect(unservedOf(accept(...attributes))).toEqual([expect.stringContaining(words)])
})

test('what is done is not named', () => {
  const done = accept(framed('10.8.0.77'), framedPrefix('fd00:8::77/128'), { name: 'Filter-Id', value: 'a' })
  expect(unservedOf(done)).toEqual([])
})
