import { WireFault } from '@causeway/wire'
import { NAME_BYTES } from '../limits.ts'
import { shownText } from '../link/shown-text.ts'
import type { Wiring } from '../link/wiring.ts'
import type { PppReply } from '../link-command.ts'
import {
  CHALLENGE_BYTES,
  CHAP_CODES,
  NT_RESPONSE_BYTES,
  parseChapChallenge,
  writeChapResponse,
} from '../wire/chap-packet.ts'
import { type ControlPacket, parseControlPacket } from '../wire/control-packet.ts'
import { PROTOCOLS } from '../wire/protocol.ts'
import type { AuthenticationEnd, AuthenticationPart } from './authentication-part.ts'
import { authenticatorResponseOf } from './mschapv2-messages.ts'

type State =
  | { readonly type: 'waiting' }
  /** The outside computes a response. */
  | { readonly type: 'asking'; readonly identifier: number; readonly request: number }
  | { readonly type: 'answered'; readonly response: ControlPacket; readonly sent: number }
  /** The outside judges the server's proof. */
  | { readonly type: 'judging'; readonly request: number }
  | { readonly type: 'over' }

/**
 * Answers a challenge and has the server's proof judged (RFC 1994, RFC 2759). The response is repeated until there
 * is a verdict: a lost Success would otherwise leave both ends waiting.
 */
export class ChapClient implements AuthenticationPart {
  readonly #wiring: Wiring
  readonly #end: AuthenticationEnd
  #state: State = { type: 'waiting' }
  #challenges = 0

  constructor(wiring: Wiring, end: AuthenticationEnd) {
    this.#wiring = wiring
    this.#end = end
  }

  get isDeciding(): boolean {
    return this.#state.type === 'judging'
  }

  start(): void {}

  handleEap(): void {}

  handleTimeout(): void {
    if (this.#state.type !== 'answered') return
    const { response, sent } = this.#state
    if (sent >= this.#wiring.options.maxConfigure) {
      this.stop()
      this.#end.giveUp('the server does not answer our response to its challenge')
      return
    }
    this.#send(response, sent + 1)
  }

  handlePacket(information: Uint8Array): void {
    const packet = parseControlPacket(information)
    if (packet instanceof WireFault) {
      this.#wiring.dropFault('CHAP', packet)
      return
    }
    switch (packet.code) {
      case CHAP_CODES.challenge:
        this.#takeChallenge(packet)
        return
      case CHAP_CODES.success:
        this.#takeSuccess(packet)
        return
      case CHAP_CODES.failure:
        this.#takeFailure(packet)
        return
      default:
        this.#wiring.drop('CHAP code out of place')
    }
  }

  stop(): void {
    if ('request' in this.#state) this.#wiring.withdraw(this.#state.request)
    this.#wiring.timers.clear('repeat')
    this.#state = { type: 'over' }
  }

  #takeChallenge({ identifier, data }: ControlPacket): void {
    const state = this.#state
    if (state.type === 'judging' || state.type === 'over') {
      this.#wiring.drop('CHAP Challenge after the verdict')
      return
    }
    if (state.type === 'asking' && state.identifier === identifier) return
    if (state.type === 'answered' && state.response.identifier === identifier) {
      this.#repeat(state.response, state.sent)
      return
    }
    if (++this.#challenges > this.#wiring.options.maxConfigure) {
      this.#wiring.drop('too many challenges')
      return
    }
    const read = parseChapChallenge(data)
    if (read instanceof WireFault) {
      this.#wiring.dropFault('CHAP Challenge', read)
      return
    }
    if (state.type === 'asking') this.#wiring.withdraw(state.request)
    this.#ask(identifier, read.challenge.slice())
  }

  #ask(identifier: number, challenge: Uint8Array): void {
    this.#wiring.timers.clear('repeat')
    const request = this.#wiring.ask({ type: 'mschapv2-response', identifier, challenge }, reply =>
      this.#answer(identifier, reply),
    )
    this.#state = { type: 'asking', identifier, request }
  }

  #answer(identifier: number, reply: PppReply): void {
    if (reply.type !== 'mschapv2-response') {
      this.#fail(reasonOf(reply))
      return
    }
    const { username: name, peerChallenge, ntResponse } = reply
    const fits =
      peerChallenge.length === CHALLENGE_BYTES &&
      ntResponse.length === NT_RESPONSE_BYTES &&
      name.length <= NAME_BYTES
    if (!fits) {
      this.#fail('the response does not have the lengths of RFC 2759')
      return
    }
    const data = writeChapResponse({ peerChallenge, ntResponse, name })
    this.#send({ code: CHAP_CODES.response, identifier, data }, 1)
  }

  #takeSuccess({ identifier, data }: ControlPacket): void {
    if (!this.#isAnswer(identifier)) {
      this.#wiring.drop('CHAP Success of nothing answered')
      return
    }
    const authenticatorResponse = authenticatorResponseOf(data)
    if (authenticatorResponse === undefined) {
      this.#fail('the server does not prove its identity')
      return
    }
    this.#wiring.timers.clear('repeat')
    const request = this.#wiring.ask({ type: 'mschapv2-success', authenticatorResponse }, reply =>
      this.#judge(reply),
    )
    this.#state = { type: 'judging', request }
  }

  #judge(reply: PppReply): void {
    if (reply.type !== 'trusted') {
      this.#fail(reasonOf(reply))
      return
    }
    this.stop()
    this.#end.succeed(reply.keys)
  }

  #takeFailure({ identifier, data }: ControlPacket): void {
    if (!this.#isAnswer(identifier)) {
      this.#wiring.drop('CHAP Failure of nothing answered')
      return
    }
    this.#fail(`the server refuses: ${shownText(data)}`)
  }

  #isAnswer(identifier: number): boolean {
    return this.#state.type === 'answered' && this.#state.response.identifier === identifier
  }

  #repeat(response: ControlPacket, sent: number): void {
    if (this.#wiring.mayAnswer()) this.#send(response, sent)
    else this.#wiring.drop('too many repetitions')
  }

  #fail(reason: string): void {
    this.stop()
    this.#end.fail(reason)
  }

  #send(response: ControlPacket, sent: number): void {
    this.#state = { type: 'answered', response, sent }
    this.#wiring.sendPacket(PROTOCOLS.chap, response)
    this.#wiring.setTimer('repeat', this.#wiring.options.restartMilliseconds)
  }
}

function reasonOf(reply: PppReply): string {
  return reply.type === 'deny' ? reply.reason : 'the reply was of another kind'
}
