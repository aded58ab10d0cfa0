import { once } from 'node:events'
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { Agent, request } from 'node:https'
import { connect, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { formatIpAddress } from '@causeway/wire'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FORM_BYTES } from './http-responder.ts'
import type { HttpRequest, HttpRoute } from './http-route.ts'
import { eventually, everything, gone, OPENING, said, type TlsPort, tlsPort } from './tls-port.suite.ts'

/** An SSTP control message: version 1.0, C set, 8 bytes; ECHO_REQUEST without attributes ([MS-SSTP] §2.2.2). */
const ECHO_REQUEST = Uint8Array.of(0x10, 1, 0, 8, 0, 8, 0, 0)

let site: TlsPort

beforeEach(async () => {
  site = await tlsPort()
})

afterEach(() => site.stop())

function answered(socket: Socket): Promise<Buffer> {
  return said(socket, bytes => bytes.includes('\r\n\r\n'))
}

async function openCall(after: Uint8Array = new Uint8Array(0)): Promise<TLSSocket> {
  const client = await site.connect()
  client.write(Buffer.concat([Buffer.from(OPENING), after]))
  await answered(client)
  return client
}

describe('an SSTP call', () => {
  test('is opened by its HTTP request and goes on as a stream with TLS', async () => {
    const client = await site.connect()
    client.write(OPENING)
    const answer = (await answered(client)).toString()
    expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    expect(answer).toContain('Content-Length: 18446744073709551615\r\n')
    expect(site.calls).toHaveLength(1)
    const { stream } = site.calls[0] as (typeof site.calls)[0]

    client.write(ECHO_REQUEST)
    await eventually(() => site.events.some(({ type }) => type === 'control'))
    expect(site.events).toContainEqual({ type: 'control', stream, bytes: ECHO_REQUEST })

    const reply = said(client, bytes => bytes.length >= ECHO_REQUEST.length)
    site.datapath.streamControl(stream, [ECHO_REQUEST])
    expect([...(await reply)]).toEqual([...ECHO_REQUEST])
    expect(site.refusals).toEqual([])
  })

  test('is told with the hashes of the certificate that its TLS used, and the suite', async () => {
    const client = await openCall()
    const { fingerprint, fingerprint256 } = client.getPeerCertificate()
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').toUpperCase()
    expect(hex(site.tls.certificate.sha1)).toBe(fingerprint.replaceAll(':', ''))
    expect(hex(site.tls.certificate.sha256)).toBe(fingerprint256.replaceAll(':', ''))
    expect(site.ciphers).toEqual([client.getCipher().standardName])
  })

  test('begins whatever pieces its request comes in', async () => {
    const client = await site.connect()
    for (const byte of OPENING) client.write(byte)
    await answered(client)
    expect(site.calls).toHaveLength(1)
  })

  test('has what came in one record with its request', async () => {
    await openCall(ECHO_REQUEST)
    await eventually(() => site.events.some(({ type }) => type === 'control'))
  })

  test('is finished after its last bytes, with close_notify', async () => {
    const client = await openCall()
    const [call] = site.calls as [(typeof site.calls)[0]]
    const rest = everything(client)
    const ended = once(client, 'end')
    site.datapath.streamControl(call.stream, [ECHO_REQUEST])
    call.finish()
    await ended
    expect(Buffer.from(await rest, 'latin1')).toEqual(Buffer.from(ECHO_REQUEST))
    await eventually(() => site.closed.includes(call))
  })

  test('that its client closes is closed', async () => {
    const client = await openCall()
    client.end()
    await eventually(() => site.closed.length === 1)
    expect(site.closed).toEqual(site.calls)
  })

  test('that breaks its TLS is closed', async () => {
    const plain = site.watch(connect(site.port, '127.0.0.1'))
    const client = site.dial({ socket: plain })
    client.write(OPENING)
    await answered(client)
    plain.write('no record')
    await eventually(() => site.closed.length === 1)
    expect(site.events).toContainEqual(expect.objectContaining({ type: 'stream-fault' }))
  })
})

