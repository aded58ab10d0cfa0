import { formatHex, parseHex } from '@causeway/wire'
import { describe, expect, test } from 'vitest'
import type { Harness } from './datapath-fixture.suite.ts'
import { eventOf, eventually, HOST_6, openGateway, PLAIN_CHANNEL } from './datapath-fixture.suite.ts'
import { type Channel, openPacket } from './datapath-peer.suite.ts'
import type { CompressionFraming, DataCipher, DataDigest } from './flow.ts'
import { textPacket } from './inner-packet.suite.ts'
import { KNOWN_PACKETS } from './known-packets.suite.ts'

const AEADS = ['AES-128-GCM', 'AES-192-GCM', 'AES-256-GCM', 'CHACHA20-POLY1305'] as const
const CBCS = ['AES-128-CBC', 'AES-192-CBC', 'AES-256-CBC'] as const
const DIGESTS = ['SHA1', 'SHA256', 'SHA512'] as const

/** Every cipher in every format it goes with. */
function allChannels(): Channel[] {
  const versions = [{}, { peerId: 0x123456 }]
  const of = (cipher: DataCipher, more: { digest?: DataDigest; format?: 'epoch' }): Channel[] =>
    versions.map(version => ({ cipher, format: 'standard', keyId: 3, ...more, ...version }))
  return [
    ...AEADS.flatMap(cipher => of(cipher, {})),
    ...CBCS.flatMap(cipher => DIGESTS.flatMap(digest => of(cipher, { digest }))),
    // Epoch packets are defined for P_DATA_V2 only.
    ...AEADS.flatMap(cipher => of(cipher, { format: 'epoch' }).slice(1)),
  ]
}

function title({ cipher, digest, format, peerId }: Channel): string {
  return [cipher, digest, format, peerId === undefined ? 'P_DATA_V1' : 'P_DATA_V2'].filter(Boolean).join(' ')
}

function hex(text: string): Uint8Array {
  return parseHex(text) as Uint8Array
}

/** Where the tag or HMAC lies in a packet. */
function tagRange(channel: Channel, packet: Uint8Array): [number, number] {
  const head = channel.peerId === undefined ? 1 : 4
  if (channel.digest) return [head, head + { SHA1: 20, SHA256: 32, SHA512: 64 }[channel.digest]]
  return channel.format === 'epoch' ? [packet.length - 16, packet.length] : [head + 4, head + 20]
}

