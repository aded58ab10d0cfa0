import { formatTrafficSelector, utf8Text } from '@causeway/wire'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Credential, createCredentials } from '../auth/credentials.suite.ts'
import { findNotify, findPayload, notify } from '../exchange/notify.ts'
import type { PeerTerms } from '../peer-terms.ts'
import { formatSuite } from '../proposal/proposal-text.ts'
import { pathFrom } from '../testing/stranger.suite.ts'
import { CONFIGURATION, EXCHANGE, NOTIFY } from '../wire/numbers.ts'
import {
  acceptRekey,
  apple,
  appleByCertificate,
  appleRekey,
  IOS_ESP,
  IOS_ESP_REKEYED,
  IOS_IKE,
  MACOS_14_ESP,
  MACOS_14_ESP_REKEYED,
  MACOS_14_IKE,
  MACOS_ESP,
  MACOS_IKE,
} from './apple.suite.ts'
import { DELETE_IKE, deleteChild } from './child-payloads.suite.ts'
import { INSIDE, LEASE, NativeGateway } from './gateway.suite.ts'
import { assertOffered, NativeClient, type Received } from './native-client.suite.ts'
import { espTransforms, ikeTransforms } from './transforms.suite.ts'

let phone: Credential
let server: Credential

beforeAll(async () => {
  const made = await createCredentials({ phone: 'rsa-2048', server: 'rsa-2048' })
  phone = made.phone
  server = made.server
})

interface Connected {
  readonly gateway: NativeGateway
  readonly client: NativeClient
  readonly last: Received
}

const IOS = { ike: IOS_IKE, esp: IOS_ESP } as const
const MACOS = { ike: MACOS_IKE, esp: MACOS_ESP } as const

function connected(
  { ike, esp }: typeof IOS | typeof MACOS = IOS,
  gateway: NativeGateway = new NativeGateway(server),
): Connected {
  const client = new NativeClient(gateway, apple(ike))
  const last = client.say(EXCHANGE.IKE_AUTH, appleByCertificate(client, phone, { esp }))
  return { gateway, client, last }
}

const WITH_GROUP: PeerTerms['espSuites'] = [
  { encryption: 'AES-CBC-256', integrity: 'HMAC-SHA256-128', group: 'MODP-2048' },
]

const selectorsOf = (payloads: Received, type: 'TSi' | 'TSr') =>
  findPayload(payloads, type)?.selectors.map(formatTrafficSelector)
const sendSpis = ({ around }: NativeGateway) => [...around.flow.sas.values()].map(({ sendSpi }) => sendSpi)

