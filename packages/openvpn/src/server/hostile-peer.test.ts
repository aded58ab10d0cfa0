import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { parseIpAddress } from '@causeway/wire'
import { describe, expect, it } from 'vitest'
import { AUTHENTICATION_MS, KEY_EXPIRY_MS, KEY_SELECT_DELAY_MS, RENEGOTIATION_RETRY_MS } from '../limits.ts'
import type { OpenVpnOutput, OpenVpnRequest } from '../output.ts'
import type { Path } from '../path.ts'
import { connect, createDuo, type Duo, type DuoOptions, letIn, serverOptions } from '../testing/duo.suite.ts'
import { dataPasses } from '../testing/surroundings.ts'
import { wrapOptions } from '../testing/wraps.suite.ts'
import { type ControlPacket, readControlPacket, writeControlPacket } from '../wire/control-packet.ts'
import { OPCODES } from '../wire/opcode.ts'
import { createOpenVpnServer, type OpenVpnServer } from './server.ts'

const NONE = new Uint8Array()
const ATTACKER_ID = Uint8Array.of(6, 6, 6, 6, 6, 6, 6, 6)

function connected(options: DuoOptions = {}): Duo {
  const duo = createDuo(options)
  duo.clientSide.recordsSent = true
  expect(connect(duo)).toBe(true)
  duo.pair.advance(5000)
  return duo
}

const reset = (sessionId: Uint8Array): ControlPacket => ({
  opcode: OPCODES.HARD_RESET_CLIENT_V2,
  keyId: 0,
  sessionId,
  acks: [],
  packetId: 0,
  payload: NONE,
})

/** A packet that says it comes from the victim's address and port. */
function spoof({ server, serverPath, pair }: Duo, packet: ControlPacket): void {
  server.handleDatagram({ path: serverPath, bytes: writeControlPacket(packet) }, pair.clock.now)
  pair.advance(10)
}

/** The session is the same, data passes, and a new key can be negotiated. */
function expectUndisturbed(duo: Duo): void {
  const { server, serverSide, clientSide, pair } = duo
  expect([...serverSide.flows.keys(), server.sessionCount, server.halfOpenCount]).toEqual([1, 1, 0])
  expect(serverSide.eventsOf('closed')).toEqual([])
  pair.advance(5000)
  pair.a.command({ type: 'renegotiate', session: 1 })
  pair.advance(KEY_SELECT_DELAY_MS + 2000)
  expect([clientSide.flow.selected, serverSide.flow.selected]).toEqual([1, 1])
  expect(dataPasses(clientSide.flow, serverSide.flow)).toBe(true)
}

function outputsOf(server: OpenVpnServer): OpenVpnOutput[] {
  const outputs: OpenVpnOutput[] = []
  for (let output = server.poll(); output; output = server.poll()) outputs.push(output)
  return outputs
}

describe('spoofed packets from the address of a live client', () => {
  it('resets of a new session change nothing', () => {
    const duo = connected()
    for (let i = 0; i < 50; i++) spoof(duo, reset(Uint8Array.of(i, 6, 6, 6, 6, 6, 6, 6)))
    expectUndisturbed(duo)
  })

  it('resets with the session id that was overheard change nothing', () => {
    const duo = connected()
    const heard = readControlPacket(duo.clientSide.sent[0] as Uint8Array)
    if (!('opcode' in heard)) throw new Error('not a control packet')
    for (let i = 0; i < 50; i++) spoof(duo, reset(heard.sessionId))
    for (const keyId of [1, 2, 7] as const) spoof(duo, { ...reset(heard.sessionId), keyId })
    expectUndisturbed(duo)
  })

  it('what should bring a cookie back opens no session', () => {
    const duo = connected()
    const remoteSessionId = ATTACKER_ID
    spoof(duo, { ...reset(ATTACKER_ID), opcode: OPCODES.CONTROL_V1, acks: [0], packetId: 1, remoteSessionId })
    expectUndisturbed(duo)
  })
})

describe('a client that lets no key negotiation succeed', () => {
  it('is sent away when the key in use should long have been replaced', () => {
    const duo = connected({ server: { renegotiationSeconds: 600 } })
    duo.pair.a.link.options = { ...duo.pair.a.link.options, loss: 1 }
    duo.pair.advance(KEY_EXPIRY_MS)
    expect(duo.serverSide.flow.selected).toBe(0)
    duo.pair.advance(600_000)
    expect(duo.serverSide.eventsOf('closed')).toEqual([
      { type: 'closed', reason: 'the client let no key negotiation succeed', byPeer: false },
    ])
    expect([duo.server.sessionCount, duo.server.tlsCount]).toEqual([0, 0])
  })

  it('is asked again soon, and keeps its session when one succeeds', () => {
    const duo = connected()
    const perfect = duo.pair.b.link.options
    duo.pair.b.link.options = { ...perfect, loss: 1 }
    duo.pair.b.command({ type: 'soft-limit', session: 1, keyId: 0 })
    duo.pair.advance(70_000)
    duo.pair.b.link.options = perfect
    expect(duo.serverSide.flow.selected).toBe(0)
    duo.pair.advance(RENEGOTIATION_RETRY_MS)
    expect(duo.serverSide.flow.selected).toBe(1)
    duo.pair.advance(KEY_EXPIRY_MS + 10_000)
    expect(duo.server.sessionCount).toBe(1)
  })

  it('whose TLS fails while the outside decides is not refused for the decision that never came', () => {
    let asked = 0
    const decide = (request: OpenVpnRequest) =>
      request.type === 'authenticate' && ++asked === 2 ? undefined : letIn(request)
    const duo = connected({ decide })
    duo.pair.b.command({ type: 'renegotiate', session: 1 })
    duo.pair.run(() => asked === 2, 10_000)
    const tls = Math.max(...duo.serverSide.tls.keys())
    duo.pair.b.command({ type: 'tls-failed', tls, reason: 'bad record' })
    duo.pair.advance(AUTHENTICATION_MS + 1000)
    expect(duo.serverSide.eventsOf('closed')).toEqual([])
  })
})

