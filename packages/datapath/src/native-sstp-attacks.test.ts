import { once } from 'node:events'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { createTlsContext, type TlsConnection } from '@causeway/control-tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { textPacket } from './inner-packet.suite.ts'
import {
  credentials,
  echo,
  openSockets,
  openTlsEnds,
  type Sockets,
  SstpEnd,
  until,
} from './native-sstp-pair.suite.ts'

const SERVER = '10.8.0.1'
const CLIENT = '10.8.0.2'

let sockets: Sockets
let ends: SstpEnd[]

beforeEach(async () => {
  sockets = await openSockets()
  ends = []
})

afterEach(() => {
  for (const { native } of ends) native.datapath.close()
  sockets.close()
})

/** The gateway's end of the connection, with a flow. */
function serve(tls: TlsConnection, on = sockets): SstpEnd {
  const end = new SstpEnd(false)
  ends.push(end)
  end.datapath.attachTls(end.stream, tls)
  end.adopt(on.server)
  end.openFlow(CLIENT)
  return end
}

/** Fills what waits for a peer that does not read. */
async function fill(server: SstpEnd): Promise<void> {
  const packet = textPacket(SERVER, CLIENT, '.'.repeat(1300))
  await until(() => {
    for (let i = 0; i < 20; i++) server.native.tunWrite(packet)
    return server.datapath.counters(server.flow).sendDrops > 0
  })
}

test('packets that come in records of one byte are whole', async () => {
  const tls = await openTlsEnds('TLSv1.2')
  const server = serve(tls.server)
  const packets = Array.from({ length: 60 }, (_, i) => echo(i))
  for (const byte of Buffer.concat(packets))
    sockets.client.write(tls.client.write(Uint8Array.of(byte)).records as Uint8Array)
  await until(() => server.events.length === packets.length)
  expect(server.events).toEqual(packets.map(bytes => ({ type: 'control', stream: server.stream, bytes })))
})

test.each([
  ['while it does not read', true],
  ['amid its own packets', false],
])('a peer that resets the connection %s is told of as gone, once', async (_, full) => {
  const tls = await openTlsEnds('TLSv1.2')
  const server = serve(tls.server)
  if (full) await fill(server)
  const packet = textPacket(CLIENT, SERVER, 'up')
  const frame = Uint8Array.of(0x10, 0, 0, 6 + packet.length, 0, 0x21, ...packet)
  for (let i = 0; i < 100; i++) sockets.client.write(tls.client.write(frame).records as Uint8Array)
  sockets.client.resetAndDestroy()
  await until(() => server.events.length > 0)
  for (let i = 0; i < 50; i++) server.native.tunWrite(textPacket(SERVER, CLIENT, 'after'))
  server.datapath.streamControl(server.stream, [echo(1)])
  await new Promise(resolve => setImmediate(resolve))
  expect(server.events.map(({ type }) => type)).toEqual(['stream-ended'])
})

test('a peer that asks for renegotiation gets none, and loses its connection', async () => {
  const { tls, peer } = await agreeWithNode()
  const server = serve(tls)
  peer.write(echo(1))
  await until(() => server.events.length === 1)
  const error = new Promise<Error>(resolve => peer.once('error', resolve))
  peer.renegotiate({}, () => undefined)
  expect((await error).message).toMatch(/no renegotiation/i)
  await until(() => server.events.length === 2)
  expect(server.events[1]).toEqual({
    type: 'stream-fault',
    stream: server.stream,
    reason: 'TLS: sslv3 alert handshake failure',
  })
})

test.each(['stream', 'flow', 'datapath'] as const)(
  'a %s may be closed in the event of a packet, with more behind it and workers that send',
  async what => {
    for (let round = 0; round < ROUNDS; round++) {
      const pair = await openSockets()
      const tls = await openTlsEnds('TLSv1.2')
      const server = serve(tls.server, pair)
      const { datapath } = server
      server.native.tunWrite(textPacket(SERVER, CLIENT, 'first'))
      const closed = new Promise<void>(resolve => {
        server.onEvent = () => {
          server.onEvent = undefined
          if (what === 'stream') datapath.closeStream(server.stream)
          if (what === 'flow') datapath.closeFlow(server.flow)
          if (what === 'datapath') datapath.close()
          resolve()
        }
      })
      const control = Array.from({ length: 50 }, (_, i) => echo(i))
      pair.client.write(tls.client.write(Buffer.concat(control)).records as Uint8Array)
      for (let i = 0; i < 100; i++) server.native.tunWrite(textPacket(SERVER, CLIENT, '.'.repeat(1300)))
      await closed
      datapath.close()
      pair.close()
    }
  },
)

test('a connection that was given away is freed by whoever has it last', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const tls = await openTlsEnds('TLSv1.2')
    const server = new SstpEnd(false)
    ends.push(server)
    server.datapath.attachTls(server.stream, tls.server)
    server.datapath.streamControl(server.stream, [echo(1)])
    server.datapath.closeStream(server.stream)
    server.datapath.close()
    tls.server.close()
    tls.client.release()
    tls.client.close()
    expect(tls.client.input(Uint8Array.of(1))).toEqual({})
  }
})

const ROUNDS = 10

/** A connection with Node's own TLS at the other end. */
async function agreeWithNode(): Promise<{ readonly tls: TlsConnection; readonly peer: TLSSocket }> {
  const version = 'TLSv1.2'
  const tls = createTlsContext({
    role: 'server',
    ...(await credentials()),
    minimum: version,
    maximum: version,
    ciphers: ['ECDHE-ECDSA-AES256-GCM-SHA384'],
    exports: [],
    peerCertificate: 'none',
  }).open()
  const peer = connectTls({ socket: sockets.client, rejectUnauthorized: false, maxVersion: version })
  peer.on('error', () => undefined)
  const { server } = sockets
  const answer = (chunk: Buffer): void => {
    const { records } = tls.input(chunk)
    if (records) server.write(records)
  }
  server.on('data', answer).resume()
  await once(peer, 'secureConnect')
  server.off('data', answer).pause()
  return { tls, peer }
}
