import { formatHex } from '@causeway/wire'
import { expect, test } from 'vitest'
import { type EspClient, GCM_CHANNEL, openEspGateway, tampered } from './datapath-esp-fixture.suite.ts'
import type { Harness } from './datapath-fixture.suite.ts'
import { eventually, HOST_4, HOST_6 } from './datapath-fixture.suite.ts'
import { type EspChannel, espPlaintext, sealEsp } from './esp-peer.suite.ts'
import type { EspCipher, EspIntegrity } from './flow.ts'
import { ipPacket, textPacket } from './inner-packet.suite.ts'
import { hexBytes, KNOWN_ESP_PACKETS, PUBLISHED_GCM_CASES } from './known-esp-packets.suite.ts'

const GCM: readonly EspCipher[] = ['AES-GCM-128', 'AES-GCM-192', 'AES-GCM-256']
const CBC: readonly EspCipher[] = ['AES-CBC-128', 'AES-CBC-192', 'AES-CBC-256']
const INTEGRITIES: readonly EspIntegrity[] = [
  'HMAC-SHA1-96',
  'HMAC-SHA256-128',
  'HMAC-SHA384-192',
  'HMAC-SHA512-256',
]
const ALGORITHMS: readonly Pick<EspChannel, 'cipher' | 'integrity'>[] = [
  ...GCM.map(cipher => ({ cipher })),
  ...CBC.flatMap(cipher => INTEGRITIES.map(integrity => ({ cipher, integrity }))),
]
const CHANNELS: readonly (readonly [string, EspChannel])[] = ALGORITHMS.flatMap(algorithms =>
  [false, true].map(extendedSequence => {
    const name = [algorithms.cipher, algorithms.integrity ?? '', extendedSequence ? 'ESN' : '']
      .join(' ')
      .trim()
    return [name, { ...GCM_CHANNEL, ...algorithms, extendedSequence }] as const
  }),
)

