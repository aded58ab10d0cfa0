import { createNodeCrypto } from '@causeway/crypto-node'
import { type IpAddress, parseIpAddress } from '@causeway/wire'
import { beforeAll, expect, test } from 'vitest'
import { gatewayCredentials, root } from '../testing/credentials.suite.ts'
import { eapTlsContext } from '../tls/control-context.ts'
import type { EapAccess } from './eap-access.ts'
import { EapTable } from './eap-table.ts'

let table: EapTable<string>
let sent: string[]
let failed: string[]

beforeAll(async () => {
  const { certificateChain, privateKey } = await gatewayCredentials(await root())
  const context = eapTlsContext({ certificateChain, privateKey })
  const access: EapAccess = {
    crypto: createNodeCrypto(),
    methods: () => ['tls'],
    tlsContext: () => context,
    relay: () => undefined,
  }
  table = new EapTable(access, 3)
  sent = []
  failed = []
})

function start(session: string, source = '198.51.100.1'): void {
  table.start(session, {
    place: { tunnel: 'IkeV2', remote: { address: parseIpAddress(source) as IpAddress, port: 1 } },
    claimed: () => undefined,
    judge: () => ({ type: 'deny', reason: '', userReason: '', temporary: false }),
    send: () => sent.push(session),
    denied: () => undefined,
    succeeded: () => undefined,
    failed: reason => failed.push(`${session}: ${reason}`),
    defect: error => {
      throw error
    },
  })
}

test('of too many conversations the oldest gives way, and the others go on', () => {
  for (const session of ['a', 'b', 'c', 'd']) start(session)
  expect(sent).toEqual(['a', 'b', 'c', 'd'])
  expect(failed).toEqual(['a: too many EAP conversations are open, and this one was the oldest'])
  expect(table.size).toBe(3)
})

test('one that is closed makes room, and says nothing', () => {
  table.close('b')
  start('e')
  expect(failed).toHaveLength(1)
  table.closeAll()
  expect(table.size).toBe(0)
})

test('the network that has most of them gives way, however old the others are', () => {
  failed.length = 0
  start('honest', '198.51.100.1')
  for (const session of ['f', 'g', 'h', 'i']) start(session, `192.0.2.${session.charCodeAt(0)}`)
  expect(failed.map(line => line.slice(0, 2))).toEqual(['f:', 'g:'])
  table.closeAll()
})
