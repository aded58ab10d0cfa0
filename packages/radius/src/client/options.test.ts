import { createNodeCrypto } from '@causeway/crypto-node'
import { type IpAddress, parseIpAddress } from '@causeway/wire'
import { expect, test } from 'vitest'
import { Bench, udpServer } from '../testing/bench.suite.ts'
import { readRequest } from '../testing/server.suite.ts'
import { attributeValues } from '../wire/attribute-values.ts'
import { nasAttributes } from './check-options.ts'
import { createRadiusClient } from './client.ts'
import type { NasIdentity } from './client-options.ts'

const create = (nas: NasIdentity) => () =>
  createRadiusClient({ crypto: createNodeCrypto(), servers: [], nas, unixSeconds: () => 0 })

test('a gateway without a name is refused', () => {
  const refused = expect.objectContaining({ code: 'ERR_RADIUS_OPTIONS' })
  expect(create({})).toThrow(refused)
  expect(create({ identifier: '', addresses: [] })).toThrow(refused)
  expect(create({ identifier: 'g'.repeat(254) })).toThrow(refused)
  expect(create({ identifier: 'g' })).not.toThrow()
})

test('of its addresses the first of each family is its name', () => {
  const addresses = ['2001:db8::1', '198.51.100.1', '198.51.100.2', '2001:db8::2'].map(
    text => parseIpAddress(text) as IpAddress,
  )
  expect(nasAttributes({ addresses })).toEqual([
    { name: 'NAS-IP-Address', value: addresses[1] },
    { name: 'NAS-IPv6-Address', value: addresses[0] },
  ])
})

test('at a server that sees another address, that is its name', () => {
  const [local, other] = ['203.0.113.9', '2001:db8::9'].map(text => parseIpAddress(text) as IpAddress)
  const servers = [
    udpServer('a', { local: local as IpAddress }),
    udpServer('b', { local: other as IpAddress }),
  ]
  const bench = new Bench({
    servers,
    respond: (_, server) => (server === 'a' ? undefined : new Uint8Array()),
  })
  bench.access(1)
  bench.command({ type: 'accounting', id: 2, record: { status: 'on', sessionId: '0' }, attributes: [] })
  bench.advance(8_000)
  const named = (server: string, code: number) => {
    const { attributes } = readRequest(bench.sentTo(server, code)[0]?.bytes as Uint8Array)
    return [
      ...attributeValues(attributes, 'NAS-IP-Address'),
      ...attributeValues(attributes, 'NAS-IPv6-Address'),
    ]
  }
  for (const code of [1, 4, 12]) expect(named('a', code)).toEqual([local])
  for (const code of [1, 4]) expect(named('b', code)).toEqual([parseIpAddress('198.51.100.1'), other])
})

test('another name and another patience hold from the next request on', () => {
  const bench = new Bench({ servers: [udpServer('a')], respond: () => undefined })
  bench.access(1)
  bench.command({ type: 'settings', nas: { identifier: 'renamed' }, totalMs: 5_000 })
  bench.access(2)
  bench.advance(40_000)
  expect([bench.answeredAt.get(1), bench.answeredAt.get(2)]).toEqual([30_000, 5_000])
  const names = bench.sentTo('a', 1).map(({ bytes }) => {
    return attributeValues(readRequest(bytes).attributes, 'NAS-Identifier')[0]
  })
  expect([names[0], names[1]]).toEqual(['gateway', 'renamed'])
  const nameless = (): void => bench.command({ type: 'settings', nas: {}, totalMs: 1 })
  expect(nameless).toThrow(expect.objectContaining({ code: 'ERR_RADIUS_OPTIONS' }))
})

test('a server that is asked for one thing is not asked for the other', () => {
  const { accounting: _, ...only } = udpServer('a')
  const bench = new Bench({ servers: [only, udpServer('b')] })
  bench.access(1)
  bench.command({ type: 'accounting', id: 2, record: { status: 'on', sessionId: '0' }, attributes: [] })
  bench.advance(50)
  expect(bench.answers.get(1)).toMatchObject({ server: 'a' })
  expect(bench.answers.get(2)).toMatchObject({ server: 'b' })
})

test('Status-Server carries the name of the gateway and nothing else', () => {
  const bench = new Bench({ servers: [udpServer('a')], respond: () => undefined })
  bench.access(1)
  bench.advance(3_000)
  const [status] = bench.sentTo('a', 12)
  const { attributes } = readRequest(status?.bytes as Uint8Array)
  expect(attributeValues(attributes, 'NAS-Identifier')).toEqual(['gateway'])
  expect(attributes.map(({ type }) => type)).toEqual([80, 32, 4])
})
