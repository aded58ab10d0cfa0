import { connect, type Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createTlsContext } from '@causeway/control-tls'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SUITES_OF_TLS_1_2 } from '../tls/control-context.ts'
import { FIRST_BYTES_MILLISECONDS, REQUEST_MILLISECONDS } from './listener-limits.ts'
import { eventually, OPENING, said, type TlsPort, tlsPort } from './tls-port.suite.ts'

/** A ClientHello's record and message header, and of the message its first bytes. */
const HALF_HELLO = Uint8Array.of(0x16, 3, 1, 1, 0, 1, 0, 0, 0xfc, 3, 3)
const HALF_REQUEST = OPENING.slice(0, 50)
const DROP_MILLISECONDS = 1_000

let site: TlsPort

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  site = await tlsPort(REQUEST_MILLISECONDS)
})

afterEach(() => {
  site.stop()
  vi.useRealTimers()
})

const plain = (): Socket => site.watch(connect(site.port, '127.0.0.1'))

async function halfHello(): Promise<Socket> {
  const socket = plain()
  const { size } = site.sockets
  socket.write(HALF_HELLO)
  await eventually(() => site.sockets.size > size)
  return socket
}

const clientTls = createTlsContext({
  role: 'client',
  minimum: 'TLSv1.2',
  maximum: 'TLSv1.2',
  ciphers: SUITES_OF_TLS_1_2,
  exports: [],
})

/** Silent once the server has answered its hello. */
async function halfHandshake(): Promise<Socket> {
  const socket = plain()
  const tls = clientTls.open()
  socket.write(tls.start().records ?? '')
  tls.close()
  await said(socket, ({ length }) => length > 0)
  return socket
}

async function halfRequest(): Promise<Socket> {
  const socket = await site.connect()
  socket.write(HALF_REQUEST)
  return socket
}

const gone = (): boolean => site.sockets.size === 0

describe('is dropped by the deadline', () => {
  test.each([
    ['half a hello', halfHello, 'no TLS hello in time'],
    ['half a handshake', halfHandshake, 'the TLS handshake took too long'],
    ['no request', () => site.connect(), 'no HTTP request in time'],
    ['half a request', halfRequest, 'no HTTP request in time'],
  ] as const)('%s', async (_name, begin, reason) => {
    await begin()
    vi.advanceTimersByTime(REQUEST_MILLISECONDS - 1)
    expect(site.refusals).toEqual([])
    vi.advanceTimersByTime(1)
    expect(site.refusals).toEqual([reason])
    await eventually(gone)
  })

  test('nothing at all, before it comes to TLS', async () => {
    const socket = plain()
    await eventually(() => socket.readyState === 'open' && vi.getTimerCount() > 0)
    vi.advanceTimersByTime(FIRST_BYTES_MILLISECONDS)
    await eventually(() => socket.closed)
  })

  test('what comes in drops', async () => {
    const client = await site.connect()
    const [ours] = site.sockets
    const drop = async (text: string): Promise<void> => {
      const before = ours?.bytesRead ?? 0
      client.write(text)
      await eventually(() => (ours?.bytesRead ?? 0) > before)
      vi.advanceTimersByTime(DROP_MILLISECONDS)
    }
    const drops = REQUEST_MILLISECONDS / DROP_MILLISECONDS
    for (const text of OPENING.slice(0, drops)) await drop(text)
    expect(site.refusals).toEqual(['no HTTP request in time'])
    await eventually(gone)
  })

  test('a browser whose next request does not come, or whose request does not end', async () => {
    const client = await site.connect()
    const answer = said(client, bytes => bytes.includes('VPN gateway.'))
    client.write('GET / HTTP/1.1\r\nHost: gateway.test\r\n\r\nGET / HTTP/1.1\r\n')
    await answer
    vi.advanceTimersByTime(REQUEST_MILLISECONDS)
    await eventually(gone)
    expect(site.refusals).toEqual([])
  })
})

test('a browser that asks again in time stays', async () => {
  const client = await site.connect()
  for (let i = 0; i < 3; i++) {
    const answer = said(client, bytes => bytes.includes('VPN gateway.'))
    client.write('GET / HTTP/1.1\r\nHost: gateway.test\r\n\r\n')
    await answer
    vi.advanceTimersByTime(REQUEST_MILLISECONDS - 1)
  }
  expect(site.sockets.size).toBe(1)
})

test('an opened call that is not kept is dropped', async () => {
  const client = await site.connect()
  const answer = said(client, bytes => bytes.includes('\r\n\r\n'))
  client.write(OPENING)
  await answer
  vi.advanceTimersByTime(REQUEST_MILLISECONDS)
  expect(site.sockets.size).toBe(1)
  vi.advanceTimersByTime(150_000)
  await eventually(() => site.closed.length === 1)
})

test('a thousand that are silent leave memory as it was', async () => {
  const crowd = [
    ...Array(800).fill(halfHello),
    ...Array(100).fill(halfHandshake),
    ...Array(100).fill(halfRequest),
  ]
  const wave = async (): Promise<number> => {
    await Promise.all(crowd.map(begin => begin()))
    await eventually(() => site.sockets.size === crowd.length)
    vi.advanceTimersByTime(REQUEST_MILLISECONDS)
    expect(site.refusals.splice(0)).toHaveLength(crowd.length)
    await eventually(gone)
    return settledBytes()
  }
  const first = await wave()
  expect((await wave()) - first).toBeLessThan(GROWTH_BYTES)
}, 60_000)

/** A hundredth of what a thousand TLS connections take. */
const GROWTH_BYTES = 1_000_000

async function settledBytes(): Promise<number> {
  await new Promise(resolve => setImmediate(resolve))
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')
