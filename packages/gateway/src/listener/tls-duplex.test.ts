import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import type { TlsConnection } from '@causeway/control-tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { gatewayCredentials, root } from '../testing/credentials.suite.ts'
import { certificateHashes, sharedPortTlsContext } from '../tls/control-context.ts'
import { TlsDuplex } from './tls-duplex.ts'
import { TlsOpening } from './tls-opening.ts'
import { eventually, gone } from './tls-port.suite.ts'

/** Anything that is no SSTP makes the server's end. */
const FIRST = 'first '

let server: Server
let client: TLSSocket
let ours: TlsDuplex
let ourTls: TlsConnection
let socket: Socket

beforeEach(async () => {
  const credentials = await gatewayCredentials(await root())
  const certificate = certificateHashes(credentials.certificateChain)
  const context = sharedPortTlsContext(credentials)
  server = createServer({ highWaterMark: 1 })
  const begun = new Promise<void>(resolve => {
    server.once('connection', accepted => {
      socket = accepted
      new TlsOpening(accepted, {
        tls: () => ({ context, certificate }),
        requested: ({ tls, plaintext }) => {
          ourTls = tls
          ours = new TlsDuplex(accepted, tls, plaintext)
          resolve()
        },
        refused: reason => {
          throw new Error(reason)
        },
      })
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as { readonly port: number }
  client = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
  client.on('error', () => client.destroy())
  client.write(FIRST)
  await begun
})

afterEach(() => {
  client.destroy()
  ours.destroy()
  server.close()
})

test('carries megabytes there and back, what came first in front', async () => {
  const bytes = Buffer.alloc(3_000_000, 'causeway ')
  const hash = createHash('sha256')
  let length = 0
  const all = new Promise<void>(resolve => {
    client.on('data', chunk => {
      hash.update(chunk)
      length += chunk.length
      if (length >= FIRST.length + bytes.length) resolve()
    })
  })
  ours.pipe(ours)
  client.write(bytes)
  await all
  expect(hash.digest('hex')).toBe(createHash('sha256').update(FIRST).update(bytes).digest('hex'))
})

test('reads no more than its reader takes', async () => {
  client.write(Buffer.alloc(20_000_000))
  await eventually(() => socket.isPaused())
  expect(ours.readableLength).toBeLessThan(256 * 1024)
  const held = ours.readableLength
  await new Promise(resolve => setImmediate(resolve))
  expect(ours.readableLength).toBe(held)
  let read = 0
  for await (const chunk of ours) {
    read += (chunk as Buffer).length
    if (read === FIRST.length + 20_000_000) break
  }
  expect(read).toBe(FIRST.length + 20_000_000)
})

test('a write waits for the socket', async () => {
  client.pause()
  let written = 0
  const chunk = Buffer.alloc(64 * 1024)
  while (written < 64_000_000 && ours.write(chunk)) written += chunk.length
  expect(ours.writableNeedDrain).toBe(true)
  client.resume()
  await once(ours, 'drain')
})

test('ends with close_notify, and closes when the peer has ended too', async () => {
  ours.resume()
  const ended = once(client.resume(), 'end')
  ours.end('bye')
  await ended
  await gone(socket)
  expect(ours.destroyed).toBe(true)
})

test('a peer that breaks TLS is an end without an error', async () => {
  ours.on('error', error => {
    throw error
  })
  const ended = once(ours.resume(), 'end')
  socket.emit('data', Buffer.from('no record'))
  await ended
  ours.end('late')
  await gone(socket)
})

test('a reset is an end without an error', async () => {
  ours.on('error', error => {
    throw error
  })
  const closed = once(ours, 'close')
  socket.on('error', () => undefined)
  socket.resetAndDestroy()
  await closed
  ours.write('late', () => undefined)
})

test('tells of a time without bytes', async () => {
  ours.setTimeout(10)
  await once(ours, 'timeout')
})

test('TLS that fails on writing ends both, at once', async () => {
  ourTls.write = () => ({ failure: 'no more keys' })
  ours.write('never said')
  await gone(client)
  expect(ours.destroyed && socket.destroyed).toBe(true)
})