describe('a call is refused', () => {
  const after = async (text: string): Promise<string> => {
    const client = await site.connect()
    client.write(text)
    return everything(client)
  }

  test('as an unknown path where SSTP is not served', async () => {
    site.room = { type: 'off' }
    expect(await after(OPENING)).toMatch(/^HTTP\/1\.1 404 [\s\S]*not found\n$/)
    expect(site.refusals).toEqual([])
  })

  test('with the reason when there is no room', async () => {
    site.room = { type: 'full', reason: '128 SSTP connections are open' }
    expect(await after(OPENING)).toMatch(/^HTTP\/1\.1 503 [\s\S]*128 SSTP connections are open\n$/)
    expect(site.refusals).toEqual(['128 SSTP connections are open'])
  })

  test('when its request is wrong', async () => {
    expect(await after('SSTP_DUPLEX_POST / HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
    expect(site.refusals).toEqual([expect.stringMatching(/^SSTP's HTTP request: /)])
  })

  test('when its request is endless', async () => {
    expect(await after(`SSTP_DUPLEX_POST ${'x'.repeat(20_000)}`)).toMatch(/^HTTP\/1\.1 400 /)
    expect(site.calls).toEqual([])
  })
})

describe('a browser', () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  afterEach(() => agent.destroy())

  interface Page {
    readonly status: number
    readonly body: string
    readonly headers: IncomingHttpHeaders
  }

  const get = (path: string, method = 'GET', headers: OutgoingHttpHeaders = {}, form = ''): Promise<Page> =>
    new Promise((resolve, reject) => {
      const target = {
        host: '127.0.0.1',
        port: site.port,
        path,
        method,
        agent,
        headers,
        rejectUnauthorized: false,
      }
      const sent = request(target, response => {
        let body = ''
        response.setEncoding('utf8').on('data', text => {
          body += text
        })
        const { statusCode: status = 0, headers: fields } = response
        response.once('end', () => resolve({ status, body, headers: fields }))
      })
      sent.once('error', reject).end(form)
    })

  test('gets a page, and may ask again on the same connection', async () => {
    expect(await get('/')).toMatchObject({ status: 200, body: expect.stringContaining('VPN gateway') })
    expect(await get('/', 'POST')).toMatchObject({ status: 404, body: 'not found\n' })
    expect(await get('/anything')).toMatchObject({ status: 404, body: 'not found\n' })
    expect(site.sockets.size).toBe(1)
    expect(site.refusals).toEqual([])
  })

  describe('at a path that is served', () => {
    const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
    const seen: HttpRequest[] = []

    beforeEach(() => {
      seen.length = 0
      const route: HttpRoute = {
        methods: ['GET', 'POST'],
        answer: request => {
          seen.push(request)
          return {
            status: 303,
            html: '<p>over there',
            location: 'https://idp.test/',
            cookies: ['a=1', 'b=2'],
          }
        },
      }
      site.routes = path => (path === '/a' ? route : undefined)
    })

    test('gets its page, with the fields that keep others out of it', async () => {
      const { status, body, headers } = await get('/a?b=c%20d&e', 'GET', { cookie: 'x=1; y="2" ; x=3' })
      expect({ status, body }).toEqual({ status: 303, body: '<p>over there' })
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'",
        'content-type': 'text/html; charset=utf-8',
        location: 'https://idp.test/',
        'referrer-policy': 'no-referrer',
        'set-cookie': ['a=1', 'b=2'],
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      })
      expect(seen).toMatchObject([{ method: 'GET', path: '/a', fetchSite: undefined }])
      expect([...(seen[0]?.query ?? [])]).toEqual([
        ['b', 'c d'],
        ['e', ''],
      ])
      expect([...(seen[0]?.cookies ?? [])]).toEqual([
        ['x', '1'],
        ['y', '"2"'],
      ])
      expect(seen[0] && formatIpAddress(seen[0].remote.address)).toBe('127.0.0.1')
    })

    test('may send a form, and says where it came from', async () => {
      const fields = { ...FORM, 'sec-fetch-site': 'cross-site' }
      expect((await get('/a', 'POST', fields, 'token=a%2Bb')).status).toBe(303)
      expect(seen).toMatchObject([{ method: 'POST', fetchSite: 'cross-site' }])
      expect(seen[0]?.form.get('token')).toBe('a+b')
    })

    test.each([
      ['one that is too long', FORM, `token=${'x'.repeat(FORM_BYTES)}`],
      ['one of another type', { 'content-type': 'application/json' }, '{}'],
      ['one of no type', {}, 'token=a'],
    ])('is refused %s', async (_what, fields, form) => {
      expect(await get('/a', 'POST', fields, form)).toMatchObject({
        status: 413,
        headers: { connection: 'close' },
      })
      expect(seen).toEqual([])
    })

    test('is refused a form that ends before it is whole, without a defect', async () => {
      const client = await site.connect()
      client.end(
        `POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: ${FORM['content-type']}\r\nContent-Length: 9\r\n\r\na`,
      )
      await everything(client)
      await eventually(() => site.sockets.size === 0)
      expect([seen, site.defects]).toEqual([[], []])
    })

    test.each(['HEAD', 'PUT', 'OPTIONS', 'TRACE'])('is told that %s is not allowed', async method => {
      expect(await get('/a', method)).toMatchObject({ status: 405, headers: { allow: 'GET, POST' } })
      expect(seen).toEqual([])
    })

    test('is told nothing of a defect, which the gateway is told', async () => {
      const defect = new Error('a secret')
      site.routes = () => ({ methods: ['GET'], answer: () => Promise.reject(defect) })
      expect(await get('/a')).toMatchObject({ status: 500, body: 'the gateway has a fault\n' })
      expect(site.defects).toEqual([defect])
    })
  })

  test('that offers h2 and TLS 1.3 gets TLS 1.2, and no protocol is chosen', async () => {
    const client = await site.connect({ ALPNProtocols: ['h2', 'http/1.1'] })
    expect(client.alpnProtocol).toBe(false)
    expect(client.getProtocol()).toBe('TLSv1.2')
  })

  test('that says no HTTP is closed', async () => {
    const client = await site.connect()
    client.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    expect(await everything(client)).toBe('')
  })

  test('has its head bounded', async () => {
    const client = await site.connect()
    client.write(`GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`)
    expect(await everything(client)).toBe('')
  })
})

describe('what it is that ended before a request is told', () => {
  test('a client that does not trust the certificate', async () => {
    const client = site.dial({ ca: [] })
    await gone(client)
    await eventually(() => site.refusals.length === 1)
  })

  test('a client that has only other TLS', async () => {
    const client = site.dial({ minVersion: 'TLSv1.3' })
    await gone(client)
    await eventually(() => site.refusals.length === 1)
    expect(site.refusals).toEqual([expect.stringMatching(/^wrong version/)])
  })

  test('a hello that is none', async () => {
    const client = site.watch(connect(site.port, '127.0.0.1'))
    client.write(Uint8Array.of(0x16, 3, 1, 0, 3, 1, 2, 0))
    expect(await everything(client)).toBe('')
    expect(site.refusals).toEqual(['no TLS hello, or one that is too long'])
  })

  test('a peer that leaves', async () => {
    const client = await site.connect()
    client.destroy()
    await eventually(() => site.refusals.length === 1)
    expect(site.refusals[0]).toContain('after the TLS handshake')
  })
})

test('a close ends what is held, not the calls, and takes nothing more', async () => {
  await openCall()
  const silent = await site.connect()
  const browser = await site.connect()
  browser.write('GET / HTTP/1.1\r\nHost: gateway.test\r\n\r\n')
  await answered(browser)
  const closed = Promise.all([gone(silent), gone(browser)])
  site.terminator.close()
  await closed
  expect(site.sockets.size).toBe(1)
  const late = site.watch(connect(site.port, '127.0.0.1'))
  late.write(Uint8Array.of(0x16, 3, 1))
  await gone(late)
})
