import { describe, expect, it } from 'vitest'
import { authenticated, Bench, CALL, IPV4_OPENED, LINK_OPENED, REQUEST } from '../testing/bench.suite.ts'
import type { SstpMessage } from '../wire/message.ts'
import { writeControlPacket } from '../wire/packet.ts'

const DISCONNECT: SstpMessage = { type: 'call-disconnect' }
const ACK: SstpMessage = { type: 'call-disconnect-ack' }
const ABORT: SstpMessage = {
  type: 'call-abort',
  status: { attribute: 2, status: 7, value: new Uint8Array(0) },
}
const LINK_CLOSED = { type: 'closed', reason: 'gone', byPeer: true, refused: false } as const

const connected = (role: 'server' | 'client' = 'server') => new Bench(role).toConnected().forget()
const disconnect = (bench: Bench) => bench.command({ type: 'disconnect', call: CALL, reason: 'enough' })

describe.each(['server', 'client'] as const)('a %s that disconnects', role => {
  it('ends user data at once, then PPP, then the call', () => {
    const bench = disconnect(connected(role))
    expect(bench.story).toEqual(['close-flow'])
    expect(bench.link.commands.at(-1)).toEqual({ type: 'close', reason: 'enough' })
    bench.linkSays({ ...LINK_CLOSED, byPeer: false })
    expect(bench.sent).toEqual(['call-disconnect'])
    expect(bench.messages).toMatchObject([{ status: { attribute: 0, status: 0 } }])
    bench.receive(ACK)
    expect(bench.story.slice(2)).toEqual(['closed', 'close-connection'])
    expect(bench.closed).toMatchObject({ reason: 'enough', byPeer: false, refused: false })
    expect(bench.engine.sizes).toEqual({ calls: 0, deadlines: expect.any(Number), requests: 0 })
  })

  it('does not wait long for a PPP that does not end, nor for an answer that does not come', () => {
    const bench = disconnect(connected(role)).wait(1_999)
    expect(bench.sent).toEqual([])
    expect(bench.wait(1).sent).toEqual(['call-disconnect'])
    expect(bench.link.commands.at(-1)).toEqual({ type: 'down', reason: 'enough' })
    expect(bench.wait(4_999).closed).toBeUndefined()
    expect(bench.wait(1).story.slice(-2)).toEqual(['closed', 'close-connection'])
  })

  it('before PPP has begun does so at once', () => {
    const bench = disconnect(new Bench(role).open().forget())
    expect(bench.sent).toEqual(['call-disconnect'])
    bench.receive(ACK)
    expect(bench.closed).toMatchObject({ reason: 'enough' })
  })

  it('answers echoes until PPP has ended, and then nothing', () => {
    const bench = disconnect(connected(role)).receive({ type: 'echo-request' })
    expect(bench.sent).toEqual(['echo-response'])
    bench.linkSays(LINK_CLOSED).forget()
    bench.receive({ type: 'echo-request' }).receive({ type: 'echo-response' }).frame(0xc0, 0x21)
    expect(bench.outputs).toEqual([])
  })

  it('is not bound any more by an authentication that ends meanwhile', () => {
    const bench = new Bench(role).toBinding()
    if (role === 'server') bench.receive(bench.callConnected())
    disconnect(bench.forget()).linkSays(LINK_OPENED, authenticated(), IPV4_OPENED)
    expect(bench.story).toEqual(['authenticated'])
    expect(bench.wait(2_000).sent).toEqual(['call-disconnect'])
  })

  it('is not disturbed by being asked twice', () => {
    const bench = disconnect(disconnect(connected(role)))
    expect(bench.link.commands.filter(({ type }) => type === 'close')).toHaveLength(1)
    disconnect(bench.linkSays(LINK_CLOSED))
    expect(bench.sent).toEqual(['call-disconnect'])
  })
})

