import { Duplex } from 'node:stream'
import { connect, createSecureContext, TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { issueParties, type TlsCredentials } from './credentials.suite.ts'
import { context, End, EXPORTS, type Policy, SUITES_1_2, SUITES_1_3 } from './two-ends.suite.ts'

const rsa = await issueParties('rsa-2048')
const ecdsa = await issueParties('ecdsa-p256')

/** node:tls as the peer of an end of ours, over memory. */
class NodePeer {
  readonly socket: TLSSocket
  readonly #end: End

  constructor(role: 'server' | 'client', { certificateChain, privateKey }: TlsCredentials, end: End) {
    this.#end = end
    const wire = new Duplex({
      read: () => undefined,
      write: (chunk: Uint8Array, _, done) => {
        end.input(chunk)
        this.#answer(wire)
        done()
      },
    })
    const secureContext = createSecureContext({ cert: certificateChain, key: privateKey })
    const options = { secureContext, requestCert: true, rejectUnauthorized: false }
    this.socket =
      role === 'server'
        ? new TLSSocket(wire, { ...options, isServer: true })
        : connect({ ...options, socket: wire })
    this.socket.on('error', () => undefined)
    this.#answer(wire)
    this.flush = () => this.#answer(wire)
  }

  readonly flush: () => void

  #answer(wire: Duplex): void {
    const flight = this.#end.flight()
    if (flight.length > 0) wire.push(flight)
  }

  once(event: string): Promise<Buffer> {
    return new Promise(resolve => this.socket.once(event, resolve))
  }
}

/** As Node has it; its type declarations demand the context value. */
function keyingMaterial(socket: TLSSocket, length: number, label: string, context?: Uint8Array): Buffer {
  const value = context === undefined ? [] : [Buffer.from(context)]
  return Reflect.apply(socket.exportKeyingMaterial, socket, [length, label, ...value])
}

const suites = [...SUITES_1_2, ...SUITES_1_3].map(name => ({
  name,
  parties: name.includes('ECDSA') ? ecdsa : rsa,
}))

describe.each([
  { role: 'server', other: 'client' },
  { role: 'client', other: 'server' },
] as const)('node:tls beside us as $role', ({ role, other }) => {
  test.each(suites)('$name', async ({ name, parties }) => {
    const policy: Policy = { ...parties[role], ciphers: [name] }
    const end = new End(context(role, policy))
    const peer = new NodePeer(other, parties[other], end)
    await peer.once(other === 'client' ? 'secureConnect' : 'secure')
    peer.socket.write('hello')
    while (end.text === '') await new Promise(resolve => setImmediate(resolve))
    expect(end.text).toBe('hello')
    expect(end.established).toMatchObject({
      version: peer.socket.getProtocol(),
      cipher: peer.socket.getCipher().standardName,
      peerChain: parties[other].chain,
    })
    for (const [position, { label, bytes, context }] of EXPORTS.entries()) {
      expect(Buffer.from(end.established?.exports[position] ?? [])).toEqual(
        keyingMaterial(peer.socket, bytes, label, context),
      )
    }
    const answer = peer.once('data')
    end.write('and back')
    peer.flush()
    expect(String(await answer)).toBe('and back')
    peer.socket.destroy()
  })

  test('a peer that closes properly', async () => {
    const end = new End(context(role, rsa[role]))
    const peer = new NodePeer(other, rsa[other], end)
    await peer.once(other === 'client' ? 'secureConnect' : 'secure')
    peer.socket.end()
    while (end.failure === undefined) await new Promise(resolve => setImmediate(resolve))
    expect(end.failure).toBe('the peer closed the TLS connection')
  })
})

test('node:tls asks for a renegotiation and does not get it', async () => {
  const end = new End(context('server', { ...rsa.server, maximum: 'TLSv1.2', ciphers: SUITES_1_2 }))
  const peer = new NodePeer('client', rsa.client, end)
  await peer.once('secureConnect')
  const refused = new Promise<Error>(resolve => peer.socket.once('error', resolve))
  peer.socket.renegotiate({ rejectUnauthorized: false }, () => undefined)
  expect(String(await refused)).toMatch(/renegotiation/)
  expect(end.plaintext).toEqual([])
  peer.socket.destroy()
})