describe.each([
  ['iOS', IOS],
  ['macOS', MACOS],
])('%s', (_name, system) => {
  it('gets AES-256 with SHA-256 and group 14 in one round', () => {
    const { client, last } = connected(system)
    expect(formatSuite(client.suite)).toBe('AES-CBC-256/HMAC-SHA256-128/HMAC-SHA256/MODP-2048')
    expect(client.initialRequests).toBe(1)
    expect(assertOffered(system.esp, last).transforms).toEqual(espTransforms('aes256', 'sha256'))
  })

  it('asks for no certificate and gets the whole chain', () => {
    const { client, last } = connected(system)
    expect(client.trusts(last)).toBe(true)
    const certificates = last.flatMap(payload => (payload.type === 'CERT' ? [payload.data] : []))
    expect(certificates).toEqual(server.chain)
  })

  it('gets what it asked for: both families, split DNS, all of IPv6, and no netmask', () => {
    const { last } = connected(system)
    const attributes = findPayload(last, 'CP')?.attributes ?? []
    expect(attributes.map(({ type }) => type)).toEqual([
      CONFIGURATION.INTERNAL_IP4_ADDRESS,
      CONFIGURATION.INTERNAL_IP6_ADDRESS,
      CONFIGURATION.INTERNAL_IP4_DNS,
      CONFIGURATION.INTERNAL_IP4_SUBNET,
      CONFIGURATION.INTERNAL_DNS_DOMAIN,
    ])
    expect(utf8Text(attributes[4]?.value ?? new Uint8Array())).toBe('corp.example')
    expect(selectorsOf(last, 'TSi')).toEqual([...LEASE])
    expect(selectorsOf(last, 'TSr')).toEqual([...INSIDE])
  })

  it('rekeys the IKE SA, and its Child SA goes over', () => {
    const { gateway, client } = connected(system)
    const before = sendSpis(gateway)
    client.rekeyIke('MODP-2048')
    expect(client.say(EXCHANGE.INFORMATIONAL, [])).toEqual([])
    expect(gateway.around.eventsOf('ike-rekeyed')).toMatchObject([{ byPeer: true }])
    expect([sendSpis(gateway), gateway.engine.ikeSaCount]).toEqual([before, 1])
  })

  it('takes a rekeying by the gateway, which has no group', () => {
    const { gateway, client } = connected(system)
    const session = gateway.around.flow.session
    client.receive(gateway.command({ type: 'rekey-child', session, child: gateway.child }))
    client.respond(acceptRekey(client, 0x2000))
    // The gateway deletes what it has replaced.
    expect(client.requests.map(({ payloads }) => payloads[0]?.type)).toEqual(['D'])
    client.respond([deleteChild(0x1000)])
    expect(sendSpis(gateway)).toEqual([0x2000])
  })
})

describe('macOS 14', () => {
  const look = apple(MACOS_14_IKE, 'ECP-256')

  function connect(): Connected {
    const gateway = new NativeGateway(server)
    const client = new NativeClient(gateway, look)
    const last = client.say(EXCHANGE.IKE_AUTH, appleByCertificate(client, phone, { esp: MACOS_14_ESP }))
    return { gateway, client, last }
  }

  it('gets AES-GCM with the group that stands first in our policy, for one more round', () => {
    const { client, last } = connect()
    expect(formatSuite(client.suite)).toBe('AES-GCM-16-256/HMAC-SHA256/MODP-2048')
    expect(client.initialRequests).toBe(2)
    expect(assertOffered(MACOS_14_ESP, last)).toMatchObject({
      number: 1,
      transforms: espTransforms('aes256gcm16'),
    })
  })

  it('rekeys its Child SA with the group of its KE payload, and the IKE SA, again and again', () => {
    const { gateway, client } = connect()
    for (const spi of [0x1000, 0x1001, 0x1002]) {
      const payloads = appleRekey(client, [spi, spi + 1], MACOS_14_ESP_REKEYED, 'ECP-256')
      const answer = client.say(EXCHANGE.CREATE_CHILD_SA, payloads)
      expect(assertOffered(MACOS_14_ESP_REKEYED, answer).transforms).toEqual(
        espTransforms('aes256gcm16', 'ecp256'),
      )
      client.say(EXCHANGE.INFORMATIONAL, [deleteChild(spi)])
      client.rekeyIke('MODP-2048')
    }
    expect([sendSpis(gateway), gateway.engine.ikeSaCount]).toEqual([[0x1003], 1])
  })
})

