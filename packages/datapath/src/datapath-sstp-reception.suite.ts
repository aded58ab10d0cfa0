import { describe, expect, test } from 'vitest'
import { openEspGateway } from './datapath-esp-fixture.suite.ts'
import type { Harness } from './datapath-fixture.suite.ts'
import { eventually, Gateway, HOST_4, HOST_6, openGateway } from './datapath-fixture.suite.ts'
import {
  connectSstp,
  LCP_ECHO,
  PPP_FORMS,
  pppIp,
  SstpClient,
  sstpData,
} from './datapath-sstp-fixture.suite.ts'
import { ipPacket, MSS_OPTIONS, tcpPacket, textPacket } from './inner-packet.suite.ts'

const SYN = 0x02

export function describeSstpReception(harness: Harness): void {
  const connect = () => connectSstp(harness.fixture)
  const unknown = () => harness.fixture.datapath.totals().unknownFlow

  describe.each(PPP_FORMS)('address and control: $addressControl, long protocol: $longProtocol', form => {
    test('IPv4 and IPv6 come to the host', async () => {
      const { gateway, client } = await connect()
      const packets = [client.toHost('four'), textPacket('fd00::2', HOST_6, 'six')]
      for (const packet of packets) client.send(packet, form)
      await gateway.expectHost(packets)
      expect(client.counters).toMatchObject({
        packetsReceived: 2,
        bytesReceived: packets.reduce((sum, { length }) => sum + length, 0),
        refused: 0,
      })
    })
  })

  test('what follows the IP packet in its frame is cut off', async () => {
    const { gateway, client } = await connect()
    const packet = client.toHost('padded')
    client.input(sstpData(pppIp(Uint8Array.of(...packet, 0, 0, 0))))
    await gateway.expectHost([packet])
  })

  const noPackets: readonly [string, Uint8Array][] = [
    ['nothing', Uint8Array.of(0xff, 3, 0, 0x21)],
    ['half a header', pppIp(textPacket('10.8.0.2', HOST_4, '').subarray(0, 19))],
    ['a packet that is cut', pppIp(textPacket('10.8.0.2', HOST_4, 'text').subarray(0, 22))],
    ['IPv6 that is cut', pppIp(textPacket('fd00::2', HOST_6, 'text').subarray(0, 41))],
    ['IPv6 as IPv4', pppIp(textPacket('fd00::2', HOST_6, 'six'), undefined, 0x21)],
    ['IPv4 as IPv6', pppIp(textPacket('10.8.0.2', HOST_4, 'four'), undefined, 0x57)],
    ['version 5', pppIp(Uint8Array.of(0x55, ...new Uint8Array(30)))],
  ]
  test.each(noPackets)('%s in a frame of IP is refused', async (_, frame) => {
    const { gateway, client } = await connect()
    client.input(sstpData(frame))
    await client.expectNothingBefore(gateway)
    expect(client.counters).toMatchObject({ packetsReceived: 1, refused: 1, sourceViolations: 0 })
    expect(client.control()).toEqual([])
  })

  test("another's source is refused", async () => {
    const { gateway, client } = await connect()
    const other = new SstpClient(harness.fixture, { addresses: ['10.8.0.3'] })
    other.openFlow()
    for (const source of ['10.8.0.3', '10.8.0.4', HOST_4]) client.send(textPacket(source, HOST_4, 'forged'))
    client.send(textPacket('fd00::3', HOST_6, 'forged'))
    await client.expectNothingBefore(gateway)
    expect(client.counters).toMatchObject({ packetsReceived: 1, sourceViolations: 4 })
    expect(other.counters.packetsReceived).toBe(0)
  })

  test('without a TUN device what is for the host is refused', async () => {
    const client = new SstpClient(harness.fixture)
    client.openFlow()
    client.send(client.toHost('nowhere'))
    await eventually(harness.fixture, 'a refusal', () => client.counters.refused === 1)
  })

  test('IP before the flow is open is dropped, all else comes up', async () => {
    const gateway = await openGateway(harness.fixture)
    const client = new SstpClient(harness.fixture)
    for (const form of PPP_FORMS) client.send(client.toHost('early'), form)
    client.input(LCP_ECHO)
    await eventually(harness.fixture, 'control', () => client.control().length === 1)
    await eventually(harness.fixture, 'the count', () => unknown() === PPP_FORMS.length)
    client.openFlow()
    await client.expectNothingBefore(gateway)
    expect(unknown()).toBe(PPP_FORMS.length)
  })

  test('IP after the flow was closed is dropped, all else comes up', async () => {
    const { client } = await connect()
    harness.fixture.datapath.closeFlow(client.flow)
    client.send(client.toHost('late'))
    client.input(LCP_ECHO)
    await eventually(harness.fixture, 'control', () => client.control().length === 1)
    await eventually(harness.fixture, 'the count', () => unknown() === 1)
    expect(harness.fixture.tunRead()).toEqual([])
  })

  test('a flow that has moved receives by its new stream alone', async () => {
    const { gateway, client } = await connect()
    const next = new SstpClient(harness.fixture)
    harness.fixture.datapath.moveFlow(client.flow, { type: 'stream', stream: next.stream })
    client.send(client.toHost('old'))
    await eventually(harness.fixture, 'the count', () => unknown() === 1)
    await next.expectNothingBefore(gateway)
    harness.fixture.tunWrite(client.fromHost('moved'))
    await next.expectPackets([client.fromHost('moved')])
    expect(client.takePackets()).toEqual([])
  })

  test('the youngest flow of a stream has it', async () => {
    const { gateway, client } = await connect()
    const first = client.flow
    client.openFlow()
    client.send(client.toHost('for the second'))
    await gateway.expectHost([client.toHost('for the second')])
    harness.fixture.datapath.closeFlow(first)
    await client.expectNothingBefore(gateway)
    expect(client.counters.packetsReceived).toBe(2)
  })

  test('a packet for another client passes only when that is allowed', async () => {
    const { gateway, client } = await connect()
    const other = new SstpClient(harness.fixture, { addresses: ['10.8.0.3'] })
    other.openFlow()
    const packet = textPacket('10.8.0.2', '10.8.0.3', 'hello')
    client.send(packet)
    await client.expectNothingBefore(gateway)
    expect(client.counters.refused).toBe(1)
    harness.fixture.datapath.configure({ clientToClient: true })
    client.send(packet)
    await other.expectPackets([packet])
    expect(other.counters).toMatchObject({ packetsSent: 1, bytesSent: packet.length })
  })

  test('clients of SSTP, OpenVPN and ESP reach each other', async () => {
    const gateway = await openEspGateway(harness.fixture)
    const sstp = new SstpClient(harness.fixture)
    sstp.openFlow()
    const esp = await gateway.connectEsp({ addresses: ['10.8.0.3'] })
    const { address } = gateway.local
    const { id, local } = harness.fixture.datapath.openPort({ address, port: 0, protocol: 'openvpn' })
    const openVpn = await new Gateway(harness.fixture, 4, id, local).connect({ addresses: ['10.8.0.4'] })
    harness.fixture.datapath.configure({ clientToClient: true })
    for (const [peer, to] of [
      [esp, '10.8.0.3'],
      [openVpn, '10.8.0.4'],
    ] as const) {
      sstp.send(textPacket('10.8.0.2', to, 'there'))
      await peer.expectPayloads([textPacket('10.8.0.2', to, 'there')])
      peer.send(textPacket(to, '10.8.0.2', 'and back'))
      await sstp.expectPackets([textPacket(to, '10.8.0.2', 'and back')])
    }
  })

  test('the MSS of TCP is clamped both ways', async () => {
    const { client } = await connectSstp(harness.fixture, { flow: { clampBytes: 1340 } })
    client.send(tcpPacket('10.8.0.2', HOST_4, SYN, MSS_OPTIONS.even))
    const up = await eventually(harness.fixture, 'a packet', () => harness.fixture.tunRead()[0])
    expect(((up[42] as number) << 8) | (up[43] as number)).toBe(1300)
    harness.fixture.tunWrite(tcpPacket(HOST_4, '10.8.0.2', SYN, MSS_OPTIONS.even))
    const [down] = await client.receive(1)
    expect(((down?.[8 + 42] as number) << 8) | (down?.[8 + 43] as number)).toBe(1300)
  })

  test('many packets in chunks of every size arrive in order', async () => {
    const { gateway, client } = await connect()
    for (let round = 0, size = 1; round < 20; round++) {
      const packets = Array.from({ length: 40 }, (_, i) =>
        ipPacket('10.8.0.2', HOST_4, new Uint8Array(1 + ((i * 37 + round) % 1200)).fill(i)),
      )
      const bytes = Buffer.concat(packets.map((packet, i) => sstpData(pppIp(packet, PPP_FORMS[i % 4]))))
      for (let at = 0; at < bytes.length; at += size, size = 1 + ((size * 31 + 17) % 9973))
        client.input(bytes.subarray(at, at + size))
      await gateway.expectHost(packets)
    }
    expect(client.counters.packetsReceived).toBe(800)
  })
}
