import { createSocket, type Socket } from 'node:dgram'
import { CODES, ERROR_CAUSES, type NamedAttribute } from '@causeway/radius'
import { sealDigestRequest } from '../../../radius/src/protection/seal.ts'
import { crypto, parsed, SECRET } from '../../../radius/src/testing/server.suite.ts'
import { attributeValue, encodeAttribute } from '../../../radius/src/wire/attribute-values.ts'

const NAMES = new Map<number, string>(Object.entries(ERROR_CAUSES).map(([name, cause]) => [cause, name]))

/** What the RADIUS server of a test asks of a gateway on loopback. */
export class DynamicClient {
  readonly #socket: Socket
  readonly #port: number
  readonly #secret: Uint8Array
  #identifier = 0

  constructor(port: number, secret: Uint8Array = SECRET) {
    this.#port = port
    this.#secret = secret
    this.#socket = createSocket('udp4')
  }

  disconnect(...attributes: NamedAttribute[]): Promise<string> {
    return this.#ask(CODES.DISCONNECT_REQUEST, attributes)
  }

  change(...attributes: NamedAttribute[]): Promise<string> {
    return this.#ask(CODES.COA_REQUEST, attributes)
  }

  /** Takes a port, so that nobody else can. */
  bind(port: number): Promise<void> {
    return new Promise(resolve => this.#socket.bind(port, '127.0.0.1', resolve))
  }

  close(): void {
    this.#socket.close()
  }

  /** `ack`, or why not. */
  #ask(code: number, attributes: readonly NamedAttribute[]): Promise<string> {
    const identifier = this.#identifier++
    const body = { code, identifier, attributes: attributes.flatMap(encodeAttribute) }
    return new Promise(resolve => {
      this.#socket.once('message', bytes => {
        const answer = parsed(bytes)
        const cause = attributeValue(answer.attributes, 'Error-Cause')
        resolve(answer.code === code + 1 ? 'ack' : (NAMES.get(cause ?? 0) ?? `cause ${cause}`))
      })
      this.#socket.send(sealDigestRequest(crypto, this.#secret, body), this.#port, '127.0.0.1')
    })
  }
}