export function describeEspFormats(harness: Harness): void {
  test.each(CHANNELS)('%s carries IPv4 and IPv6 both ways', async (_, channel) => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp({ channel })
    const up = [client.toHost('up'), textPacket('fd00::2', HOST_6, 'up too')]
    for (const packet of up) client.send(packet)
    await gateway.expectHost(up)
    const down = [client.fromHost('down'), textPacket(HOST_6, 'fd00::2', 'down as well')]
    for (const packet of down) harness.fixture.tunWrite(packet)
    const opened = await client.receive(2)
    expect(opened.map(({ payload }) => formatHex(payload))).toEqual(down.map(formatHex))
    expect(opened.map(({ spi, sequence, nextHeader }) => ({ spi, sequence, nextHeader }))).toEqual([
      { spi: channel.sendSpi, sequence: 1, nextHeader: 4 },
      { spi: channel.sendSpi, sequence: 2, nextHeader: 41 },
    ])
  })

  test.each(CHANNELS)('%s: a changed byte anywhere is refused', async (_, channel) => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp({ channel })
    const packet = client.seal(client.toHost('untouched'), 7)
    // Sequence number, IV, ciphertext, ICV. A changed SPI is another matter.
    const places = [7, 8, 12, 30, packet.length - 20, -8, -1]
    for (const at of places) client.sendRaw(tampered(packet, at))
    client.sendRaw(packet)
    await gateway.expectHost([client.toHost('untouched')])
    expect(harness.fixture.datapath.counters(client.flow)).toMatchObject({
      authenticationFailures: places.length,
      replays: 0,
      packetsReceived: 1,
    })
  })

  test.each(KNOWN_ESP_PACKETS.map(known => [nameOf(known.channel), known] as const))(
    '%s: a packet made elsewhere is opened',
    async (_, { channel, keys, inner, packet }) => {
      const gateway = await openEspGateway(harness.fixture)
      const client = await gateway.connectEsp({ channel, sa: { receive: keys } })
      client.sendRaw(packet)
      await gateway.expectHost([inner])
    },
  )

  test.each(PUBLISHED_GCM_CASES.filter(({ sequence }) => sequence < 2 ** 32))(
    'a published packet of $cipher is authentic: key $cipherKey',
    async ({ cipher, cipherKey, salt, iv, spi, sequence, extended, sealed }) => {
      const gateway = await openEspGateway(harness.fixture)
      const receive = { cipherKey: hexBytes(cipherKey), integrityKey: hexBytes(salt) }
      const channel = { cipher, extendedSequence: extended, spi, sendSpi: 0xb0010001 }
      const client = await gateway.connectEsp({ channel, sa: { receive } })
      const header = `${spi.toString(16).padStart(8, '0')}${sequence.toString(16).padStart(8, '0')}`
      client.sendRaw(hexBytes(header + iv + sealed))
      // Its next header is 1, so that tunnel mode does not pass it on; but it came so far.
      await refusedBy(client, 1)
      expect(harness.fixture.datapath.counters(client.flow).authenticationFailures).toBe(0)
    },
  )

  test.each([
    ['AES-GCM-256', GCM_CHANNEL, 4],
    ['AES-CBC-256', { ...GCM_CHANNEL, cipher: 'AES-CBC-256', integrity: 'HMAC-SHA256-128' }, 16],
  ] as const)('%s: padding fills the block with 1, 2, 3, …', async (_, channel, block) => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp({ channel })
    for (let length = 0; length < block; length++) {
      harness.fixture.tunWrite(ipPacket(HOST_4, '10.8.0.2', new Uint8Array(length)))
      const [opened] = await client.receive(1)
      const padding = opened?.padding ?? new Uint8Array(99)
      expect(padding).toEqual(Uint8Array.from({ length: padding.length }, (_, i) => i + 1))
      expect(padding.length).toBeLessThan(block)
      expect((20 + length + padding.length + 2) % block).toBe(0)
    }
  })

  test('no two packets of an SA have the same IV', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    for (let i = 0; i < 50; i++) harness.fixture.tunWrite(client.fromHost('the same'))
    const packets = await client.receiveRaw(50)
    expect(new Set(packets.map(packet => formatHex(packet.subarray(8, 16)))).size).toBe(50)
  })

  test('padding after the inner packet that hides its length is taken off', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    const packet = client.toHost('short')
    client.send(Uint8Array.from([...packet, ...new Uint8Array(100)]))
    await gateway.expectHost([packet])
  })

  test('a dummy packet goes nowhere and is no fault', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    const plaintext = espPlaintext(client.channel, new Uint8Array(30), 59)
    client.sendRaw(sealEsp(client.channel, client.keys.receive, 1, plaintext))
    await client.expectNothingBefore(2)
    expect(harness.fixture.datapath.counters(client.flow)).toMatchObject({
      packetsReceived: 1,
      refused: 0,
      sourceViolations: 0,
    })
  })

  test('what is no IP packet of the version that it says is refused', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const client = await gateway.connectEsp()
    const packet = client.toHost('an IPv4 packet')
    const { channel } = client
    const plaintexts = [
      espPlaintext(channel, packet, 41),
      espPlaintext(channel, packet, 17),
      espPlaintext(channel, textPacket('fd00::2', HOST_6, 'an IPv6 packet'), 4),
      espPlaintext(channel, packet.subarray(0, 19)),
      espPlaintext(channel, packet.subarray(0, packet.length - 1)),
      // More padding than there are bytes.
      Uint8Array.of(1, 2, 200, 4),
      Uint8Array.of(0x45, 0, 2, 4),
    ]
    for (const [i, plaintext] of plaintexts.entries())
      client.sendRaw(sealEsp(channel, client.keys.receive, 1 + i, plaintext))
    await refusedBy(client, plaintexts.length)
    await client.expectNothingBefore(100)
  })
}

async function refusedBy(client: EspClient, count: number): Promise<void> {
  const counted = () => client.fixture.datapath.counters(client.flow).refused
  await eventually(client.fixture, `${count} refused`, () => counted() === count)
}

function nameOf({ cipher, integrity, extendedSequence }: EspChannel): string {
  return [cipher, integrity ?? '', extendedSequence ? 'ESN' : ''].join(' ').trim()
}
