import { WireFault } from '@causeway/wire'
import { shownText } from '../link/shown-text.ts'
import type { Wiring } from '../link/wiring.ts'
import type { PppReply } from '../link-command.ts'
import { type ControlPacket, parseControlPacket } from '../wire/control-packet.ts'
import { PAP_CODES, PAP_FIELD_BYTES, parsePapMessage, writePapCredentials } from '../wire/pap-packet.ts'
import { PROTOCOLS } from '../wire/protocol.ts'
import type { AuthenticationEnd, AuthenticationPart } from './authentication-part.ts'

/** Sends a password until it is answered (RFC 1334 §2). */
export class PapClient implements AuthenticationPart {
  readonly isDeciding = false
  readonly #wiring: Wiring
  readonly #end: AuthenticationEnd
  #request: number | undefined
  #data: Uint8Array | undefined
  /** The identifiers 1 to this have been used: each sending has its own (RFC 1334 §2.2.1). */
  #identifier = 0

  constructor(wiring: Wiring, end: AuthenticationEnd) {
    this.#wiring = wiring
    this.#end = end
  }

  start(): void {
    this.#request = this.#wiring.ask({ type: 'pap-credentials' }, reply => this.#begin(reply))
  }

  handleEap(): void {}

  handleTimeout(): void {
    if (!this.#data) return
    if (this.#identifier >= this.#wiring.options.maxConfigure) {
      this.#finish(() => this.#end.giveUp('the server does not answer the password'))
      return
    }
    this.#send(this.#data)
  }

  handlePacket(information: Uint8Array): void {
    const packet = parseControlPacket(information)
    if (packet instanceof WireFault) {
      this.#wiring.dropFault('PAP', packet)
      return
    }
    const isOurs = packet.identifier >= 1 && packet.identifier <= this.#identifier
    if (!this.#data || !isOurs) {
      this.#wiring.drop('PAP answer to nothing asked')
      return
    }
    this.#take(packet)
  }

  stop(): void {
    this.#wiring.withdraw(this.#request)
    this.#wiring.timers.clear('repeat')
    this.#data = undefined
  }

  #begin(reply: PppReply): void {
    if (reply.type !== 'pap-credentials') {
      this.#end.fail(reply.type === 'deny' ? reply.reason : 'the reply was of another kind')
      return
    }
    const { username, password } = reply
    if (username.length > PAP_FIELD_BYTES || password.length > PAP_FIELD_BYTES) {
      this.#end.fail(`PAP has room for ${PAP_FIELD_BYTES} bytes of name and of password`)
      return
    }
    this.#data = writePapCredentials({ username, password })
    this.#send(this.#data)
  }

  #take({ code, data }: ControlPacket): void {
    if (code === PAP_CODES.authenticateAck) {
      this.#finish(() => this.#end.succeed(undefined))
      return
    }
    if (code !== PAP_CODES.authenticateNak) {
      this.#wiring.drop('PAP code out of place')
      return
    }
    const message = parsePapMessage(data)
    const said = message instanceof WireFault ? '' : shownText(message)
    this.#finish(() => this.#end.fail(`the server refuses the password: ${said}`))
  }

  #finish(tell: () => void): void {
    this.stop()
    tell()
  }

  #send(data: Uint8Array): void {
    const identifier = ++this.#identifier
    this.#wiring.sendPacket(PROTOCOLS.pap, { code: PAP_CODES.authenticateRequest, identifier, data })
    this.#wiring.setTimer('repeat', this.#wiring.options.restartMilliseconds)
  }
}