describe('an old tls-crypt-v2 client, whose reset opens a session at once', () => {
  const { server: options, client } = wrapOptions('tls-crypt-v2')
  const wrap = client.wrap as NonNullable<typeof client.wrap>
  const address = parseIpAddress('198.51.100.7') as NonNullable<ReturnType<typeof parseIpAddress>>
  const path: Path = { type: 'udp', port: 1, remote: { address, port: 1000 } }

  it('has no TLS before it has repeated the id that was sent to its address', () => {
    const server = createOpenVpnServer({
      ...serverOptions(createSeededCrypto(5), () => 1_700_000_000),
      ...options,
    })
    let packetId = 0
    const tell = (packet: ControlPacket): OpenVpnOutput[] => {
      const bytes = wrap.wrap(packet, { packetId: ++packetId, netTime: 1_700_000_000 })
      server.handleDatagram({ path, bytes }, 0)
      return outputsOf(server)
    }
    const first = { ...reset(ATTACKER_ID), opcode: OPCODES.HARD_RESET_CLIENT_V3 }
    const [answer] = tell(first).filter(output => output.type === 'send')
    const opened = answer && wrap.unwrap(answer.bytes)
    if (opened?.type !== 'packet') throw new Error('no answer')
    const hello = { ...first, opcode: OPCODES.CONTROL_V1, packetId: 1, payload: new Uint8Array(300) }
    expect(tell(hello).map(({ type }) => type)).toEqual(['event'])
    const { sessionId: remoteSessionId } = opened.packet
    expect(tell({ ...hello, acks: [0], remoteSessionId }).map(({ type }) => type)).toContain('tls-start')
  })
})

describe('more strangers than are let wait', () => {
  const spaces = (n: number): Path => {
    const address = parseIpAddress(`10.${n}.0.1`) as NonNullable<ReturnType<typeof parseIpAddress>>
    return { type: 'udp', port: 1, remote: { address, port: 1000 } }
  }

  /** Begins a session from an address that is its own. */
  function arrive(server: OpenVpnServer, n: number, now: number): OpenVpnOutput[] {
    const id = Uint8Array.of(n, 0, 0, 0, 0, 0, 0, 0)
    const tell = (packet: ControlPacket): OpenVpnOutput[] => {
      server.handleDatagram({ path: spaces(n), bytes: writeControlPacket(packet) }, now)
      return outputsOf(server)
    }
    const [answer] = tell(reset(id)).filter(output => output.type === 'send')
    const opened = answer && readControlPacket(answer.bytes)
    if (!opened || !('opcode' in opened)) throw new Error('no answer')
    const back = { opcode: OPCODES.CONTROL_V1, acks: [0], packetId: 1, remoteSessionId: opened.sessionId }
    return tell({ ...reset(id), ...back })
  }

  it('push out the one that has waited longest, so that newcomers are heard', () => {
    const limits = { halfOpenTotal: 2 }
    const server = createOpenVpnServer({ ...serverOptions(createSeededCrypto(5), () => 1), limits })
    arrive(server, 1, 0)
    arrive(server, 2, 1)
    const outputs = arrive(server, 3, 2)
    expect(outputs).toContainEqual({
      type: 'event',
      session: 1,
      event: { type: 'refused', reason: 'too many half-open sessions: the oldest gave way' },
    })
    expect([server.halfOpenCount, server.tlsCount]).toEqual([2, 2])
  })

  it('do not push out a client that the outside is deciding about', () => {
    const unanswered = (request: OpenVpnRequest) =>
      request.type === 'authenticate' ? undefined : letIn(request)
    const duo = createDuo({ decide: unanswered, server: { limits: { halfOpenTotal: 1 } } })
    duo.pair.a.command({ type: 'connect', path: duo.clientPath })
    duo.pair.run(() => duo.serverSide.requests.length === 1, 10_000)
    const dropped = { type: 'dropped', reason: 'too many half-open sessions', count: 1 }
    expect(arrive(duo.server, 1, duo.pair.clock.now)).toContainEqual({
      type: 'event',
      session: undefined,
      event: dropped,
    })
    expect(duo.server.halfOpenCount).toBe(1)
  })
})