describe('a peer that disconnects', () => {
  it('is answered, and closes the connection within a second or is closed', () => {
    const bench = connected().receive(DISCONNECT)
    expect(bench.story).toEqual(['close-flow', 'call-disconnect-ack'])
    expect(bench.link.commands.at(-1)).toMatchObject({ type: 'down' })
    expect(bench.wait(999).closed).toBeUndefined()
    bench.wait(1)
    expect(bench.closed).toMatchObject({ reason: 'disconnected by the peer', byPeer: true, refused: false })
    expect(bench.story.at(-1)).toBe('close-connection')
  })

  it('may close the connection itself', () => {
    const bench = connected().receive(DISCONNECT)
    bench.command({ type: 'connection-closed', call: CALL, reason: 'end of stream' })
    expect(bench.story.at(-1)).toBe('closed')
    expect(bench.closed).toMatchObject({ reason: 'disconnected by the peer', byPeer: true })
    expect(bench.engine.sizes.calls).toBe(0)
  })

  it.each(['opening', 'binding'])('is answered while %s', stage => {
    const bench = new Bench('server').open()
    if (stage === 'binding') bench.receive(REQUEST)
    bench.forget().receive(DISCONNECT)
    expect(bench.sent).toEqual(['call-disconnect-ack'])
  })

  it('is answered when both do at once (crossed), and each ends', () => {
    const bench = disconnect(connected()).linkSays(LINK_CLOSED).receive(DISCONNECT)
    expect(bench.sent).toEqual(['call-disconnect', 'call-disconnect-ack'])
    // The answer to ours, which crossed theirs, changes nothing.
    bench.receive(ACK).receive(DISCONNECT)
    expect(bench.sent).toHaveLength(2)
    expect(bench.wait(1_000).closed).toMatchObject({ reason: 'enough', byPeer: false })
  })

  it('by PPP alone is disconnected from', () => {
    const bench = connected().linkSays(LINK_CLOSED)
    expect(bench.story).toEqual(['close-flow', 'call-disconnect'])
    bench.receive(ACK)
    expect(bench.closed).toMatchObject({ reason: 'gone', byPeer: true })
  })

  it('was refused by PPP: the call says so', () => {
    const bench = new Bench('server').toBinding().forget()
    bench.linkSays({ type: 'closed', reason: 'no such user', byPeer: false, refused: true })
    expect(bench.sent).toEqual(['call-disconnect'])
    expect(bench.wait(5_000).closed).toMatchObject({ reason: 'no such user', refused: true })
    // Once user data has passed, nobody is refused.
    const late = connected().linkSays({ type: 'closed', reason: 'LCP anew', byPeer: false, refused: true })
    expect(late.wait(5_000).closed).toMatchObject({ reason: 'LCP anew', refused: false })
  })
})

describe('an abort', () => {
  it('of the peer is answered, and the call ends a second later', () => {
    const bench = connected().receive(ABORT)
    expect(bench.story).toEqual(['close-flow', 'call-abort 0 NO_ERROR'])
    expect(bench.wait(999).closed).toBeUndefined()
    expect(bench.wait(1).closed).toMatchObject({
      reason: 'aborted by the peer: INVALID_FRAME_RECEIVED',
      byPeer: true,
      refused: false,
    })
  })

  it('of the peer counts even when its attributes do not', () => {
    const bench = connected().receive(Uint8Array.of(0x10, 1, 0, 12, 0, 5, 0, 1, 0, 9, 0, 4))
    expect(bench.wait(1_000).closed).toMatchObject({ reason: 'aborted by the peer', byPeer: true })
  })

  it('of ours waits three seconds for an answer, and one more with it', () => {
    const silent = connected().receive(REQUEST)
    expect(silent.sent).toEqual(['call-abort 2 UNACCEPTED_FRAME_RECEIVED'])
    expect(silent.wait(2_999).closed).toBeUndefined()
    expect(silent.wait(1).closed).toMatchObject({ reason: 'unexpected call-connect-request', refused: false })
    const answering = connected().receive(REQUEST).wait(2_900).receive(ABORT)
    expect(answering.sent).toHaveLength(1)
    expect(answering.wait(999).closed).toBeUndefined()
    expect(answering.wait(1).closed).toMatchObject({ reason: 'unexpected call-connect-request' })
  })

  it('ignores whatever else comes', () => {
    const bench = connected().receive(REQUEST).forget()
    for (const type of ['echo-request', 'echo-response', 'call-disconnect', 'call-disconnect-ack'] as const) {
      bench.receive({ type })
    }
    bench.receive(Uint8Array.of(0x10, 1, 0, 8, 0, 99, 0, 0)).frame(0xc0, 0x21)
    expect(bench.outputs).toEqual([])
  })

  it('answers a disconnect that was asked of us, once', () => {
    const bench = disconnect(connected()).linkSays(LINK_CLOSED).receive(ABORT).receive(ABORT)
    expect(bench.sent).toEqual(['call-disconnect', 'call-abort 0 NO_ERROR'])
    expect(bench.wait(1_000).closed).toMatchObject({ reason: 'enough', byPeer: false })
  })
})

