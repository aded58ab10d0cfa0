import { formatTrafficSelector, parseHex } from '@causeway/wire'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Credential, createCredentials } from '../auth/credentials.suite.ts'
import { findNotify, findPayload } from '../exchange/notify.ts'
import type { PeerTerms } from '../peer-terms.ts'
import { formatSuite } from '../proposal/proposal-text.ts'
import { CONFIGURATION, EXCHANGE, NOTIFY } from '../wire/numbers.ts'
import { deleteChild } from './child-payloads.suite.ts'
import { INSIDE, LEASE, NativeGateway } from './gateway.suite.ts'
import { assertOffered, type FirstMessage, NativeClient, type Received } from './native-client.suite.ts'
import { espTransforms } from './transforms.suite.ts'
import {
  microsoftStatus,
  WINDOWS_10_IKE,
  WINDOWS_11_IKE,
  WINDOWS_DH2048_IKE,
  WINDOWS_ESP,
  WINDOWS_IDI,
  WINDOWS_PROFILE_IKE,
  windows,
  windowsByCertificate,
  windowsByEap,
  windowsRekey,
} from './windows.suite.ts'

let machine: Credential
let server: Credential

beforeAll(async () => {
  const made = await createCredentials({ machine: 'rsa-2048', server: 'rsa-2048' })
  machine = made.machine
  server = made.server
})

interface Opened {
  readonly gateway: NativeGateway
  readonly client: NativeClient
}

function open(look: FirstMessage = windows(), terms: Partial<PeerTerms> = {}): Opened {
  const gateway = new NativeGateway(server, terms)
  return { gateway, client: new NativeClient(gateway, look) }
}

/** With its first Child SA, by machine certificate. */
function connected(terms: Partial<PeerTerms> = {}): Opened & { readonly last: Received } {
  const opened = open(windows(), terms)
  const last = opened.client.say(EXCHANGE.IKE_AUTH, windowsByCertificate(opened.client, machine))
  return { ...opened, last }
}

const WITH_GROUP: PeerTerms['espSuites'] = [
  { encryption: 'AES-CBC-256', integrity: 'HMAC-SHA1-96', group: 'ECP-384' },
]

const selectorsOf = (payloads: Received, type: 'TSi' | 'TSr') =>
  findPayload(payloads, type)?.selectors.map(formatTrafficSelector)

describe('IKE_SA_INIT of Windows', () => {
  it.each([
    ['Windows 10', windows(WINDOWS_10_IKE), 'AES-CBC-256/HMAC-SHA256-128/HMAC-SHA256/MODP-1024'],
    ['Windows 11', windows(WINDOWS_11_IKE), 'AES-CBC-256/HMAC-SHA256-128/HMAC-SHA256/MODP-1024'],
    [
      'NegotiateDH2048_AES256',
      windows(WINDOWS_DH2048_IKE, 'MODP-2048'),
      'AES-CBC-256/HMAC-SHA256-128/HMAC-SHA256/MODP-2048',
    ],
    [
      'the script of our profile',
      windows(WINDOWS_PROFILE_IKE, 'ECP-384'),
      'AES-GCM-16-256/HMAC-SHA384/ECP-384',
    ],
  ])('%s: our policy chooses, whatever stands first', (_name, look, chosen) => {
    for (const ike of [look.ike, look.ike.toReversed()]) {
      const { client } = open({ ...look, ike })
      expect(formatSuite(client.suite)).toBe(chosen)
      expect(client.initialRequests).toBe(1)
    }
  })

  it('asks for group 2 where both hold more: its KE payload is redone once', () => {
    const { client } = open(windows([...WINDOWS_DH2048_IKE, ...WINDOWS_10_IKE]))
    expect(client.initialRequests).toBe(2)
    expect(client.suite.group).toBe('MODP-2048')
  })

  it('is refused where the policy has nothing of it, with both sides in the log', () => {
    const strong = { encryption: 'AES-GCM-16-256', prf: 'HMAC-SHA384', group: 'ECP-384' } as const
    const gateway = new NativeGateway(server, { ikeSuites: [strong] })
    expect(() => new NativeClient(gateway, windows())).toThrow(`notification ${NOTIFY.NO_PROPOSAL_CHOSEN}`)
    const [refused] = gateway.around.eventsOf('refused')
    expect(refused?.reason).toContain('IKE: 3DES/HMAC-SHA1-96/HMAC-SHA1/MODP-1024, AES-CBC-256')
    expect(refused?.reason).toContain('the policy holds IKE: AES-GCM-16-256/HMAC-SHA384/ECP-384')
  })

  it('is answered without notifications that Windows did not ask for', () => {
    const numbers = open().client.greeting.flatMap(payload => (payload.type === 'N' ? [payload.notify] : []))
    expect(numbers).toContain(NOTIFY.IKEV2_FRAGMENTATION_SUPPORTED)
    expect(numbers).not.toContain(NOTIFY.SIGNATURE_HASH_ALGORITHMS)
  })
})

