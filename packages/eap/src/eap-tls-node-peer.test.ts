import { Duplex } from 'node:stream'
import { connect, type TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { CLIENT, SERVER, tlsContext, type Version } from './testing/credentials.suite.ts'
import { authenticator, type DrivenAuthenticator } from './testing/two-roles.suite.ts'

/**
 * EAP-TLS by hand over node:tls: a peer that shares no line with ours, and takes its keys from Node.
 * It sends the length in every packet, as some peers do.
 */
class NodePeer {
  readonly socket: TLSSocket
  readonly plaintext: Buffer[] = []
  readonly #wire: Duplex
  readonly #outgoing: Buffer[] = []
  #incoming: Buffer[] = []

  constructor(version: Version) {
    this.#wire = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _, done) => {
        this.#outgoing.push(chunk)
        done()
      },
    })
    this.socket = connect({
      socket: this.#wire,
      cert: CLIENT.certificateChain,
      key: CLIENT.privateKey,
      minVersion: version,
      maxVersion: version,
      rejectUnauthorized: false,
    })
    this.socket.on('data', chunk => this.plaintext.push(chunk))
  }

  /** Answers a request. */
  async answer(request: Uint8Array): Promise<Uint8Array> {
    const [, identifier = 0, , , type, flags = 0] = request
    if (type === 1) return response(identifier, 1, Buffer.from('alice'))
    this.#incoming.push(Buffer.from(request.subarray((flags & 0x80) !== 0 ? 10 : 6)))
    if ((flags & 0x40) !== 0) return response(identifier, 13, Buffer.of(0))
    const message = Buffer.concat(this.#incoming.splice(0))
    if (message.length > 0) this.#wire.push(message)
    const flight = await this.#flight()
    if (flight.length === 0) return response(identifier, 13, Buffer.of(0))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(flight.length)
    return response(identifier, 13, Buffer.concat([Buffer.of(0x80), length, flight]))
  }

  /** All that TLS has to say, once it is silent. */
  async #flight(): Promise<Buffer> {
    for (let turn = 0; turn < 30; turn++) await new Promise(resolve => setImmediate(resolve))
    return Buffer.concat(this.#outgoing.splice(0))
  }
}

function response(identifier: number, type: number, data: Buffer): Uint8Array {
  const length = 5 + data.length
  return Buffer.concat([Buffer.of(2, identifier, length >> 8, length & 0xff, type), data])
}

async function converse(server: DrivenAuthenticator, client: NodePeer): Promise<Uint8Array | undefined> {
  for (let packet = server.take(); packet; packet = server.take()) {
    if (packet[0] !== 1) return packet
    server.receive(await client.answer(packet))
  }
  return undefined
}

describe.each([
  ['TLSv1.2', 'client EAP encryption', []],
  ['TLSv1.3', 'EXPORTER_EAP_TLS_Key_Material', [Buffer.of(13)]],
] as const)('a peer on node:tls with %s', (version, label, context) => {
  test('has the keys that OpenSSL exports by the RFC’s label', async () => {
    const server = authenticator({
      tls: tlsContext('server', {
        certificateChain: SERVER.certificateChain,
        privateKey: SERVER.privateKey,
        version,
      }),
      decide: () => ({ type: 'allow' }),
      limits: { fragmentBytes: 300 },
    })
    const client = new NodePeer(version)
    const end = await converse(server, client)
    expect(end?.[0]).toBe(3)
    const expected = Reflect.apply(client.socket.exportKeyingMaterial, client.socket, [
      128,
      label,
      ...context,
    ])
    const [success] = server.of('success')
    expect(Buffer.concat([success?.msk ?? Buffer.of(), success?.emsk ?? Buffer.of()])).toEqual(expected)
    expect(success?.peerChain).toEqual(CLIENT.chain)
    // RFC 9190 §2.5: one byte of zero; with TLS 1.2 there is none.
    expect(Buffer.concat(client.plaintext)).toEqual(version === 'TLSv1.3' ? Buffer.of(0) : Buffer.of())
    client.socket.destroy()
  })
})
