import { utf8Bytes, WireFault } from '@causeway/wire'
import type { Wiring } from '../link/wiring.ts'
import type { PppReply } from '../link-command.ts'
import { parseControlPacket } from '../wire/control-packet.ts'
import { PAP_CODES, parsePapCredentials, writePapMessage } from '../wire/pap-packet.ts'
import { PROTOCOLS } from '../wire/protocol.ts'
import type { AuthenticationEnd, AuthenticationPart } from './authentication-part.ts'

interface Attempt {
  readonly request: number
  readonly data: Uint8Array
  /** Of the newest repetition, which the answer has to name. */
  identifier: number
}

/** Waits for a password and asks the outside (RFC 1334 §2). One attempt; its repetitions get the same answer. */
export class PapServer implements AuthenticationPart {
  readonly isDeciding = false
  readonly #wiring: Wiring
  readonly #end: AuthenticationEnd
  #attempt: Attempt | undefined
  /** The code that the attempt was answered by. Its password is forgotten then. */
  #verdict: number | undefined

  constructor(wiring: Wiring, end: AuthenticationEnd) {
    this.#wiring = wiring
    this.#end = end
  }

  start(): void {}

  handleTimeout(): void {}

  handleEap(): void {}

  handlePacket(information: Uint8Array): void {
    const packet = parseControlPacket(information)
    if (packet instanceof WireFault) {
      this.#wiring.dropFault('PAP', packet)
      return
    }
    if (packet.code !== PAP_CODES.authenticateRequest) {
      this.#wiring.drop('PAP code out of place')
      return
    }
    if (this.#verdict !== undefined) {
      this.#repeat(this.#verdict, packet.identifier)
      return
    }
    if (this.#attempt) {
      this.#noteRepetition(this.#attempt, packet.identifier, packet.data)
      return
    }
    this.#ask(packet.identifier, packet.data)
  }

  stop(): void {
    this.#wiring.withdraw(this.#attempt?.request)
  }

  #ask(identifier: number, data: Uint8Array): void {
    const credentials = parsePapCredentials(data)
    if (credentials instanceof WireFault) {
      this.#wiring.dropFault('PAP Authenticate-Request', credentials)
      return
    }
    const username = credentials.username.slice()
    const password = credentials.password.slice()
    const request = this.#wiring.ask({ type: 'pap', username, password }, reply => this.#answer(reply))
    this.#attempt = { request, identifier, data: data.slice(0, 2 + username.length + password.length) }
  }

  #noteRepetition(attempt: Attempt, identifier: number, data: Uint8Array): void {
    const isSame = this.#wiring.options.crypto.equal(attempt.data, data.subarray(0, attempt.data.length))
    if (isSame) attempt.identifier = identifier
    else this.#wiring.drop('a second password while the first is judged')
  }

  /** RFC 1334 §2.2.1: the answer may have been lost. What is asked this time is not looked at. */
  #repeat(verdict: number, identifier: number): void {
    if (this.#wiring.mayAnswer()) this.#send(verdict, identifier, '')
    else this.#wiring.drop('too many repetitions')
  }

  #answer(reply: PppReply): void {
    const identifier = this.#attempt?.identifier ?? 0
    this.#attempt = undefined
    if (reply.type === 'allow') {
      this.#verdict = PAP_CODES.authenticateAck
      this.#send(this.#verdict, identifier, '')
      this.#end.succeed(reply.keys)
      return
    }
    this.#verdict = PAP_CODES.authenticateNak
    this.#send(this.#verdict, identifier, 'authentication failed')
    this.#end.fail(reply.type === 'deny' ? reply.reason : 'the reply was of another kind')
  }

  #send(code: number, identifier: number, message: string): void {
    const data = writePapMessage(utf8Bytes(message))
    this.#wiring.sendPacket(PROTOCOLS.pap, { code, identifier, data })
  }
}