describe('rekeying of a Child SA by Apple', () => {
  it('by iOS has its group, which it gets', () => {
    const { gateway, client } = connected(IOS)
    const payloads = appleRekey(client, [0x1000, 0x2000], IOS_ESP_REKEYED, 'MODP-2048')
    const answer = client.say(EXCHANGE.CREATE_CHILD_SA, payloads)
    expect(assertOffered(IOS_ESP_REKEYED, answer).transforms).toEqual(
      espTransforms('aes256', 'sha256', 'modp2048'),
    )
    expect(findPayload(answer, 'KE')?.group).toBe(14)
    client.say(EXCHANGE.INFORMATIONAL, [deleteChild(0x1000)])
    expect(sendSpis(gateway)).toEqual([0x2000])
  })

  it.each([
    ['iOS, with NONE among its groups', IOS, IOS_ESP_REKEYED, {}],
    ['macOS', MACOS, MACOS_ESP, {}],
    ['macOS, where all rows of the policy have a group', MACOS, MACOS_ESP, { espSuites: WITH_GROUP }],
  ] as const)('by %s without a KE payload goes without', (_name, system, esp, terms) => {
    const { gateway, client } = connected(system, new NativeGateway(server, terms))
    const answer = client.say(EXCHANGE.CREATE_CHILD_SA, appleRekey(client, [0x1000, 0x2000], esp))
    expect(assertOffered(esp, answer).transforms.map(({ id }) => id)).not.toContain(14)
    expect(findPayload(answer, 'KE')).toBeUndefined()
    expect(selectorsOf(answer, 'TSr')).toEqual([...INSIDE])
    client.say(EXCHANGE.INFORMATIONAL, [deleteChild(0x1000)])
    expect(sendSpis(gateway)).toEqual([0x2000])
  })
})

describe('a profile of Apple', () => {
  it.each([
    ['vpn.example', 'vpn.example'],
    ['gateway.example', 'gateway.example'],
    ['elsewhere.example', 'gateway.example'],
  ])('that names %s hears %s', (remote, expected) => {
    const client = new NativeClient(new NativeGateway(server), apple(IOS_IKE))
    const last = client.say(EXCHANGE.IKE_AUTH, appleByCertificate(client, phone, { remote }))
    expect(utf8Text(findPayload(last, 'IDr')?.identification.data ?? new Uint8Array())).toBe(expected)
    expect(client.trusts(last)).toBe(true)
  })

  it('with group 5 alone is refused: the policy has none', () => {
    const ike = [ikeTransforms('aes256', 'sha256', 'modp1536')]
    const guess = { type: 'KE', group: 5, data: new Uint8Array(192).fill(2) } as const
    const refuse = () => new NativeClient(new NativeGateway(server), { ...apple(ike), guess })
    expect(refuse).toThrow(`notification ${NOTIFY.NO_PROPOSAL_CHOSEN}`)
  })
})

describe('a phone on the move', () => {
  it('deletes its IKE SA and connects anew: the gateway keeps nothing of the old one', () => {
    const { gateway, client } = connected()
    expect(client.say(EXCHANGE.INFORMATIONAL, [DELETE_IKE])).toEqual([])
    expect(gateway.around.eventsOf('closed')).toMatchObject([{ byPeer: true }])
    expect([gateway.around.flows.size, gateway.engine.sessionCount, gateway.engine.espSpiCount]).toEqual([
      0, 0, 0,
    ])
    const again = new NativeClient(gateway, apple(IOS_IKE), '198.51.100.77')
    const last = again.say(EXCHANGE.IKE_AUTH, appleByCertificate(again, phone))
    expect(again.trusts(last)).toBe(true)
    expect(gateway.around.eventsOf('established')).toMatchObject([
      { initialContact: true },
      { initialContact: true },
    ])
    expect([gateway.engine.sessionCount, gateway.around.flow.sas.size]).toEqual([1, 1])
  })

  it('tells its new address by MOBIKE, and is asked whether it can be reached there', () => {
    const { gateway, client } = connected()
    const away = pathFrom('198.51.100.77', 61_004)
    const [update] = client.seal(EXCHANGE.INFORMATIONAL, [notify(NOTIFY.UPDATE_SA_ADDRESSES)])
    client.receive(gateway.hear(update as Uint8Array, away))
    expect(gateway.around.eventsOf('moved')).toMatchObject([{ path: away }])
    const cookie = findNotify(client.requests[0]?.payloads ?? [], NOTIFY.COOKIE2)
    expect(cookie?.data.length).toBeGreaterThanOrEqual(8)
    client.respond(cookie ? [cookie] : [])
    expect(gateway.around.eventsOf('closed')).toEqual([])
    expect(gateway.around.flow.way.path).toEqual(away)
  })
})
