import { formatTrafficSelector } from '@causeway/wire'
import { beforeAll, expect, it } from 'vitest'
import { type Credential, createCredentials } from '../auth/credentials.suite.ts'
import { findNotify, findPayload } from '../exchange/notify.ts'
import { apple, appleByCertificate, appleRekey, MACOS_ESP, MACOS_IKE } from '../native-clients/apple.suite.ts'
import { deleteChild } from '../native-clients/child-payloads.suite.ts'
import { NativeGateway } from '../native-clients/gateway.suite.ts'
import { NativeClient, type Received } from '../native-clients/native-client.suite.ts'
import { network } from '../testing/terms.suite.ts'
import { EXCHANGE, NOTIFY } from '../wire/numbers.ts'
import type { Payload } from '../wire/payload.ts'

// A client that names the address it is going to be given by zeros, as OpenIKED does, whenever it proposes selectors.

let client: Credential
let server: Credential

beforeAll(async () => {
  const made = await createCredentials({ client: 'rsa-2048', server: 'rsa-2048' })
  client = made.client
  server = made.server
})

const dynamic = (payload: Payload): Payload =>
  payload.type === 'TSi' ? { ...payload, selectors: ['0.0.0.0/32', '::/128'].map(network) } : payload

function connect(change: (payload: Payload) => Payload[] = payload => [payload]) {
  const gateway = new NativeGateway(server)
  const peer = new NativeClient(gateway, apple(MACOS_IKE))
  const payloads = appleByCertificate(peer, client, { esp: MACOS_ESP }).map(dynamic).flatMap(change)
  return { gateway, peer, answer: peer.say(EXCHANGE.IKE_AUTH, payloads) }
}

const own = (payloads: Received) => findPayload(payloads, 'TSi')?.selectors.map(formatTrafficSelector)

it('gets its addresses, and keeps them when it rekeys, under a rekeyed IKE SA too', () => {
  const { gateway, peer, answer } = connect()
  expect(own(answer)).toEqual(['10.8.0.2/32', 'fd08::2/128'])
  for (const spi of [0x1000, 0x1001]) {
    const rekey = appleRekey(peer, [spi, spi + 1], MACOS_ESP).map(dynamic)
    expect(own(peer.say(EXCHANGE.CREATE_CHILD_SA, rekey))).toEqual(['10.8.0.2/32', 'fd08::2/128'])
    peer.say(EXCHANGE.INFORMATIONAL, [deleteChild(spi)])
    peer.rekeyIke('MODP-2048')
  }
  expect([...gateway.around.flow.sas.values()].map(({ sendSpi }) => sendSpi)).toEqual([0x1002])
  const [asked] = gateway.around.requests
  expect(asked?.type === 'authenticate' && asked.remote.map(formatTrafficSelector)).toEqual([
    '0.0.0.0/0',
    '::/0',
  ])
})

it('gets none of a family that it has not asked an address of', () => {
  const { answer } = connect(payload => {
    if (payload.type !== 'CP') return [payload]
    return [{ ...payload, attributes: payload.attributes.filter(({ type }) => type === 1) }]
  })
  expect(own(answer)).toEqual(['10.8.0.2/32'])
})

it('gets no Child SA when it asks for no address at all', () => {
  const { gateway, answer } = connect(payload => (payload.type === 'CP' ? [] : [payload]))
  expect(findNotify(answer, NOTIFY.TS_UNACCEPTABLE)).toBeDefined()
  expect(gateway.around.eventsOf('child-refused')[0]?.reason).toContain('=== 0.0.0.0/32 ::/128')
})