describe('IKE_AUTH of Windows', () => {
  it('by machine certificate, with its address as IDi and no IDr', () => {
    const { gateway, client, last } = connected()
    expect(client.trusts(last)).toBe(true)
    expect(gateway.around.eventsOf('established')).toMatchObject([
      { method: 'certificate', software: 'Windows', identification: WINDOWS_IDI, mobike: true },
    ])
    const asked = gateway.around.requests.find(({ type }) => type === 'authenticate')
    expect(asked).toMatchObject({
      peerChain: [machine.chain[0]],
      configuration: { ipv4: true, ipv6: true, dns: true, dnsDomains: false, microsoft: true },
      initialContact: false,
      client: { software: 'Windows', vendorIds: { length: 4 } },
    })
  })

  it('by EAP, which begins without AUTH: the gateway signs at once, and proves the key in the end', () => {
    const { gateway, client } = open()
    const [first, second, third, last] = windowsByEap(client) as [Received, Received, Received, Received]
    expect(client.trusts(first)).toBe(true)
    expect(first.filter(({ type }) => type === 'CERT')).toHaveLength(2)
    const packets = [first, second, third].map(payloads => findPayload(payloads, 'EAP')?.packet)
    // Identity, EAP-TLS start, success.
    expect(packets.map(packet => [packet?.[0], packet?.[4]])).toEqual([
      [1, 1],
      [1, 13],
      [3, undefined],
    ])
    expect(last.map(({ type }) => type)).toEqual(expect.arrayContaining(['AUTH', 'CP', 'SA', 'TSi', 'TSr']))
    expect(gateway.around.eventsOf('established')).toMatchObject([{ method: 'eap', software: 'Windows' }])
    expect(gateway.around.flow.sas.size).toBe(1)
  })

  it('gets AES-CBC-256 with SHA-1 for ESP in any order, and never DES, 3DES or NULL', () => {
    for (const esp of [WINDOWS_ESP, WINDOWS_ESP.toReversed()]) {
      const { gateway, client } = open()
      const last = client.say(EXCHANGE.IKE_AUTH, windowsByCertificate(client, machine, { esp }))
      expect(assertOffered(esp, last).transforms).toEqual(espTransforms('aes256', 'sha1'))
      const [sa] = gateway.around.flow.sas.values()
      expect(sa?.suite).toEqual({
        encryption: 'AES-CBC-256',
        integrity: 'HMAC-SHA1-96',
        extendedSequence: false,
      })
    }
  })

  it('gets no Child SA where it offers nothing but weak ones, and the log says what', () => {
    const esp = (['null', 'des', '3des'] as const).map(cipher => espTransforms(cipher, 'sha1'))
    const { gateway, client } = open()
    const last = client.say(EXCHANGE.IKE_AUTH, windowsByCertificate(client, machine, { esp }))
    expect(findNotify(last, NOTIFY.NO_PROPOSAL_CHOSEN)).toBeDefined()
    expect(gateway.around.flows.size).toBe(0)
    const [refused] = gateway.around.eventsOf('child-refused')
    expect(refused?.reason).toContain('NULL/HMAC-SHA1-96/NO-ESN, DES/HMAC-SHA1-96/NO-ESN, 3DES')
  })

  it("gets its addresses, and its address spaces narrowed to them; Microsoft's attributes have no answer", () => {
    const { last } = connected()
    expect(selectorsOf(last, 'TSi')).toEqual([...LEASE])
    expect(selectorsOf(last, 'TSr')).toEqual([...INSIDE])
    const given = findPayload(last, 'CP')?.attributes.map(({ type }) => type)
    expect(given).toEqual([
      CONFIGURATION.INTERNAL_IP4_ADDRESS,
      CONFIGURATION.INTERNAL_IP6_ADDRESS,
      CONFIGURATION.INTERNAL_IP4_DNS,
      CONFIGURATION.INTERNAL_IP4_SUBNET,
    ])
  })

  it('may ask for attributes that nobody knows, and for some with values', () => {
    const { gateway, client } = open()
    const payloads = windowsByCertificate(client, machine).map(payload =>
      payload.type === 'CP'
        ? {
            ...payload,
            attributes: [
              { type: 23458, value: parseHex('0102') as Uint8Array },
              { type: 0x7fff, value: new Uint8Array(300) },
              { type: CONFIGURATION.INTERNAL_IP4_ADDRESS, value: new Uint8Array(4) },
            ],
          }
        : payload,
    )
    const last = client.say(EXCHANGE.IKE_AUTH, payloads)
    expect(selectorsOf(last, 'TSi')).toEqual(['10.8.0.2/32'])
    expect(gateway.around.eventsOf('child-established')).toHaveLength(1)
  })
})

