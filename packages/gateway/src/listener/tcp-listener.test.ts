import { once } from 'node:events'
import { request } from 'node:https'
import { connect, type Socket } from 'node:net'
import { formatPem } from '@causeway/x509'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type TestGateway, testGateway } from '../testing/test-gateway.suite.ts'

let site: TestGateway

beforeEach(async () => {
  site = await testGateway()
})

afterEach(() => site.stop())

function open(): Socket {
  return connect(site.remote('tcp').port, '127.0.0.1')
}

function get(path: string): Promise<{ readonly status: number; readonly body: string }> {
  const { port } = site.remote('tcp')
  const ca = formatPem(site.authority.certificate)
  const options = { host: '127.0.0.1', port, path, ca, servername: 'gateway.test', agent: false }
  return new Promise((resolve, reject) => {
    const sent = request(options, response => {
      let body = ''
      response.setEncoding('utf8').on('data', text => {
        body += text
      })
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    sent.once('error', reject).end()
  })
}

test('a browser on the VPN port gets a page over TLS with the gateway certificate', async () => {
  expect(await get('/')).toMatchObject({ status: 200, body: expect.stringContaining('VPN gateway') })
  expect(await get('/anything')).toEqual({ status: 404, body: 'not found\n' })
})

test('OpenVPN and TLS share the port', async () => {
  await site.connectAs('alice', { remotes: [site.remote('tcp')] })
  expect((await get('/')).status).toBe(200)
  expect(site.gateway.sessions()).toHaveLength(1)
})

test('anything else is closed without an answer', async () => {
  const socket = open()
  let answered = 0
  socket.on('data', chunk => {
    answered += chunk.length
  })
  socket.write('GET / HTTP/1.1\r\n\r\n')
  await once(socket, 'close')
  expect(answered).toBe(0)
})

test('a stream that breaks its framing is closed', async () => {
  const socket = open()
  const reset = Buffer.alloc(56)
  reset.writeUInt16BE(54, 0)
  reset[2] = 7 << 3
  socket.write(Buffer.concat([reset, Buffer.from([0, 0, 0, 0])]))
  await once(socket, 'close')
  expect(site.gateway.sessions()).toEqual([])
})

test('a peer that resets its connection does no harm', async () => {
  const socket = open()
  await once(socket, 'connect')
  socket.write(Buffer.from([0, 54, 7 << 3, 1, 2, 3]))
  socket.resetAndDestroy()
  await once(socket, 'close')
  await site.connectAs('bob', { remotes: [site.remote('tcp')] })
})

test('a stop ends connections that have not yet said what they are', async () => {
  const socket = open()
  await once(socket, 'connect')
  const closed = once(socket, 'close')
  await site.gateway.stop()
  await closed
})
