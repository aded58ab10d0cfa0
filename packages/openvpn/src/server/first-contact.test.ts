import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { parseIpAddress } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import { HANDSHAKE_MS } from '../limits.ts'
import type { Path } from '../path.ts'
import { serverOptions } from '../testing/duo.suite.ts'
import { type ControlPacket, readControlPacket, writeControlPacket } from '../wire/control-packet.ts'
import { OPCODES } from '../wire/opcode.ts'
import { createOpenVpnServer, type OpenVpnServer } from './server.ts'
import type { OpenVpnServerLimits } from './server-options.ts'

const NONE = new Uint8Array()

function from(text: string, port = 1000): Path {
  const address = parseIpAddress(text)
  if (!address) throw new Error('not an address')
  return { type: 'udp', port: 1, remote: { address, port } }
}

const ALICE = from('198.51.100.7')

function newServer(limits: Partial<OpenVpnServerLimits> = {}): OpenVpnServer {
  return createOpenVpnServer({ ...serverOptions(createSeededCrypto(3), () => 1_700_000_000), limits })
}

const clientId = (n: number): Uint8Array => Uint8Array.of(n >> 8, n, 3, 4, 5, 6, 7, 8)

const reset = (id: Uint8Array): ControlPacket => ({
  opcode: OPCODES.HARD_RESET_CLIENT_V2,
  keyId: 0,
  sessionId: id,
  acks: [],
  packetId: 0,
  payload: NONE,
})

const cookiePacket = (
  id: Uint8Array,
  cookie: Uint8Array,
  change: Partial<ControlPacket> = {},
): ControlPacket => ({
  opcode: OPCODES.CONTROL_V1,
  keyId: 0,
  sessionId: id,
  acks: [0],
  remoteSessionId: cookie,
  packetId: 1,
  payload: NONE,
  ...change,
})

/** Hands in a packet; gives the packets sent and the reasons of drops. */
function tell(server: OpenVpnServer, path: Path, packet: ControlPacket, now: number) {
  server.handleDatagram({ path, bytes: writeControlPacket(packet) }, now)
  const sent: ControlPacket[] = []
  const drops: string[] = []
  for (let output = server.poll(); output; output = server.poll()) {
    const parsed = output.type === 'send' ? readControlPacket(output.bytes) : undefined
    if (parsed && 'opcode' in parsed) sent.push(parsed)
    if (output.type === 'event' && output.event.type === 'dropped') drops.push(output.event.reason)
  }
  return { sent, drops }
}

function cookieFor(server: OpenVpnServer, path: Path, id: Uint8Array, now: number): Uint8Array {
  const [answer] = tell(server, path, reset(id), now).sent
  if (!answer) throw new Error('no answer')
  return answer.sessionId
}

describe('the cookie', () => {
  it.each([
    ['CONTROL_V1', { opcode: OPCODES.CONTROL_V1, packetId: 1 }],
    ['a repeated reset', { opcode: OPCODES.HARD_RESET_CLIENT_V2, packetId: 0 }],
  ])('opens a session when it comes back in %s', (_, change) => {
    const server = newServer()
    const cookie = cookieFor(server, ALICE, clientId(1), 0)
    tell(server, ALICE, cookiePacket(clientId(1), cookie, change), 10)
    expect(server.halfOpenCount).toBe(1)
  })

  it('opens a session when it comes back in ACK_V1', () => {
    const server = newServer()
    const cookie = cookieFor(server, ALICE, clientId(1), 0)
    const { packetId: _, ...ack } = cookiePacket(clientId(1), cookie, { opcode: OPCODES.ACK_V1 })
    tell(server, ALICE, ack, 10)
    expect(server.halfOpenCount).toBe(1)
  })

  it('holds for a hand-window', () => {
    const server = newServer()
    const cookie = cookieFor(server, ALICE, clientId(1), 0)
    tell(server, ALICE, cookiePacket(clientId(1), cookie), HANDSHAKE_MS)
    expect(server.halfOpenCount).toBe(1)
  })

  const refused: readonly [
    string,
    (cookie: Uint8Array) => { path?: Path; packet?: ControlPacket; now?: number },
  ][] = [
    [
      'is changed in any byte',
      cookie => ({
        packet: cookiePacket(
          clientId(1),
          cookie.map((b, i) => (i === 7 ? b ^ 1 : b)),
        ),
      }),
    ],
    ['is all zero', () => ({ packet: cookiePacket(clientId(1), new Uint8Array(8)) })],
    ['comes from another address', () => ({ path: from('198.51.100.8') })],
    ['comes from another port', () => ({ path: from('198.51.100.7', 1001) })],
    ['comes with another client session id', cookie => ({ packet: cookiePacket(clientId(2), cookie) })],
    ['is two hand-windows old', () => ({ now: 2 * HANDSHAKE_MS })],
    [
      'comes with a later message',
      cookie => ({ packet: cookiePacket(clientId(1), cookie, { packetId: 2 }) }),
    ],
    [
      'acknowledges what was never sent',
      cookie => ({ packet: cookiePacket(clientId(1), cookie, { acks: [5] }) }),
    ],
    ['comes with a later key id', cookie => ({ packet: cookiePacket(clientId(1), cookie, { keyId: 1 }) })],
    [
      'comes in a soft reset',
      cookie => ({
        packet: cookiePacket(clientId(1), cookie, { opcode: OPCODES.SOFT_RESET_V1, packetId: 0 }),
      }),
    ],
  ]
  it.each(refused)('opens nothing when it %s', (_, change) => {
    const server = newServer()
    const cookie = cookieFor(server, ALICE, clientId(1), 0)
    const { path = ALICE, packet = cookiePacket(clientId(1), cookie), now = 10 } = change(cookie)
    expect(tell(server, path, packet, now).drops).toHaveLength(1)
    expect([server.halfOpenCount, server.tlsCount]).toEqual([0, 0])
  })
})

