import { formatHex, parseIpAddress } from '@causeway/wire'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DatapathEvent } from './datapath-event.ts'
import { prefix } from './datapath-fixture.suite.ts'
import { codeOf } from './datapath-misuse.suite.ts'
import { espPlaintext, makeEspKeys, makeSa } from './esp-peer.suite.ts'
import type { EspSa } from './flow.ts'
import { textPacket } from './inner-packet.suite.ts'
import { hexBytes, KNOWN_ESP_PACKETS, PUBLISHED_GCM_CASES } from './known-esp-packets.suite.ts'
import { createMemoryDatapath } from './memory-datapath.ts'
import { MemoryEspSa } from './memory-esp-sa.ts'
import { EspReplayWindow } from './memory-esp-sequence.ts'
import { createEspTransform, ESP_HEADER_BYTES } from './memory-esp-transform.ts'
import { MemoryNetwork, type NetworkPacket } from './memory-network.ts'

const CHANNEL = { cipher: 'AES-GCM-256', extendedSequence: true, spi: 0x1000, sendSpi: 0x2000 } as const
const KEYS = makeEspKeys(CHANNEL)

describe('EspTransform', () => {
  test.each(PUBLISHED_GCM_CASES)('seals and opens what is published for $cipher, SPI $spi', known => {
    const { spi, sequence, extended } = known
    const keys = { cipherKey: hexBytes(known.cipherKey), integrityKey: hexBytes(known.salt) }
    const transform = createEspTransform({ ...makeSa(CHANNEL, KEYS), cipher: known.cipher }, keys)
    const numbers = { spi, sequence, extended }
    const body = transform.seal(numbers, hexBytes(known.iv), hexBytes(known.plaintext))
    expect(formatHex(body)).toBe(known.iv + known.sealed)
    expect(transform.open(numbers, body)).toEqual(hexBytes(known.plaintext))
  })

  test.each(KNOWN_ESP_PACKETS)(
    'seals what was made elsewhere: $channel.cipher',
    ({ channel, keys, inner, packet }) => {
      const transform = createEspTransform(makeSa(channel, { send: keys, receive: keys }), keys)
      const numbers = { spi: channel.spi, sequence: 1, extended: channel.extendedSequence }
      const body = packet.subarray(ESP_HEADER_BYTES)
      const iv = body.subarray(0, channel.integrity ? 16 : 8)
      expect(formatHex(transform.seal(numbers, iv, espPlaintext(channel, inner)))).toBe(formatHex(body))
    },
  )
})

