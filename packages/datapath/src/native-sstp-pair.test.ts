import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { textPacket } from './inner-packet.suite.ts'
import {
  echo,
  openSockets,
  openTlsEnds,
  type Sockets,
  SstpEnd,
  type TlsEnds,
  until,
} from './native-sstp-pair.suite.ts'

const SERVER = '10.8.0.1'
const CLIENT = '10.8.0.2'
/** So many packets fit the queue of a stream even when nobody takes them. */
const BURST = 150

let sockets: Sockets
let tls: TlsEnds
let ends: SstpEnd[]

beforeEach(async () => {
  sockets = await openSockets()
  tls = await openTlsEnds('TLSv1.2')
  ends = []
})
afterEach(() => {
  for (const { native } of ends) native.datapath.close()
  sockets.close()
})

/** The gateway's end, with TLS and its socket. */
function openServer(recordPerPacket = false): SstpEnd {
  const end = new SstpEnd(recordPerPacket)
  ends.push(end)
  end.datapath.attachTls(end.stream, tls.server)
  end.adopt(sockets.server)
  end.openFlow(CLIENT)
  return end
}

function openBoth(recordPerPacket: boolean): { readonly server: SstpEnd; readonly client: SstpEnd } {
  const server = openServer(recordPerPacket)
  const client = new SstpEnd(recordPerPacket)
  ends.push(client)
  // The other order: what reads the socket comes first.
  client.adopt(sockets.client)
  client.datapath.attachTls(client.stream, tls.client)
  client.openFlow(SERVER)
  return { server, client }
}

describe.each([
  ['full records', false],
  ['a record for each packet', true],
])('two native datapaths over a connection, with %s', (_, recordPerPacket) => {
  test('bursts of every size arrive whole and in order, both ways', async () => {
    const { server, client } = openBoth(recordPerPacket)
    for (const size of [1, 100, 1000, 1372]) {
      const texts = Array.from({ length: BURST }, (_, i) => `${i}`.padStart(size, '.'))
      const down = texts.map(text => textPacket(SERVER, CLIENT, text))
      const up = texts.map(text => textPacket(CLIENT, SERVER, text))
      for (const packet of down) server.native.tunWrite(packet)
      for (const packet of up) client.native.tunWrite(packet)
      const [toClient, toServer] = await Promise.all([client.arrived(BURST), server.arrived(BURST)])
      expect(isSame(toClient, down)).toBe(true)
      expect(isSame(toServer, up)).toBe(true)
    }
    expect(server.datapath.counters(server.flow)).toMatchObject({
      packetsSent: 4 * BURST,
      packetsReceived: 4 * BURST,
    })
    expect([...server.events, ...client.events]).toEqual([])
  })

  test('control packets come up with their header, in order', async () => {
    const { server, client } = openBoth(recordPerPacket)
    const packets = Array.from({ length: 100 }, (_, i) => echo(i))
    server.datapath.streamControl(server.stream, packets)
    await until(() => client.events.length === packets.length)
    expect(client.events).toEqual(packets.map(bytes => ({ type: 'control', stream: client.stream, bytes })))
  })

  test('what was queued is sent before the end, though the stream is closed at once', async () => {
    const { server, client } = openBoth(recordPerPacket)
    server.datapath.streamControl(server.stream, [echo(1), echo(2)])
    server.datapath.endStream(server.stream)
    server.datapath.closeStream(server.stream)
    await until(() => client.events.length === 3)
    expect(client.events.map(({ type }) => type)).toEqual(['control', 'control', 'stream-ended'])
  })
})

