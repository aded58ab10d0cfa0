import { PERFECT_LINK } from '@causeway/netsim'
import { describe, expect, it } from 'vitest'
import { connect, createDuo } from './testing/duo.suite.ts'
import { dataPasses } from './testing/surroundings.ts'
import { METADATA, WRAPS, wrapOptions } from './testing/wraps.suite.ts'
import { OPCODES, peekOpcode } from './wire/opcode.ts'

/** What went over the link, by opcode. */
const opcodes = (sent: readonly Uint8Array[]): number[] => sent.map(peekOpcode)

describe('connecting', () => {
  for (const wrap of WRAPS) {
    it.each(['udp', 'stream'] as const)(`agrees on keys with wrap ${wrap} over %s`, transport => {
      const duo = createDuo({ ...wrapOptions(wrap), transport })
      expect(connect(duo)).toBe(true)
      const { clientSide, serverSide, server } = duo
      expect(dataPasses(clientSide.flow, serverSide.flow)).toBe(true)
      expect(dataPasses(serverSide.flow, clientSide.flow)).toBe(true)
      expect(serverSide.eventsOf('established')).toMatchObject([{ cipher: 'AES-256-GCM', wrap }])
      expect(clientSide.eventsOf('established')).toMatchObject([{ cipher: 'AES-256-GCM', wrap }])
      expect([server.sessionCount, server.halfOpenCount]).toEqual([1, 0])
      expect(serverSide.flow.peerId).toBe(clientSide.flow.peerId)
    })
  }

  // client                                server
  // HARD_RESET_CLIENT_V2 id 0  ────────▶  keeps nothing
  //                            ◀────────  HARD_RESET_SERVER_V2 id 0, session id = cookie
  // CONTROL id 1, ack 0, cookie ───────▶  session begins
  it('costs the server nothing before the cookie comes back', () => {
    const duo = createDuo()
    const { pair, server, serverSide } = duo
    serverSide.recordsSent = true
    pair.a.command({ type: 'connect', path: duo.clientPath })
    pair.advance(2 * PERFECT_LINK.delayMilliseconds - 1)
    expect(opcodes(serverSide.sent)).toEqual([OPCODES.HARD_RESET_SERVER_V2])
    expect([server.sessionCount, server.halfOpenCount, server.nextTimeout()]).toEqual([0, 0, undefined])
    pair.advance(2 * PERFECT_LINK.delayMilliseconds)
    expect([server.sessionCount, server.halfOpenCount]).toEqual([0, 1])
  })

  // client                                  server
  // HARD_RESET_CLIENT_V3 + WKc  ─────────▶  keeps nothing
  //                             ◀─────────  HARD_RESET_SERVER_V2, TLV resend WKc, ack 0
  // CONTROL_WKC_V1 id 1 + WKc   ─────────▶  session begins with the client's key
  it('has a tls-crypt-v2 client send its wrapped key twice', () => {
    const duo = createDuo(wrapOptions('tls-crypt-v2'))
    duo.clientSide.recordsSent = true
    expect(connect(duo)).toBe(true)
    const sent = opcodes(duo.clientSide.sent)
    expect(sent.slice(0, 2)).toEqual([OPCODES.HARD_RESET_CLIENT_V3, OPCODES.CONTROL_WKC_V1])
    const [request] = duo.serverSide.requests
    expect(request).toMatchObject({ type: 'authenticate', wrapMetadata: Uint8Array.of(0, ...METADATA) })
  })

  it.each(WRAPS)('never answers with more than it was asked, wrap %s', wrap => {
    const duo = createDuo(wrapOptions(wrap))
    duo.clientSide.recordsSent = true
    duo.serverSide.recordsSent = true
    duo.pair.a.command({ type: 'connect', path: duo.clientPath })
    duo.pair.run(() => duo.serverSide.sent.length > 0, 1000)
    const [request] = duo.clientSide.sent as [Uint8Array]
    const [answer] = duo.serverSide.sent as [Uint8Array]
    expect(answer.length).toBeLessThanOrEqual(request.length)
  })

  it('keeps every control packet within 1,200 bytes', () => {
    for (const wrap of WRAPS) {
      const duo = createDuo(wrapOptions(wrap))
      duo.clientSide.recordsSent = true
      duo.serverSide.recordsSent = true
      expect(connect(duo)).toBe(true)
      const sizes = [...duo.clientSide.sent, ...duo.serverSide.sent].map(bytes => bytes.length)
      expect(Math.max(...sizes)).toBeLessThanOrEqual(1200)
      expect(Math.max(...sizes)).toBeGreaterThan(1100)
    }
  })

  it.each([2300, 8192, 16_384, 60_000])('carries a password of %i and a name of 1,024 bytes', length => {
    const credentials = { username: 'n'.repeat(1024), password: 'token'.repeat(12_000).slice(0, length) }
    const duo = createDuo({ client: { credentials } })
    expect(connect(duo)).toBe(true)
    expect(duo.serverSide.requests[0]).toMatchObject(credentials)
  })

  it('ends at the client when no server answers', () => {
    const duo = createDuo({ link: { ...PERFECT_LINK, loss: 1 } })
    expect(connect(duo)).toBe(false)
    expect(duo.clientSide.eventsOf('refused')).toMatchObject([{ reason: 'connecting took too long' }])
    expect(duo.client.sessionCount).toBe(0)
  })

  it('is refused when the client has another key', () => {
    const duo = createDuo({ server: wrapOptions('tls-crypt').server, client: wrapOptions('tls-auth').client })
    expect(connect(duo)).toBe(false)
    expect(duo.serverSide.eventsOf('dropped')[0]).toMatchObject({ reason: 'first packet: no-wrap' })
    expect(duo.server.halfOpenCount).toBe(0)
  })
})