export function describeFormats(harness: Harness): void {
  describe.each(allChannels().map(channel => [title(channel), channel] as const))('%s', (_, channel) => {
    test('carries packets of both families both ways, packet ids from 1', async () => {
      const gateway = await openGateway(harness.fixture)
      const client = await gateway.connect({ channel })
      const up = [client.toHost('up'), textPacket('fd00::2', HOST_6, 'up6')]
      for (const packet of up) client.send(packet)
      await gateway.expectHost(up)
      const down = [client.fromHost('down'), textPacket(HOST_6, 'fd00::2', 'down6')]
      for (const packet of down) harness.fixture.tunWrite(packet)
      const opened = (await client.receiveRaw(2)).map(packet => openPacket(channel, client.keys.send, packet))
      expect(opened).toEqual(down.map((payload, i) => ({ packetId: i + 1, epoch: 1, payload })))
    })

    test('refuses a tag with any byte changed, and counts each', async () => {
      const gateway = await openGateway(harness.fixture)
      const client = await gateway.connect({ channel })
      const good = client.seal(client.toHost('good'))
      const [from, to] = tagRange(channel, good)
      for (let at = from; at < to; at++) {
        const bad = good.slice()
        bad[at] = (bad[at] as number) ^ 0x40
        client.sendRaw(bad)
      }
      client.sendRaw(good)
      await gateway.expectHost([client.toHost('good')])
      expect(harness.fixture.datapath.counters(client.flow).authenticationFailures).toBe(to - from)
    })

    test('delivers nothing of a packet cut at any length', async () => {
      const gateway = await openGateway(harness.fixture)
      const client = await gateway.connect({ channel })
      const good = client.seal(client.toHost('good'))
      for (let length = 0; length < good.length; length++) client.sendRaw(good.subarray(0, length))
      client.sendRaw(good)
      await gateway.expectHost([client.toHost('good')])
    })
  })

  const known = KNOWN_PACKETS.map(packet => [title(packet.channel), packet] as const)

  test.each(known)('receives the known packet of %s', async (_, { channel, keys, payload, packet }) => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect({ channel })
    harness.fixture.datapath.installKey(client.flow, keys)
    client.sendRaw(hex(packet))
    await gateway.expectHost([hex(payload)])
  })

  // CBC has a random IV, so only the AEAD packets can be foretold.
  const foretold = known.filter(([, { channel }]) => channel.digest === undefined)
  test.each(foretold)('sends the known packet of %s', async (_, { channel, keys, payload, packet }) => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect({ channel, addresses: ['10.8.0.1'] })
    harness.fixture.datapath.installKey(client.flow, keys)
    harness.fixture.tunWrite(hex(payload))
    expect((await client.receiveRaw(1)).map(formatHex)).toEqual([packet])
  })

  test('changing the peer-id or opcode of a P_DATA_V2 packet breaks its tag', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect({ channel: { ...PLAIN_CHANNEL, peerId: 6 } })
    const other = await gateway.connect({ addresses: ['10.8.0.9'], seed: 1 })
    // The same keys on both flows: only the header tells the packets apart.
    const packet = client.seal(client.toHost('stolen'))
    packet[3] = other.channel.peerId as number
    client.sendRaw(packet)
    await eventually(
      harness.fixture,
      'the failure is counted',
      () => harness.fixture.datapath.counters(other.flow).authenticationFailures === 1,
    )
  })

  const framings: readonly [CompressionFraming, (payload: Uint8Array) => Uint8Array][] = [
    ['none', payload => payload],
    ['lzo-stub', payload => Uint8Array.of(0xfa, ...payload)],
    ['stub', payload => Uint8Array.of(0xfb, ...payload.subarray(1), payload[0] as number)],
    ['stub-v2', payload => payload],
  ]
  test.each(framings)('compression framing %s goes both ways', async (compression, framed) => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect({ slot: { compression } })
    client.send(framed(client.toHost('up')))
    await gateway.expectHost([client.toHost('up')])
    harness.fixture.tunWrite(client.fromHost('down'))
    await client.expectPayloads([framed(client.fromHost('down'))])
  })

  test('stub-v2 escapes a payload that begins with its indicator', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect({ slot: { compression: 'stub-v2' } })
    const payload = Uint8Array.of(0x50, 1, 2, 3)
    harness.fixture.datapath.sendInband(client.flow, payload)
    await client.expectPayloads([Uint8Array.of(0x50, 0, ...payload)])
    client.send(Uint8Array.of(0x50, 0, ...payload))
    expect((await eventOf(harness.fixture, 'inband')).bytes).toEqual(payload)
  })

  test.each([
    ['lzo-stub', 0x66],
    ['lzo-stub', 0xfb],
    ['stub', 0xfa],
    ['stub-v2', 0x50],
  ] as const)('framing %s refuses a payload that begins with %i', async (compression, first) => {
    const gateway = await openGateway(harness.fixture)
    const client = await gateway.connect({ slot: { compression } })
    client.send(Uint8Array.of(first, 0x0b, ...client.toHost('compressed')))
    await eventually(
      harness.fixture,
      'the refusal is counted',
      () => harness.fixture.datapath.counters(client.flow).refused === 1,
    )
    expect(harness.fixture.tunRead()).toEqual([])
  })

  describe('epoch format', () => {
    const channel: Channel = { ...PLAIN_CHANNEL, format: 'epoch' }

    test('follows the peer to a later epoch and sends in it', async () => {
      const gateway = await openGateway(harness.fixture)
      const client = await gateway.connect({ channel })
      client.sendRaw(client.seal(client.toHost('first'), 1, 1))
      client.sendRaw(client.seal(client.toHost('later'), 1, 4))
      await gateway.expectHost([client.toHost('first'), client.toHost('later')])
      harness.fixture.tunWrite(client.fromHost('answer'))
      const [packet] = await client.receiveRaw(1)
      const opened = openPacket(channel, client.keys.send, packet as Uint8Array)
      expect(opened).toEqual({ packetId: 1, epoch: 4, payload: client.fromHost('answer') })
    })

    test('still takes late packets of the epoch before', async () => {
      const gateway = await openGateway(harness.fixture)
      const client = await gateway.connect({ channel })
      client.sendRaw(client.seal(client.toHost('1.1'), 1, 1))
      client.sendRaw(client.seal(client.toHost('2.1'), 1, 2))
      client.sendRaw(client.seal(client.toHost('1.2'), 2, 1))
      client.sendRaw(client.seal(client.toHost('1.1 again'), 1, 1))
      client.sendRaw(client.seal(client.toHost('2.2'), 2, 2))
      await gateway.expectHost(['1.1', '2.1', '1.2', '2.2'].map(text => client.toHost(text)))
      expect(harness.fixture.datapath.counters(client.flow).replays).toBe(1)
    })

    test('takes an epoch 16 ahead, and none further than that window allows', async () => {
      const gateway = await openGateway(harness.fixture)
      const client = await gateway.connect({ channel })
      client.sendRaw(client.seal(client.toHost('too far'), 1, 1000))
      client.sendRaw(client.seal(client.toHost('epoch 0'), 1, 0))
      client.sendRaw(client.seal(client.toHost('16 ahead'), 1, 17))
      await gateway.expectHost([client.toHost('16 ahead')])
    })
  })
}
