import { describe, expect, it, test } from 'vitest'
import { createEapAuthenticator } from './authenticator/authenticator.ts'
import type { EapAuthenticatorOutput } from './authenticator/authenticator-output.ts'
import { createEapPeer } from './peer/peer.ts'
import type { EapPeerOutput } from './peer/peer-output.ts'
import { crypto } from './testing/two-roles.suite.ts'
import type { EapTlsEstablished, EapTlsReport } from './tls/tls-report.ts'
import { EAP_CODES, writeEapPacket } from './wire/eap-packet.ts'
import { EAP_TYPES } from './wire/eap-type.ts'

/*
 * What the other side's TLS may bring at each step, said by hand: our TLS library would bring some of
 * it never, and no conversation may rest on that.
 */

const established: EapTlsEstablished = {
  version: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  peerChain: [Uint8Array.of(0x30)],
  exports: [new Uint8Array(128).fill(1), new Uint8Array(128).fill(2)],
}
const records = Uint8Array.of(0x16, 3, 3, 0, 0)
const message = Uint8Array.of(0, 0x16)

interface Role {
  handlePacket(packet: Uint8Array): void
  handleCommand(command: { readonly type: 'tls-report'; readonly report: EapTlsReport }): void
  poll(): EapAuthenticatorOutput | EapPeerOutput | undefined
}

/** One role, moved by hand. */
class Scripted<Conversation extends Role> {
  readonly role: Conversation
  readonly outputs: (EapAuthenticatorOutput | EapPeerOutput)[] = []
  readonly #code: 'request' | 'response'
  #identifier = 0

  constructor(role: Conversation, code: 'request' | 'response') {
    this.role = role
    this.#code = code
    this.drain()
  }