describe('fragments of Windows', () => {
  /** Makes a message of three times as many bytes as a certificate may have: more than 64 fragments of 576 bytes. */
  const LONG_CHAIN = [12_000, 12_000, 12_000].map(length => new Uint8Array(length).fill(0x30))

  function fragments({ client }: Opened, chain: readonly Uint8Array[]): Uint8Array[] {
    return client.seal(EXCHANGE.IKE_AUTH, windowsByCertificate(client, machine, { chain }), 576)
  }

  it.each([
    ['one certificate', [], 4],
    ['a long chain', LONG_CHAIN, 65],
  ] as const)('of 576 bytes with %s, in order, backwards, and twice', (_name, chain, least) => {
    const orders = [
      (list: Uint8Array[]) => list,
      (list: Uint8Array[]) => list.toReversed(),
      (list: Uint8Array[]) => list.flatMap(one => [one, one]),
    ]
    for (const order of orders) {
      const opened = open()
      const sent = fragments(opened, chain)
      expect(sent.length).toBeGreaterThanOrEqual(least)
      expect(Math.max(...sent.map(({ length }) => length))).toBeLessThanOrEqual(576 - 28)
      const heard = order(sent).flatMap(bytes => opened.gateway.hear(bytes, opened.client.path))
      expect(opened.client.trusts(opened.client.receive(heard))).toBe(true)
      expect(opened.gateway.around.eventsOf('established')).toHaveLength(1)
    }
  })

  it('one of which is lost wait for its repetition', () => {
    const opened = open()
    const [lost, ...others] = fragments(opened, LONG_CHAIN) as [Uint8Array, ...Uint8Array[]]
    expect(others.flatMap(bytes => opened.gateway.hear(bytes, opened.client.path))).toEqual([])
    expect(opened.gateway.hear(lost, opened.client.path).length).toBeGreaterThan(0)
    expect(opened.gateway.around.eventsOf('established')).toHaveLength(1)
  })
})

