import { formatHex, utf8Bytes, WireFault } from '@causeway/wire'
import type { Wiring } from '../link/wiring.ts'
import type { PppReply } from '../link-command.ts'
import {
  CHALLENGE_BYTES,
  CHAP_CODES,
  type ChapResponse,
  parseChapResponse,
  writeChapChallenge,
} from '../wire/chap-packet.ts'
import { type ControlPacket, parseControlPacket } from '../wire/control-packet.ts'
import { PROTOCOLS } from '../wire/protocol.ts'
import type { AuthenticationEnd, AuthenticationPart } from './authentication-part.ts'
import { AUTHENTICATION_FAILURE, isAuthenticatorResponse } from './mschapv2-messages.ts'

/**
 * Sends one challenge and asks the outside about the response (RFC 1994, RFC 2759). The link is never challenged
 * again: the crypto binding of what carries it is made once, of this authentication's keys.
 */
export class ChapServer implements AuthenticationPart {
  readonly isDeciding = false
  readonly #wiring: Wiring
  readonly #end: AuthenticationEnd
  readonly #name: Uint8Array
  readonly #identifier: number
  readonly #challenge: Uint8Array
  #sent = 0
  #request: number | undefined
  #verdict: ControlPacket | undefined

  constructor(wiring: Wiring, end: AuthenticationEnd, name: string) {
    const { crypto } = wiring.options
    this.#wiring = wiring
    this.#end = end
    this.#name = utf8Bytes(name)
    this.#identifier = crypto.random(1)[0] as number
    this.#challenge = crypto.random(CHALLENGE_BYTES)
  }

  start(): void {
    this.#sendChallenge()
  }

  handleEap(): void {}

  handleTimeout(): void {
    if (this.#request !== undefined) return
    if (this.#sent < this.#wiring.options.maxConfigure) {
      this.#sendChallenge()
      return
    }
    this.#end.giveUp('the peer does not answer the challenge')
  }

  handlePacket(information: Uint8Array): void {
    const packet = parseControlPacket(information)
    if (packet instanceof WireFault) {
      this.#wiring.dropFault('CHAP', packet)
      return
    }
    if (packet.code !== CHAP_CODES.response) {
      this.#wiring.drop('CHAP code out of place')
      return
    }
    if (packet.identifier !== this.#identifier) {
      this.#wiring.drop('CHAP Response to no challenge of ours')
      return
    }
    if (this.#verdict) {
      this.#repeatVerdict(this.#verdict)
      return
    }
    if (this.#request !== undefined) {
      this.#wiring.drop('a second CHAP Response')
      return
    }
    const response = parseChapResponse(packet.data)
    if (response instanceof WireFault) {
      this.#wiring.dropFault('CHAP Response', response)
      return
    }
    this.#ask(response)
  }

  stop(): void {
    this.#wiring.withdraw(this.#request)
    this.#wiring.timers.clear('repeat')
  }

  #sendChallenge(): void {
    this.#sent++
    const data = writeChapChallenge({ challenge: this.#challenge, name: this.#name })
    this.#send({ code: CHAP_CODES.challenge, identifier: this.#identifier, data })
    this.#wiring.setTimer('repeat', this.#wiring.options.restartMilliseconds)
  }

  #ask({ peerChallenge, ntResponse, name }: ChapResponse): void {
    this.#wiring.timers.clear('repeat')
    this.#request = this.#wiring.ask(
      {
        type: 'chap-mschapv2',
        username: name.slice(),
        identifier: this.#identifier,
        authenticatorChallenge: this.#challenge.slice(),
        peerChallenge: peerChallenge.slice(),
        ntResponse: ntResponse.slice(),
      },
      reply => this.#answer(reply),
    )
  }

  #answer(reply: PppReply): void {
    if (reply.type === 'allow' && isAuthenticatorResponse(reply.authenticatorResponse)) {
      this.#tell(CHAP_CODES.success, `${reply.authenticatorResponse} M=Welcome`)
      this.#end.succeed(reply.keys)
      return
    }
    const error = (reply.type === 'deny' ? reply.mschapv2Error : undefined) ?? AUTHENTICATION_FAILURE
    this.#tell(CHAP_CODES.failure, this.#failureMessage(error))
    this.#end.fail(reply.type === 'deny' ? reply.reason : 'the reply has no authenticator response')
  }

  /** RFC 2759 §6. No retry (R=0): the challenge is there because its place is. */
  #failureMessage(error: number): string {
    const challenge = formatHex(this.#wiring.options.crypto.random(CHALLENGE_BYTES)).toUpperCase()
    return `E=${error} R=0 C=${challenge} V=3 M=Authentication failed`
  }

  #tell(code: number, message: string): void {
    this.#verdict = { code, identifier: this.#identifier, data: utf8Bytes(message) }
    this.#send(this.#verdict)
  }

  /** RFC 1994 §4.2: the verdict may have been lost; a repeated Response gets the same. */
  #repeatVerdict(verdict: ControlPacket): void {
    if (this.#wiring.mayAnswer()) this.#send(verdict)
    else this.#wiring.drop('too many repetitions')
  }

  #send(packet: ControlPacket): void {
    this.#wiring.sendPacket(PROTOCOLS.chap, packet)
  }
}