describe('EspReplayWindow', () => {
  test('infers every extended number that is not older than the window nor 32 bits ahead', () => {
    const highest = fc.oneof(
      fc.nat(2 ** 31 - 1),
      fc.maxSafeNat().map(at => at % 2 ** 50),
    )
    fc.assert(
      fc.property(
        highest,
        fc.integer({ min: 32, max: 1024 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (at, size, where) => {
          const window = new EspReplayWindow(size, true)
          window.accept(at)
          const sequence = Math.max(1, at - size + 1 + Math.floor(where * (2 ** 32 - 1)))
          expect(window.infer(sequence % 2 ** 32)).toBe(sequence)
        },
      ),
    )
  })

  test('takes short numbers as they are', () => {
    const window = new EspReplayWindow(64, false)
    expect(window.accept(0xffffffff)).toBe('newest')
    expect(window.infer(3)).toBe(3)
  })
})

describe('MemoryEspSa', () => {
  test.each([
    ['32 bits', false, 0xffffffff],
    ['all bits that stay exact', true, Number.MAX_SAFE_INTEGER],
  ] as const)('the last number of %s is sent, and none after it', (_, extendedSequence, last) => {
    const sa = new MemoryEspSa(makeSa({ ...CHANNEL, extendedSequence }, KEYS), 1, last - 1)
    expect(sa.reachedLimits()).toEqual([])
    expect(sa.seal(textPacket('10.0.0.1', '10.0.0.2', 'last'))).toBeDefined()
    expect(sa.reachedLimits()).toEqual(['hard-limit'])
    expect(sa.seal(textPacket('10.0.0.1', '10.0.0.2', 'one more'))).toBeUndefined()
    expect(sa.reachedLimits()).toEqual([])
  })
})

describe('raw ESP', () => {
  const address = (text: string) => {
    const parsed = parseIpAddress(text)
    if (!parsed) throw new TypeError(`not an address: ${text}`)
    return parsed
  }

  /** One end, with a raw port and an SA pair of its own side. */
  const openEnd = (network: MemoryNetwork, outer: string, inner: string, sa: EspSa, remote: string) => {
    const events: DatapathEvent[] = []
    const datapath = createMemoryDatapath({ workers: 1, onEvents: batch => events.push(...batch) }, network)
    datapath.openTun({ name: 'tun%d', mtu: 1500 })
    const port = datapath.openPort({ address: address(outer), port: 0, protocol: 'esp' })
    const path = { type: 'udp', port: port.id, remote: { address: address(remote), port: 0 } } as const
    const limits = { clampBytes: 1400, innerMtu: 1400, idleTimeoutSeconds: 0 }
    const flow = datapath.openFlow({ protocol: 'esp', path, ...limits })
    datapath.installKey(flow, sa)
    datapath.selectKey(flow, sa.keyId)
    datapath.changeRoutes([{ type: 'add', prefix: prefix(inner), flow }])
    return { datapath, port, flow, path, events }
  }

  const connect = (network: MemoryNetwork) => {
    const { send, receive } = KEYS
    const ours = makeSa(CHANNEL, KEYS)
    const theirs = { ...ours, keyId: ours.sendSpi, sendSpi: ours.keyId, send: receive, receive: send }
    return {
      gateway: openEnd(network, '192.0.2.1', '10.8.0.2', ours, '192.0.2.9'),
      client: openEnd(network, '192.0.2.9', '0.0.0.0/0', theirs, '192.0.2.1'),
    }
  }

  test('two ends carry packets without UDP', () => {
    const seen: NetworkPacket[] = []
    const network = new MemoryNetwork((packet, deliver) => {
      seen.push(packet)
      deliver(packet)
    })
    const { gateway, client } = connect(network)
    expect(gateway.port.local).toEqual({ address: address('192.0.2.1'), port: 0 })
    const up = textPacket('10.8.0.2', '198.51.100.7', 'up')
    client.datapath.tunWrite(up)
    expect(gateway.datapath.tunRead()).toEqual([up])
    const down = textPacket('198.51.100.7', '10.8.0.2', 'down')
    gateway.datapath.tunWrite(down)
    expect(client.datapath.tunRead()).toEqual([down])
    expect(seen.map(({ from, to }) => [from.port, to.port])).toEqual([
      [0, 0],
      [0, 0],
    ])
    gateway.datapath.flushEvents()
    expect(gateway.events).toEqual([])
  })

  test('a raw port carries flows of ESP to port 0 alone, and no datagrams', () => {
    const { gateway } = connect(new MemoryNetwork())
    const { datapath, port, flow, path } = gateway
    const remote = { address: address('192.0.2.9'), port: 4500 }
    expect(codeOf(() => datapath.moveFlow(flow, { ...path, remote }))).toBe('ERR_DATAPATH_PROTOCOL')
    const send = () => datapath.sendDatagrams(port.id, [{ remote, bytes: Uint8Array.of(1) }])
    expect(codeOf(send)).toBe('ERR_DATAPATH_PROTOCOL')
    const limits = { clampBytes: 1400, pingIntervalSeconds: 0, idleTimeoutSeconds: 0 }
    const openVpn = () => datapath.openFlow({ path: { ...path, remote }, ...limits })
    expect(codeOf(openVpn)).toBe('ERR_DATAPATH_PROTOCOL')
  })

  test('no marker and no keepalive is known there', () => {
    const network = new MemoryNetwork()
    const { gateway } = connect(network)
    const stray = network.bindEsp(address('192.0.2.77'), () => {})
    for (const bytes of [[0xff], [0, 0, 0, 0, 1, 2, 3, 4, 5]])
      stray.send(gateway.port.local, Uint8Array.from(bytes))
    stray.send(gateway.port.local, Uint8Array.of(0, 0, 1, 9, 0, 0, 0, 1, 0, 0))
    gateway.datapath.flushEvents()
    expect(gateway.datapath.totals()).toMatchObject({ malformed: 2, unknownFlow: 1 })
    expect(gateway.events).toMatchObject([{ type: 'unknown-spi', spi: 0x109, remote: stray.local }])
  })

  test('a flow moves from raw ESP to UDP when a NAT appears', () => {
    const network = new MemoryNetwork()
    const { gateway, client } = connect(network)
    const [here, there] = [gateway, client].map(({ datapath, port }) =>
      datapath.openPort({ address: port.local.address, port: 4500, protocol: 'ike-esp' }),
    )
    if (!here || !there) throw new Error('two ports were opened')
    client.datapath.moveFlow(client.flow, { type: 'udp', port: there.id, remote: here.local })
    const up = textPacket('10.8.0.2', '198.51.100.7', 'up')
    client.datapath.tunWrite(up)
    expect(gateway.datapath.tunRead()).toEqual([up])
    gateway.datapath.flushEvents()
    expect(gateway.events).toMatchObject([
      { type: 'float', flow: gateway.flow, port: here.id, remote: there.local },
    ])
  })
})