describe('rekeying with Windows', () => {
  it.each([
    ['all of IPv4', ['0.0.0.0/0'], [LEASE[0]], INSIDE.slice(0, 2)],
    ['all there is', ['0.0.0.0/0', '::/0'], LEASE, INSIDE],
  ] as const)('it asks for %s and gets no more than it had', (_name, selectors, own, inside) => {
    const { gateway, client } = connected()
    const answer = client.say(EXCHANGE.CREATE_CHILD_SA, windowsRekey(client, 0x1000, 0x2000, { selectors }))
    expect(assertOffered(WINDOWS_ESP, answer).transforms).toEqual(espTransforms('aes256', 'sha1'))
    expect(selectorsOf(answer, 'TSi')).toEqual([...own])
    expect(selectorsOf(answer, 'TSr')).toEqual([...inside])
    expect(findPayload(answer, 'KE')).toBeUndefined()
    const [spi] = findPayload(client.say(EXCHANGE.INFORMATIONAL, [deleteChild(0x1000)]), 'D')?.spis ?? []
    expect(spi).toHaveLength(4)
    const [sa, ...more] = gateway.around.flow.sas.values()
    expect([sa?.sendSpi, sa?.receiveSpi, more]).toEqual([0x2000, gateway.around.flow.selected, []])
    expect(gateway.around.eventsOf('child-rekeyed')).toMatchObject([{ byPeer: true }])
  })

  it('many times in a row, as every 200 MB do, leaves one SA in one flow', () => {
    const { gateway, client } = connected()
    const flow = gateway.child
    for (let spi = 0x1000; spi < 0x1020; spi++) {
      client.say(EXCHANGE.CREATE_CHILD_SA, windowsRekey(client, spi, spi + 1))
      client.say(EXCHANGE.INFORMATIONAL, [deleteChild(spi)])
    }
    expect([gateway.child, gateway.around.flow.sas.size, gateway.engine.espSpiCount]).toEqual([flow, 1, 1])
  })

  it('of the IKE SA has all its proposals again, and the Child SA goes over', () => {
    const { gateway, client } = connected()
    client.rekeyIke('MODP-1024')
    expect(gateway.around.eventsOf('ike-rekeyed')).toMatchObject([{ byPeer: true }])
    client.say(EXCHANGE.CREATE_CHILD_SA, windowsRekey(client, 0x1000, 0x2000))
    client.say(EXCHANGE.INFORMATIONAL, [deleteChild(0x1000)])
    expect([...gateway.around.flow.sas.values()].map(({ sendSpi }) => sendSpi)).toEqual([0x2000])
    expect(gateway.engine.ikeSaCount).toBe(1)
  })

  it('with PfsGroup brings a KE payload that is answered with one', () => {
    const { client } = connected()
    const esp = [espTransforms('aes256gcm16', 'ecp384')]
    const payloads = windowsRekey(client, 0x1000, 0x2000, { group: 'ECP-384', esp })
    const answer = client.say(EXCHANGE.CREATE_CHILD_SA, payloads)
    expect(assertOffered(esp, answer).transforms).toEqual(espTransforms('aes256gcm16', 'ecp384'))
    expect(findPayload(answer, 'KE')?.group).toBe(20)
  })

  it.each<[string, Partial<PeerTerms>]>([
    ['the default policy', {}],
    ['a policy whose rows all have a group', { espSuites: WITH_GROUP }],
  ])(
    'by the gateway under %s has no group; status 13863 refuses it, and the session lives on',
    (_name, terms) => {
      const { gateway, client } = connected(terms)
      const [session] = gateway.around.flows.values()
      const command = { type: 'rekey-child', session: session?.session ?? 0, child: gateway.child } as const
      client.receive(gateway.command(command))
      const [asked] = client.requests
      expect(asked && findPayload(asked.payloads, 'KE')).toBeUndefined()
      expect(asked && findNotify(asked.payloads, NOTIFY.REKEY_SA)).toBeDefined()
      client.respond([microsoftStatus(13_863)])
      expect(gateway.around.eventsOf('notified')).toEqual([
        { type: 'notified', notify: 12_345, detail: 'error 13863' },
      ])
      expect(gateway.around.eventsOf('child-refused')).toMatchObject([{ byPeer: true }])
      expect(gateway.around.eventsOf('closed')).toEqual([])
      expect([gateway.around.flow.sas.size, gateway.engine.espSpiCount]).toEqual([1, 1])
      // Its own rekeying of the same Child SA goes through afterwards.
      client.say(EXCHANGE.CREATE_CHILD_SA, windowsRekey(client, 0x1000, 0x2000))
      client.say(EXCHANGE.INFORMATIONAL, [deleteChild(0x1000)])
      expect([...gateway.around.flow.sas.values()].map(({ sendSpi }) => sendSpi)).toEqual([0x2000])
    },
  )

  it('a status of its own accord is an event, and nothing ends', () => {
    const { gateway, client } = connected()
    expect(client.say(EXCHANGE.INFORMATIONAL, [microsoftStatus(13_816)])).toEqual([])
    expect(gateway.around.eventsOf('notified')).toMatchObject([{ notify: 12_345 }])
    expect(gateway.around.flow.sas.size).toBe(1)
  })
})
