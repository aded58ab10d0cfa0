import { describe, expect, it } from 'vitest'
import { EXIT_NOTICE } from './session/exit-notice.ts'
import { connect, createDuo, type Duo, type DuoOptions } from './testing/duo.suite.ts'

function connected(options: DuoOptions = {}): Duo {
  const duo = createDuo(options)
  expect(connect(duo)).toBe(true)
  return duo
}

function expectNothingLeft({ client, server, clientSide, serverSide }: Duo): void {
  expect([client.sessionCount, server.sessionCount, server.halfOpenCount]).toEqual([0, 0, 0])
  expect([clientSide.flows.size, serverSide.flows.size]).toEqual([0, 0])
  expect([clientSide.tls.size, serverSide.tls.size, server.tlsCount]).toEqual([0, 0, 0])
}

describe('ending a session', () => {
  it.each([
    ['halt', 'the server ended the session: enough'],
    ['restart', 'the server asks to connect again: enough'],
    ['auth-failed', 'authentication failed: enough'],
  ] as const)('the server says %s', (manner, reason) => {
    const duo = connected()
    duo.pair.b.command({ type: 'disconnect', session: 1, manner, reason: 'enough' })
    duo.pair.advance(1)
    expect(duo.serverSide.flows.size).toBe(0)
    duo.pair.advance(1000)
    expect(duo.serverSide.eventsOf('closed')).toEqual([{ type: 'closed', reason: 'enough', byPeer: false }])
    expect(duo.clientSide.eventsOf('closed')).toEqual([{ type: 'closed', reason, byPeer: true }])
    duo.pair.advance(5000)
    expectNothingLeft(duo)
  })

  // client                               server
  // TLS: EXIT                ─────────▶  closed by peer
  //                          ◀─────────  ACK
  it('the client leaves with EXIT, which is acknowledged', () => {
    const duo = connected()
    duo.pair.a.command({ type: 'disconnect', session: 1, manner: 'halt', reason: 'home' })
    duo.pair.advance(1000)
    expect(duo.serverSide.eventsOf('closed')).toMatchObject([{ reason: 'the client left', byPeer: true }])
    expectNothingLeft(duo)
    expect(duo.clientSide.inband).toEqual([])
  })

  it('an old client leaves with a notice inside the data channel', () => {
    const duo = connected({ client: { peerInfo: new Map([['IV_PROTO', '2']]) } })
    duo.pair.a.command({ type: 'disconnect', session: 1, manner: 'halt', reason: 'home' })
    duo.pair.advance(10)
    expect(duo.clientSide.inband).toEqual([EXIT_NOTICE])
    duo.pair.b.command({ type: 'inband', session: 1, payload: Uint8Array.of(1, 2, 3) })
    duo.pair.advance(10)
    expect(duo.server.sessionCount).toBe(1)
    duo.pair.b.command({ type: 'inband', session: 1, payload: EXIT_NOTICE })
    duo.pair.advance(10)
    expect(duo.serverSide.eventsOf('closed')).toMatchObject([{ byPeer: true }])
    expectNothingLeft(duo)
  })

  // client                               server
  // SOFT_RESET key 1         ─────────▶  OpenVPN reads messages of key 1 only, and that has no TLS yet
  // data: exit notice        ─────────▶  closed by peer
  // TLS of key 0: EXIT       ─────────▶  (for a server that still reads key 0)
  it('a client that leaves while a key is being negotiated says so in both ways', () => {
    const duo = connected()
    duo.pair.advance(5000)
    duo.pair.a.command({ type: 'renegotiate', session: 1 })
    duo.pair.a.command({ type: 'disconnect', session: 1, manner: 'halt', reason: 'home' })
    duo.pair.advance(1000)
    expect(duo.clientSide.inband).toEqual([EXIT_NOTICE])
    expect(duo.serverSide.eventsOf('closed')).toMatchObject([{ reason: 'the client left', byPeer: true }])
    duo.pair.advance(3000)
    expectNothingLeft(duo)
  })

  it('an idle session is closed', () => {
    const duo = connected()
    duo.pair.b.command({ type: 'idle', session: 1 })
    duo.pair.a.command({ type: 'idle', session: 1 })
    duo.pair.advance(10)
    expect(duo.serverSide.eventsOf('closed')).toMatchObject([{ reason: 'nothing was heard for too long' }])
    expectNothingLeft(duo)
  })

  it('a session ends with its stream, which need not be closed again', () => {
    const duo = connected({ transport: 'stream' })
    duo.pair.b.command({ type: 'stream-closed', stream: 1 })
    duo.pair.a.command({ type: 'stream-closed', stream: 1 })
    duo.pair.advance(10)
    expect(duo.serverSide.eventsOf('closed')).toMatchObject([
      { reason: 'the connection ended', byPeer: true },
    ])
    expect(duo.serverSide.closedStreams).toEqual([])
    expectNothingLeft(duo)
  })

  it('a stream is closed once its last message is acknowledged', () => {
    const duo = connected({ transport: 'stream' })
    duo.pair.b.command({ type: 'disconnect', session: 1, manner: 'halt', reason: 'enough' })
    duo.pair.advance(1000)
    expect(duo.serverSide.closedStreams).toEqual([1])
    expectNothingLeft(duo)
  })

  it('a session whose client answers nothing is given up', () => {
    const duo = connected()
    duo.pair.a.link.options = { ...duo.pair.a.link.options, loss: 1 }
    duo.pair.b.command({ type: 'disconnect', session: 1, manner: 'halt', reason: 'enough' })
    duo.pair.advance(3000)
    expect(duo.server.sessionCount).toBe(0)
  })
})

describe('a client that comes again from the same address and port', () => {
  // client                               server
  // session 1 is live
  // HARD_RESET, new session id ───────▶  session 1 goes on
  // TLS, key method 2        ◀────────▶
  //                                      authenticated: session 1 ends, session 2 opens its flow
  it('replaces its session only when it is authenticated', () => {
    const duo = connected()
    const { pair, server, serverSide, clientPath } = duo
    pair.a.command({ type: 'connect', path: clientPath })
    pair.run(() => server.halfOpenCount === 1, 1000)
    expect([...serverSide.flows.keys()]).toEqual([1])
    pair.run(() => serverSide.flows.has(2), 5000)
    expect([...serverSide.flows.keys()]).toEqual([2])
    expect(serverSide.eventsOf('closed')).toMatchObject([
      { reason: 'a new session from the same address replaced it', byPeer: true },
    ])
    expect([server.sessionCount, server.halfOpenCount]).toEqual([1, 0])
  })

  it('is found again after its address has changed', () => {
    const duo = connected()
    const remote = { ...duo.serverPath.remote, port: 50_000 }
    duo.pair.b.command({ type: 'moved', session: 1, path: { type: 'udp', port: 1, remote } })
    duo.pair.advance(10)
    expect(duo.serverSide.eventsOf('moved')).toHaveLength(1)
    const ports = new Set<number>()
    duo.server.handleCommand({ type: 'renegotiate', session: 1 }, duo.pair.clock.now + 10_000)
    for (let output = duo.server.poll(); output; output = duo.server.poll())
      if (output.type === 'send') ports.add(output.path.remote.port)
    expect([...ports]).toEqual([50_000])
  })
})
