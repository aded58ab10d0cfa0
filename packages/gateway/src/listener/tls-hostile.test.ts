import { connect } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually, OPENING, type TlsPort, tlsPort } from './tls-port.suite.ts'

let site: TlsPort

beforeEach(async () => {
  site = await tlsPort()
})
afterEach(() => site.stop())

const GET = 'GET / HTTP/1.1\r\nHost: gateway.test\r\n\r\n'
const POST = 'POST / HTTP/1.1\r\nHost: gateway.test\r\nContent-Length: 100000\r\n\r\n'
const SAYINGS: readonly string[] = [
  GET,
  GET.repeat(40),
  POST,
  `${POST}${'x'.repeat(50_000)}`,
  'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n',
  'GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n',
  '\0'.repeat(100),
  'SSTP_DUPLEX_POST / HTTP/1.1\r\n\r\n',
  OPENING,
  `${OPENING}\u0010\u0001`,
  `${OPENING}not SSTP`,
]

test.each(['reset', 'end', 'destroy'] as const)(
  'whatever is said before a %s, nothing is left',
  async way => {
    const rounds = SAYINGS.flatMap(saying => [0, 1, 3].map(wait => ({ saying, wait })))
    await Promise.all(rounds.map(({ saying, wait }) => sayAndLeave(saying, wait, way)))
    await eventually(() => site.sockets.size === 0 && site.closed.length === site.calls.length)
    expect(site.calls.length).toBeGreaterThan(0)
  },
)

async function sayAndLeave(saying: string, wait: number, way: 'reset' | 'end' | 'destroy'): Promise<void> {
  const raw = site.watch(connect(site.port, '127.0.0.1'))
  const tls: TLSSocket = site.watch(connectTls({ socket: raw, rejectUnauthorized: false }))
  await new Promise(resolve => tls.once('secureConnect', resolve))
  tls.write(saying, 'latin1')
  await new Promise(resolve => setTimeout(resolve, wait))
  if (way === 'reset') raw.resetAndDestroy()
  if (way === 'end') tls.end()
  if (way === 'destroy') raw.destroy()
}