describe('what is no message', () => {
  it.each([
    ['of no known type', [0x10, 1, 0, 8, 0, 10, 0, 0]],
    ['with attributes that cannot be told apart', [0x10, 1, 0, 12, 0, 8, 0, 1, 0, 2, 0, 9]],
    ['too short', [0x10, 1, 0, 4]],
  ])('%s aborts the call', (_, bytes) => {
    for (const bench of [connected(), new Bench('server').open(), new Bench('client').open().forget()]) {
      bench.receive(Uint8Array.from(bytes))
      expect(bench.sent).toEqual(['call-abort 2 INVALID_FRAME_RECEIVED'])
      expect(bench.wait(3_000).closed).toMatchObject({ reason: 'a malformed message', byPeer: false })
    }
  })

  it.each([[[0x11, 1, 0, 8, 0, 8, 0, 0]], [[0x10, 1, 0, 9, 0, 8, 0, 0]], [[0x10, 1]], [[]]])(
    'has not the header of a packet: the connection is left without a word (%j)',
    bytes => {
      const bench = connected().receive(Uint8Array.from(bytes))
      expect(bench.story).toEqual(['close-flow', 'closed', 'close-connection'])
      expect(bench.closed?.reason).toMatch(/^not SSTP: /)
      expect(bench.closed?.refused).toBe(false)
      const early = new Bench('server').open().receive(Uint8Array.from(bytes))
      expect(early.closed?.refused).toBe(true)
    },
  )
})

describe('a connection that is gone', () => {
  it('ends its call without a word, whatever its stage', () => {
    for (const bench of [connected(), new Bench('server').open(), new Bench('client').toBinding().forget()]) {
      bench.forget().command({ type: 'connection-closed', call: CALL, reason: 'reset' })
      expect(bench.sent).toEqual([])
      expect(bench.story.at(-1)).toBe('closed')
      expect(bench.closed).toMatchObject({ reason: 'reset', byPeer: true, refused: false })
      expect(bench.engine.sizes).toMatchObject({ calls: 0, requests: 0 })
    }
  })

  it('leaves nothing that can be reached', () => {
    const bench = connected().command({ type: 'connection-closed', call: CALL, reason: 'reset' }).forget()
    bench.receive(REQUEST).frame(0xc0, 0x21).wait(1e6)
    disconnect(bench).command({ type: 'connection-closed', call: CALL, reason: 'again' })
    expect(bench.outputs).toEqual([])
  })

  it('is not told of, after its end, what it had dropped before', () => {
    const bench = connected().frame(0, 0x21).frame(0, 0x21)
    expect(bench.events).toEqual([{ type: 'dropped', reason: 'IP beside the flow', count: 1 }])
    bench.command({ type: 'connection-closed', call: CALL, reason: 'reset' }).wait(5_000)
    expect(bench.story.at(-1)).toBe('closed')
    expect(bench.engine.nextTimeout()).toBeUndefined()
  })

  it('takes its link down, whose last words do not count', () => {
    const bench = connected()
    bench.link.will({ type: 'event', event: IPV4_OPENED }, { type: 'send', frame: Uint8Array.of(1) })
    bench.command({ type: 'connection-closed', call: CALL, reason: 'reset' })
    expect(bench.story).toEqual(['close-flow', 'closed'])
    expect(bench.link.commands.at(-1)).toEqual({ type: 'down', reason: 'reset' })
  })
})

describe('messages of the other role', () => {
  it('abort the call', () => {
    for (const type of ['echo-request', 'echo-response', 'call-disconnect-ack'] as const) {
      const bench = new Bench('server').open().receive(writeControlPacket({ type }))
      expect(bench.sent).toEqual(['call-abort 2 UNACCEPTED_FRAME_RECEIVED'])
      expect(bench.wait(3_000).closed).toMatchObject({ reason: `unexpected ${type}`, refused: true })
    }
  })
})
