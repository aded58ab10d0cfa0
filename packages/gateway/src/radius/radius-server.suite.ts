import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import { CODES, type NamedAttribute, type ReceivedPacket } from '@causeway/radius'
import { utf8Text } from '@causeway/wire'
import { revealUserPassword } from '../../../radius/src/testing/hiding.suite.ts'
import { answerTo, crypto, readRequest, SECRET } from '../../../radius/src/testing/server.suite.ts'
import { attributeValue } from '../../../radius/src/wire/attribute-values.ts'
import type { RadiusConfiguration } from '../configuration.ts'

/** What a user was asked to prove, as the server reads it. */
export interface AccessAttempt {
  readonly user: string
  readonly password: string
  /** Of the challenge that it answers. */
  readonly state: string | undefined
  readonly packet: ReceivedPacket
}

/** What the server says; `undefined`: nothing at all. */
export type ServerAnswer =
  | { readonly code: keyof typeof CODES; readonly attributes?: readonly NamedAttribute[] }
  | undefined

/** A RADIUS server on loopback that answers user names and passwords (PAP). Answers repeated requests alike. */
export class TestRadiusServer {
  readonly attempts: AccessAttempt[] = []
  readonly #socket: Socket
  judge: (attempt: AccessAttempt) => ServerAnswer
  readonly #answered = new Map<string, Uint8Array | undefined>()

  private constructor(socket: Socket, judge: (attempt: AccessAttempt) => ServerAnswer) {
    this.#socket = socket
    this.judge = judge
    socket.on('message', (bytes, from) => this.#handle(bytes, from))
  }

  static async open(judge: (attempt: AccessAttempt) => ServerAnswer): Promise<TestRadiusServer> {
    const socket = createSocket('udp4')
    await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
    return new TestRadiusServer(socket, judge)
  }

  /** What a gateway asks it with. */
  configuration(changes: Partial<RadiusConfiguration> = {}): RadiusConfiguration {
    const { port } = this.#socket.address() as AddressInfo
    return {
      servers: [
        {
          host: '127.0.0.1',
          score: 30,
          secret: SECRET,
          transport: 'udp',
          authenticationPort: port,
          accountingPort: port,
          requireMessageAuthenticator: true,
        },
      ],
      timeoutSeconds: 30,
      nasIdentifier: 'edge',
      passwordProtocol: 'pap',
      accounting: { on: false, interimSeconds: 0 },
      ...changes,
    }
  }

  close(): void {
    this.#socket.close()
  }

  #handle(bytes: Uint8Array, { port, address }: RemoteInfo): void {
    const packet = readRequest(bytes)
    const key = `${packet.code} ${port} ${packet.identifier} ${packet.authenticator.join()}`
    if (!this.#answered.has(key)) this.#answered.set(key, this.#answer(packet))
    const answer = this.#answered.get(key)
    if (answer) this.#socket.send(answer, port, address)
  }

  #answer(packet: ReceivedPacket): Uint8Array | undefined {
    if (packet.code !== CODES.ACCESS_REQUEST) return undefined
    const { attributes, authenticator } = packet
    const hidden = attributeValue(attributes, 'User-Password')
    const state = attributeValue(attributes, 'State')
    const attempt: AccessAttempt = {
      user: attributeValue(attributes, 'User-Name') ?? '',
      password: hidden ? utf8Text(revealUserPassword(crypto, SECRET, authenticator, hidden)) : '',
      state: state && utf8Text(state),
      packet,
    }
    this.attempts.push(attempt)
    const answer = this.judge(attempt)
    return answer && answerTo(packet, { ...answer, code: CODES[answer.code] })
  }
}
