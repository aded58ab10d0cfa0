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
  #last: { readonly code: number; readonly bytes: Uint8Array } | undefined

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

  /** Sends the last request once more, octet by octet. */
  again(): Promise<string> {
    if (!this.#last) throw new Error('nothing was asked yet')
    return this.#send(this.#last)
  }

  /** Takes a port, so that nobody else can. */
  bind(port: number): Promise<void> {
    return new Promise(resolve => this.#socket.bind(port, '127.0.0.1', resolve))
  }

  close(): void {
    this.#socket.close()
  }

  #ask(code: number, attributes: readonly NamedAttribute[]): Promise<string> {
    const identifier = this.#identifier++
    const body = { code, identifier, attributes: attributes.flatMap(encodeAttribute) }
    this.#last = { code, bytes: sealDigestRequest(crypto, this.#secret, body) }
    return this.#send(this.#last)
  }

  /** `ack`, or why not. */
  #send({ code, bytes: request }: { readonly code: number; readonly bytes: Uint8Array }): Promise<string> {
    return new Promise(resolve => {
      this.#socket.once('message', bytes => {
        const answer = parsed(bytes)
        const cause = attributeValue(answer.attributes, 'Error-Cause')
        resolve(answer.code === code + 1 ? 'ack' : (NAMES.get(cause ?? 0) ?? `cause ${cause}`))
      })
      this.#socket.send(request, this.#port, '127.0.0.1')
    })
  }
}