describe('bounds before authentication', () => {
  const open = (server: OpenVpnServer, path: Path, n: number): void => {
    tell(server, path, cookiePacket(clientId(n), cookieFor(server, path, clientId(n), 0)), 1)
  }

  it('hold half-open sessions from one network', () => {
    const server = newServer({ halfOpenPerPrefix: 3 })
    for (let n = 1; n <= 5; n++) open(server, from(`198.51.100.${n}`), n)
    expect(server.halfOpenCount).toBe(3)
    open(server, from('203.0.113.1'), 9)
    expect(server.halfOpenCount).toBe(4)
  })

  it('hold half-open sessions from one IPv6 /64', () => {
    const server = newServer({ halfOpenPerPrefix: 1 })
    open(server, from('2001:db8::1'), 1)
    open(server, from('2001:db8::2'), 2)
    expect(server.halfOpenCount).toBe(1)
    open(server, from('2001:db8:0:1::1'), 3)
    expect(server.halfOpenCount).toBe(2)
  })

  it('hold half-open sessions in total', () => {
    const server = newServer({ halfOpenTotal: 2 })
    for (let n = 1; n <= 5; n++) open(server, from(`10.${n}.0.1`), n)
    expect(server.halfOpenCount).toBe(2)
  })

  it('hold sessions of one address and port', () => {
    const server = newServer()
    for (let n = 1; n <= 5; n++) open(server, ALICE, n)
    expect(server.halfOpenCount).toBe(3)
  })

  it('give room again when handshakes run out of time', () => {
    const server = newServer({ halfOpenTotal: 1 })
    open(server, ALICE, 1)
    server.handleTimeout(HANDSHAKE_MS + 10)
    expect(server.halfOpenCount).toBe(0)
  })

  it('hold answers to resets, per network and in total', () => {
    const perPrefix = newServer({ resetRepliesPerPrefix: 2 })
    const total = newServer({ resetRepliesPerSecond: 2 })
    const answers = (server: OpenVpnServer, path: (n: number) => Path): number =>
      [1, 2, 3, 4].reduce((sum, n) => sum + tell(server, path(n), reset(clientId(n)), 0).sent.length, 0)
    expect(answers(perPrefix, () => ALICE)).toBe(2)
    expect(answers(perPrefix, n => from(`10.${n}.0.1`))).toBe(4)
    expect(answers(total, n => from(`10.${n}.0.1`))).toBe(2)
    expect(tell(total, ALICE, reset(clientId(9)), 1000).sent).toHaveLength(1)
  })

  it('close a stream that does not begin with a reset', () => {
    const server = newServer()
    const path: Path = { type: 'stream', stream: 5, remote: ALICE.remote }
    server.handleDatagram({ path, bytes: writeControlPacket(cookiePacket(clientId(1), clientId(2))) }, 0)
    const outputs = []
    for (let output = server.poll(); output; output = server.poll()) outputs.push(output)
    expect(outputs).toContainEqual({ type: 'close-stream', stream: 5 })
  })
})

describe('drops', () => {
  it('are told once a second and reason, with their number', () => {
    const server = newServer()
    const drops: number[] = []
    const collect = (): void => {
      for (let output = server.poll(); output; output = server.poll())
        if (output.type === 'event' && output.event.type === 'dropped') drops.push(output.event.count)
    }
    for (let i = 0; i < 50; i++) {
      server.handleDatagram({ path: ALICE, bytes: NONE }, i)
      collect()
    }
    server.handleTimeout(1000)
    collect()
    expect(drops).toEqual([1, 49])
  })
})
