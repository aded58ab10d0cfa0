import {
  createEapAuthenticator,
  createEapPeer,
  type EapAuthenticatorReply,
  type EapAuthenticatorRequest,
  type EapPacket,
  type EapPeerReply,
  type EapPeerRequest,
  type EapTlsReport,
  parseEapPacket,
  parseEapTlsPacket,
  parseMschapv2Packet,
  writeEapPacket,
  writeEapTlsPacket,
  writeMschapv2Packet,
} from '@causeway/eap'
import { WireFault } from '@causeway/wire'
import { Script } from '../script.ts'
import { type FuzzTarget, requireSame } from '../target.ts'
import { crypto } from './keys.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const filled = (length: number): Uint8Array => new Uint8Array(length).fill(0x41)

/** The same in every run: the first request is 0x42, an MSCHAPv2 challenge after the identity 0x43. */
const random = filled
const CHALLENGE_ID = 0x43

const TYPED = [
  bytes('alice@example.test'),
  writeEapTlsPacket({ start: true, more: false, fragment: filled(0) }),
  writeEapTlsPacket({ start: false, more: true, totalLength: 300, fragment: filled(100) }),
  writeEapTlsPacket({ start: false, more: false, fragment: filled(200) }),
  writeMschapv2Packet({ type: 'challenge', id: 1, challenge: filled(16), name: bytes('gw') }),
  writeMschapv2Packet({
    type: 'response',
    id: CHALLENGE_ID,
    peerChallenge: filled(16),
    ntResponse: filled(24),
    name: bytes('CORP\\alice'),
  }),
  writeMschapv2Packet({ type: 'success', id: 1, message: bytes(`S=${'0'.repeat(40)} M=OK`) }),
  writeMschapv2Packet({ type: 'failure', id: 1, message: bytes('E=691 R=0 C=00 V=3 M=no') }),
  writeMschapv2Packet({ type: 'success-answer' }),
]

const packets: FuzzTarget = {
  name: 'eap-packets',
  seeds: () => [
    ...TYPED.map((data, type) => writeEapPacket({ code: 'request', identifier: 1, type: type + 1, data })),
    writeEapPacket({ code: 'success', identifier: 1 }),
    writeEapPacket({ code: 'failure', identifier: 1 }),
  ],
  run: input => {
    const packet = parseEapPacket(input)
    if (packet instanceof WireFault) return
    const written = writeEapPacket(packet)
    requireSame(written, input.subarray(0, written.length), 'a packet written again, but for padding')
  },
}

/** Reads what it writes of what it reads; fields that are not looked at may differ. */
function typeData<T>(
  name: string,
  parse: (data: Uint8Array) => T | WireFault,
  write: (packet: T) => Uint8Array,
): FuzzTarget {
  return {
    name,
    seeds: () => TYPED,
    run: input => {
      const packet = parse(input)
      if (packet instanceof WireFault) return
      requireSame(parse(write(packet)), packet, 'type data read again')
    },
  }
}

function tlsReport(script: Script): EapTlsReport {
  const records = filled(script.next())
  const exports = [filled(128), filled(128)]
  const peerChain = script.next() % 4 === 0 ? [] : [filled(10)]
  const established = { cipher: 'TLS_AES_256_GCM_SHA384', peerChain, exports }
  switch (script.next() % 6) {
    case 0:
      return { records }
    case 1:
      return { records, established: { ...established, version: 'TLSv1.2' } }
    case 2:
      return { records, established: { ...established, version: 'TLSv1.3' } }
    case 3:
      return { records, failure: 'TLS failed' }
    case 4:
      return { plaintext: Uint8Array.of(script.next()) }
    default:
      return {}
  }
}

function authenticatorReply(request: EapAuthenticatorRequest, script: Script): EapAuthenticatorReply {
  if (script.next() % 3 === 0) return { type: 'deny', reason: 'no' }
  const keys = { serverReceive: filled(16), serverSend: filled(16) }
  switch (request.type) {
    case 'authenticate':
      return { type: 'allow' }
    case 'mschapv2':
      return { type: 'allow-mschapv2', authenticatorResponse: `S=${'0'.repeat(40)}`, keys }
    case 'forward':
      if (script.next() % 2 === 0) return { type: 'forwarded', packet: script.packet() }
      return { type: 'accept', msk: filled(64) }
    default:
      return request satisfies never
  }
}

function peerReply(request: EapPeerRequest, script: Script): EapPeerReply {
  if (script.next() % 3 === 0) return { type: 'distrust', reason: 'no' }
  if (request.type === 'verify-server') return { type: 'trust' }
  return {
    type: 'mschapv2-response',
    username: 'alice',
    peerChallenge: filled(16),
    ntResponse: filled(24),
    authenticatorResponse: `S=${'0'.repeat(40)}`,
    keys: { serverReceive: filled(16), serverSend: filled(16) },
  }
}

/** Ends at most once, and well only after the outside has agreed. */
class Verdicts {
  #agreed = false
  #ended = false

  agree(reply: { readonly type: string }): void {
    if (!['deny', 'distrust', 'forwarded'].includes(reply.type)) this.#agreed = true
  }

