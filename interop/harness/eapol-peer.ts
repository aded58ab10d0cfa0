import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createNodeCrypto } from '@causeway/crypto-node'
import { CODES, parseRadiusPacket, type ReceivedPacket } from '@causeway/radius'
import { utf8Bytes, WireFault } from '@causeway/wire'
import { sealAnswer } from '../../packages/radius/src/protection/seal.ts'
import { attributeValue, encodeAttribute } from '../../packages/radius/src/wire/attribute-values.ts'

const SECRET = 'between us'
const STATE = Uint8Array.of(1)
const DERIVED_KEY = /EAP-PEAP: Derived key - hexdump\(len=64\): ([\da-f ]+)/

/** An Access-Request that waits for its answer. */
interface Waiting {
  readonly packet: ReceivedPacket
  readonly from: RemoteInfo
}

/**
 * `eapol_test` as an EAP peer for any lower layer: what it takes for its RADIUS server, on the loopback network, hands
 * its packets on.
 */
export class EapolPeer {
  readonly #socket: Socket
  readonly #process: ChildProcess
  #log = ''
  #waiting: Waiting | undefined
  #wake: () => void = () => undefined

  private constructor(socket: Socket, user: string) {
    this.#socket = socket
    socket.on('message', (bytes, from) => this.#take(bytes, from))
    const { address, port } = socket.address()
    this.#process = spawn('eapol_test', ['-c', user, '-a', address, '-p', String(port), '-s', SECRET])
    this.#process.stdout?.on('data', chunk => {
      this.#log += chunk
    })
  }

  /** `user` is a file of `writePeapUser`. */
  static async start(user: string): Promise<EapolPeer> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new EapolPeer(socket, user)
  }

  /** Its response to a request. The first request has to be that for its identity, which it has asked itself already. */
  async respond(request: Uint8Array): Promise<Uint8Array> {
    const asked = this.#waiting
    this.#waiting = undefined
    if (asked) this.#challenge(asked, request)
    const { packet } = await this.#next()
    const response = attributeValue(packet.attributes, 'EAP-Message')
    if (!response) throw new Error('eapol_test sends no EAP')
    return asked ? response : Uint8Array.from(response, (byte, at) => (at === 1 ? (request[1] ?? 0) : byte))
  }

  /** What its method has derived. Errors: nothing yet. */
  get msk(): Uint8Array {
    const [, digits] = DERIVED_KEY.exec(this.#log) ?? []
    if (digits === undefined) throw new Error(`eapol_test has no key\n${this.#log}`)
    return new Uint8Array(Buffer.from(digits.replaceAll(' ', ''), 'hex'))
  }

  stop(): void {
    this.#process.kill()
    this.#socket.close()
  }

  async #next(): Promise<Waiting> {
    while (!this.#waiting) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    return this.#waiting
  }

  #take(bytes: Uint8Array, from: RemoteInfo): void {
    const packet = parseRadiusPacket(bytes)
    if (packet instanceof WireFault) throw new Error(`eapol_test: ${packet}`)
    this.#waiting = { packet, from }
    this.#wake()
  }

  #challenge({ packet, from }: Waiting, request: Uint8Array): void {
    const attributes = [
      ...encodeAttribute({ name: 'EAP-Message', value: request }),
      ...encodeAttribute({ name: 'State', value: STATE }),
    ]
    const body = { code: CODES.ACCESS_CHALLENGE, identifier: packet.identifier, attributes }
    const answer = sealAnswer(createNodeCrypto(), utf8Bytes(SECRET), body, packet.authenticator)
    this.#socket.send(answer, from.port, from.address)
  }
}