  /** The other side's next EAP-TLS packet. */
  receive(data: Uint8Array): this {
    const identifier = this.#code === 'request' ? ++this.#identifier : this.#identifier
    this.role.handlePacket(writeEapPacket({ code: this.#code, identifier, type: EAP_TYPES.TLS, data }))
    return this.drain()
  }

  report(report: EapTlsReport): this {
    this.role.handleCommand({ type: 'tls-report', report })
    return this.drain()
  }

  drain(): this {
    for (let output = this.role.poll(); output; output = this.role.poll()) {
      this.outputs.push(output)
      if (output.type !== 'send' || output.bytes[0] !== EAP_CODES.REQUEST) continue
      this.#identifier = output.bytes[1] as number
    }
    return this
  }

  get failure(): string | undefined {
    return this.outputs.flatMap(output => (output.type === 'failure' ? [output.reason] : []))[0]
  }

  get last(): string | undefined {
    return this.outputs.at(-1)?.type
  }
}

/** An authenticator whose peer has sent its ClientHello. */
function server() {
  const role = createEapAuthenticator({ crypto, methods: ['tls'], identity: 'alice' })
  role.start()
  return new Scripted(role, 'response').receive(message).report({})
}

/** A peer that has sent its ClientHello, and has the server's answer. */
function client() {
  const role = createEapPeer({ crypto, methods: ['tls'], identity: 'alice' })
  const scripted = new Scripted(role, 'request').receive(Uint8Array.of(0x20)).report({ records })
  return scripted.receive(message)
}

/** A peer that trusts its server, and waits for the success indication. */
function trustingClient() {
  const scripted = client().report({ records, established })
  scripted.role.handleCommand({ type: 'reply', id: 1, reply: { type: 'trust' } })
  return scripted.drain()
}

describe('an authenticator fails at', () => {
  it.each<[string, EapTlsReport, string]>([
    [
      'data before the end of the handshake',
      { plaintext: Uint8Array.of(0) },
      'TLS data before the end of the handshake',
    ],
    [
      'data with the end of it',
      { established, plaintext: Uint8Array.of(0) },
      'TLS data before the end of the handshake',
    ],
    ['a message that brings nothing', {}, 'a TLS message that is not whole'],
    ['a failure without an alert', { failure: 'broken' }, 'broken'],
  ])('%s', (_, report, reason) => {
    const scripted = server().report(report)
    expect(scripted.failure).toBe(reason)
    expect(scripted.outputs.map(({ type }) => type).slice(-3)).toEqual(['tls-close', 'failure', 'send'])
  })

  it('TLS that goes on after its end', () => {
    const scripted = server().report({ established })
    scripted.role.handleCommand({ type: 'reply', id: 1, reply: { type: 'allow' } })
    scripted.drain().report({ records })
    expect(scripted.receive(message).last).toBe('tls-input')
    expect(scripted.report({ plaintext: Uint8Array.of(1) }).failure).toBe('TLS data after its end')
  })

  it('a success indication that cannot be sent', () => {
    const scripted = server().report({ established })
    scripted.role.handleCommand({ type: 'reply', id: 1, reply: { type: 'allow' } })
    expect(scripted.drain().report({ failure: 'broken' }).failure).toBe('broken')
  })

  it('rounds without end', () => {
    const scripted = server()
    for (let round = 0; round < 200 && scripted.failure === undefined; round++) {
      scripted.report({ records })
      scripted.receive(message)
    }
    expect(scripted.failure).toBe('too many rounds for one EAP conversation')
    // The start, a request for each response, and the failure.
    expect(scripted.outputs.filter(({ type }) => type === 'send')).toHaveLength(130)
  })
})

describe('a peer fails at', () => {
  it.each<[string, EapTlsReport, string]>([
    [
      'data before the server is trusted',
      { established, plaintext: Uint8Array.of(0) },
      'TLS data before the server is trusted',
    ],
    ['a message that brings nothing', {}, 'a TLS message that is not whole'],
    ['a failure', { failure: 'broken' }, 'broken'],
  ])('%s', (_, report, reason) => {
    expect(client().report(report).failure).toBe(reason)
  })

  it.each([
    ['another byte', Uint8Array.of(1)],
    ['two bytes', Uint8Array.of(0, 0)],
  ])('%s instead of the success indication', (_, plaintext) => {
    const scripted = trustingClient().receive(message).report({ plaintext })
    expect(scripted.failure).toBe('TLS data that is not the success indication')
  })

  it.each([
    [
      'a method that does not begin with its start',
      Uint8Array.of(0, 0x16),
      'EAP-TLS that does not begin with its start',
    ],
    ['a start with data', Uint8Array.of(0x20, 0x16), 'EAP-TLS that does not begin with its start'],
    ['half a length', Uint8Array.of(0x80, 1), 'malformed EAP-TLS: truncated TLS Message Length at 1'],
  ])('%s', (_, data, reason) => {
    const role = createEapPeer({ crypto, methods: ['tls'], identity: 'alice' })
    expect(new Scripted(role, 'request').receive(data).failure).toBe(reason)
  })

  it('a server that says nothing, and one that goes on after the end', () => {
    const silent = client().report({ records }).receive(Uint8Array.of(0))
    expect(silent.failure).toBe('the server says nothing in the TLS handshake')
    const late = trustingClient()
      .receive(message)
      .report({ plaintext: Uint8Array.of(0) })
    expect(late.failure).toBeUndefined()
    expect(late.receive(message).report({ plaintext: Uint8Array.of(0) }).failure).toBe(
      'TLS data after its end',
    )
  })
})

test('session tickets before the success indication are acknowledged, and are not it', () => {
  const scripted = trustingClient().receive(message).report({})
  expect([scripted.last, scripted.failure]).toEqual(['send', undefined])
  scripted.role.handlePacket(writeEapPacket({ code: 'success', identifier: 3 }))
  expect(scripted.drain().failure).toBe('EAP-Success before the method had ended')
})

describe('reports that no TLS context for EAP makes are misuse', () => {
  const misuse = expect.objectContaining({ code: 'ERR_EAP_TLS_REPORT' })

  it.each<[string, Partial<EapTlsEstablished>]>([
    ['no keys', { exports: [] }],
    ['short keys', { exports: [new Uint8Array(64), new Uint8Array(64)] }],
    ['an old version', { version: 'TLSv1.1' }],
  ])('%s', (_, change) => {
    const scripted = server().report({ established: { ...established, ...change } })
    expect(() =>
      scripted.role.handleCommand({ type: 'reply', id: 1, reply: { type: 'allow' } }),
    ).toThrowError(misuse)
    expect(scripted.drain().outputs.some(({ type }) => type === 'success')).toBe(false)
  })

  it('a report that nothing asked for', () => {
    const scripted = server().report({ records })
    expect(() => scripted.report({ records })).toThrowError(misuse)
  })

  it('replies to another question', () => {
    const reply = { type: 'mschapv2-response' } as never
    const scripted = client().report({ established })
    expect(() => scripted.role.handleCommand({ type: 'reply', id: 1, reply })).toThrowError(
      expect.objectContaining({ code: 'ERR_EAP_REPLY' }),
    )
    const [asked, wrong] = [server().report({ established }), { type: 'accept', msk: undefined } as const]
    expect(() => asked.role.handleCommand({ type: 'reply', id: 1, reply: wrong })).toThrowError(
      expect.objectContaining({ code: 'ERR_EAP_REPLY' }),
    )
  })
})