describe('a native stream with TLS', () => {
  test('a changed byte of a record is a fault, of which the peer is told', async () => {
    const server = openServer()
    const records = tls.client.write(echo(1)).records as Uint8Array
    records[records.length - 1] = (records.at(-1) as number) ^ 1
    sockets.client.write(records)
    await until(() => server.events.length === 1)
    expect(server.events[0]).toEqual({
      type: 'stream-fault',
      stream: server.stream,
      reason: 'TLS: decryption failed or bad record mac',
    })
    sockets.client.resume()
    const [alert] = (await once(sockets.client, 'data')) as [Buffer]
    expect(tls.client.input(alert).failure).toMatch(/bad record mac/)
  })

  test('a peer that is done writing may go on reading', async () => {
    const server = openServer()
    sockets.client.resume()
    sockets.client.write(tls.client.write(echo(1)).records as Uint8Array)
    sockets.client.end(tls.client.end().records as Uint8Array)
    await until(() => server.events.length === 2)
    expect(server.events.map(({ type }) => type)).toEqual(['control', 'stream-ended'])
    server.datapath.streamControl(server.stream, [echo(2)])
    server.datapath.endStream(server.stream)
    const received: Uint8Array[] = []
    let failure: string | undefined
    for await (const chunk of sockets.client.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      const step = tls.client.input(chunk)
      if (step.plaintext) received.push(step.plaintext)
      failure = step.failure
      if (failure) break
    }
    expect(received).toEqual([echo(2)])
    expect(failure).toBe('the peer closed the TLS connection')
    expect(server.events).toHaveLength(2)
  })

  test('a connection that is cut off ends the stream, once', async () => {
    const server = openServer()
    sockets.client.end((tls.client.write(echo(1)).records as Uint8Array).subarray(0, 10))
    await until(() => server.events.length > 0)
    await sleep(5)
    expect(server.events).toEqual([{ type: 'stream-ended', stream: server.stream }])
  })

  test.each([false, true])(
    'a slow reader loses packets, and what is left when writing ends is records that follow (%s)',
    async recordPerPacket => {
      const server = openServer(recordPerPacket)
      const framed = 4 + 2 + textPacket(SERVER, CLIENT, '.'.repeat(1300)).length
      let sent = 0
      await until(() => {
        for (let i = 0; i < 50; i++, sent++)
          server.native.tunWrite(textPacket(SERVER, CLIENT, `${sent}`.padStart(1300, '.')))
        return server.datapath.counters(server.flow).sendDrops > 100
      })
      const inStream = () => {
        const { packetsSent, sendDrops } = server.datapath.counters(server.flow)
        return packetsSent + sendDrops === sent ? packetsSent : 0
      }
      await until(() => inStream() > 0)
      // The bound of the queue, and what the two sockets hold.
      expect(inStream() * framed).toBeLessThan(32 * 1024 * 1024)
      sockets.client.resume()
      let bytes = 0
      let failure: string | undefined
      sockets.client.on('data', chunk => {
        const { plaintext, failure: why } = tls.client.input(chunk)
        bytes += plaintext?.length ?? 0
        failure ??= why
      })
      for (;;) {
        const rest = server.datapath.takeStreamOutput(server.stream)
        if (!rest) break
        sockets.server.write(rest)
      }
      await until(() => bytes === inStream() * framed || failure !== undefined)
      expect(failure).toBeUndefined()
    },
  )

  test.each(['stream', 'datapath'] as const)('a %s may be closed while a reader is behind', async what => {
    const server = openServer()
    await until(() => {
      for (let i = 0; i < 20; i++) server.native.tunWrite(textPacket(SERVER, CLIENT, '.'.repeat(1300)))
      return server.datapath.counters(server.flow).sendDrops > 0
    })
    if (what === 'stream') server.datapath.closeStream(server.stream)
    else server.datapath.close()
    server.datapath.close()
  })

  test('a connection is taken once', async () => {
    const server = openServer()
    const again = server.datapath.openStream({ framing: 'sstp' })
    expect(() => server.datapath.attachTls(again, tls.server)).toThrowError(
      expect.objectContaining({ code: 'ERR_TLS_NOT_ESTABLISHED' }),
    )
    const released = tls.client.release()
    const holder = { ...tls.client, release: () => released }
    server.datapath.attachTls(again, Object.assign(Object.create(tls.client), holder))
    const third = server.datapath.openStream({ framing: 'sstp' })
    const take = () => server.datapath.attachTls(third, Object.assign(Object.create(tls.client), holder))
    expect(take).toThrowError(expect.objectContaining({ code: 'ERR_DATAPATH_ARGUMENT' }))
    expect(take).toThrowError('the TLS connection was taken before')
  })

  test.each([undefined, null, 7, {}, new Uint8Array(8), () => 0])(
    '%s is no connection that was given away',
    wrong => {
      const server = openServer()
      const stream = server.datapath.openStream({ framing: 'sstp' })
      const tlsOfOthers = Object.assign(Object.create(tls.client), { release: () => wrong })
      expect(() => server.datapath.attachTls(stream, tlsOfOthers)).toThrowError(
        expect.objectContaining({ code: 'ERR_DATAPATH_ARGUMENT' }),
      )
    },
  )
})

/** A list of this size takes vitest a second to compare. */
function isSame(got: readonly Uint8Array[], sent: readonly Uint8Array[]): boolean {
  return got.length === sent.length && Buffer.concat(got).equals(Buffer.concat(sent))
}