  end(type: 'success' | 'failure'): void {
    if (this.#ended) throw new Error(`${type} after the end`)
    if (type === 'success' && !this.#agreed) throw new Error('success that nobody agreed to')
    this.#ended = true
  }
}

const METHOD_SETS = [
  ['tls', 'mschapv2'],
  ['mschapv2', 'tls'],
  ['tls', 'pass-through'],
  ['pass-through'],
] as const

/** Whatever a peer answers, under the identifiers that it was asked by. */
const authenticatorRole: FuzzTarget = {
  name: 'eap-authenticator',
  seeds: goodResponses,
  run: input => {
    const script = new Script(input)
    const methods = METHOD_SETS[script.next() % METHOD_SETS.length] ?? ['tls']
    const authenticator = createEapAuthenticator({ crypto: { random }, methods })
    const verdicts = new Verdicts()
    let identifier = 0
    authenticator.start()
    for (;;) {
      for (let output = authenticator.poll(); output; output = authenticator.poll()) {
        if (output.type === 'send') identifier = output.bytes[1] ?? 0
        if (output.type === 'success' || output.type === 'failure') verdicts.end(output.type)
        if (output.type === 'tls-start' || output.type === 'tls-input' || output.type === 'tls-write')
          authenticator.handleCommand({ type: 'tls-report', report: tlsReport(script) })
        if (output.type !== 'request') continue
        const reply = authenticatorReply(output.request, script)
        verdicts.agree(reply)
        authenticator.handleCommand({ type: 'reply', id: output.id, reply })
      }
      if (script.isOver) return
      authenticator.handlePacket(under(identifier, script.packet()))
    }
  },
}

/** Whatever a server asks; each request under the next identifier, a verdict under the last. */
const peerRole: FuzzTarget = {
  name: 'eap-peer',
  seeds: goodRequests,
  run: input => {
    const script = new Script(input)
    const methods = script.next() % 2 === 0 ? (['tls', 'mschapv2'] as const) : (['mschapv2'] as const)
    const peer = createEapPeer({ crypto, methods, identity: 'alice' })
    const verdicts = new Verdicts()
    for (let identifier = 0; !script.isOver; ) {
      const packet = script.packet()
      if (packet[0] === 1) identifier++
      peer.handlePacket(under(identifier & 0xff, packet))
      for (let output = peer.poll(); output; output = peer.poll()) {
        if (output.type === 'success' || output.type === 'failure') verdicts.end(output.type)
        if (output.type === 'tls-start' || output.type === 'tls-input' || output.type === 'tls-write')
          peer.handleCommand({ type: 'tls-report', report: tlsReport(script) })
        if (output.type !== 'request') continue
        const reply = peerReply(output.request, script)
        verdicts.agree(reply)
        peer.handleCommand({ type: 'reply', id: output.id, reply })
      }
    }
  },
}

function under(identifier: number, packet: Uint8Array): Uint8Array {
  if (packet.length > 1) packet[1] = identifier
  return packet
}

function script(first: number, parts: readonly Part[]): Uint8Array {
  const chunks = parts.map(part => {
    if (!('code' in part)) return [...part]
    const packet = writeEapPacket(part)
    return [packet.length >> 8, packet.length & 0xff, ...packet]
  })
  return Uint8Array.from([first, ...chunks.flat()])
}

function typed(code: 'request' | 'response', type: number, data: Uint8Array): EapPacket {
  return { code, identifier: 0, type, data }
}

type Part = EapPacket | readonly number[]

/** Conversations that end well: by method set, the peer's responses and the choices that follow them. */
function goodResponses(): Uint8Array[] {
  const [identity, , first, last, , answer] = TYPED as unknown as TypedPackets
  const hello: readonly Part[] = [
    typed('response', 1, identity),
    typed('response', 13, first),
    typed('response', 13, last),
    // TLS opens, is established, and the outside agrees.
    [0, 1, 0],
  ]
  const acknowledged = typed('response', 13, Uint8Array.of(0))
  const named = typed('response', 1, identity)
  const request = [...writeEapPacket(typed('request', 6, identity))]
  return [
    script(0, [...hello, [20, 1, 2, 1], [5, 1, 0], acknowledged]),
    script(0, [...hello, [20, 1, 1, 1], acknowledged]),
    script(1, [named, typed('response', 26, answer), [1], typed('response', 26, Uint8Array.of(3))]),
    script(2, [named, typed('response', 3, Uint8Array.of(6)), [1, 1]]),
    script(3, [named, [1, 0, 0, request.length, ...request], typed('response', 6, identity), [1, 1]]),
  ]
}

/** The same of a server's requests. */
function goodRequests(): Uint8Array[] {
  const [identity, start, first, last, challenge, , success] = TYPED as unknown as TypedPackets
  const hello: readonly Part[] = [
    typed('request', 1, identity),
    typed('request', 13, start),
    [50, 1, 0],
    typed('request', 13, first),
    typed('request', 13, last),
  ]
  const indication: readonly Part[] = [typed('request', 13, Uint8Array.of(0, 1)), [0, 1, 4, 0]]
  const end: EapPacket = { code: 'success', identifier: 0 }
  return [
    script(0, [...hello, [20, 1, 2, 1], ...indication, end]),
    script(0, [...hello, [20, 1, 1, 1], end]),
    script(1, [typed('request', 26, challenge), [1], typed('request', 26, success), end]),
  ]
}

type TypedPackets = readonly [
  identity: Uint8Array,
  start: Uint8Array,
  first: Uint8Array,
  last: Uint8Array,
  challenge: Uint8Array,
  answer: Uint8Array,
  success: Uint8Array,
]

export const eap: readonly FuzzTarget[] = [
  packets,
  typeData('eap-tls-packets', parseEapTlsPacket, writeEapTlsPacket),
  typeData('eap-mschapv2-packets', parseMschapv2Packet, writeMschapv2Packet),
  authenticatorRole,
  peerRole,
]
