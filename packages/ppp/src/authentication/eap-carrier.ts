import { catchFault, Reader, WireFault } from '@causeway/wire'
import { EAP_REPEATS } from '../limits.ts'
import type { Wiring } from '../link/wiring.ts'
import { PROTOCOLS } from '../wire/protocol.ts'
import type { AuthenticationEnd, AuthenticationPart, EapCommand } from './authentication-part.ts'

/** RFC 3748 §4. */
const EAP_CODES = { request: 1, response: 2, success: 3, failure: 4 } as const
const HEADER_BYTES = 4
/** What each end may be sent. */
const TAKEN = {
  server: [EAP_CODES.response],
  client: [EAP_CODES.request, EAP_CODES.success, EAP_CODES.failure],
} as const

/**
 * Carries EAP between the peer and the outside, which speaks the method (RFC 3748 §2). A server repeats a request
 * without answer where the lower layer may lose it (§4.3).
 */
export class EapCarrier implements AuthenticationPart {
  readonly #wiring: Wiring
  readonly #end: AuthenticationEnd
  #isOpen = false
  #hasVerdict = false
  #unanswered: Uint8Array | undefined
  #repeats = 0

  constructor(wiring: Wiring, end: AuthenticationEnd) {
    this.#wiring = wiring
    this.#end = end
  }

  /** A client's: EAP-Success is here, and the outside has not yet taken it. */
  get isDeciding(): boolean {
    return this.#isOpen && this.#hasVerdict
  }

  start(): void {
    this.#isOpen = true
    this.#wiring.put({ type: 'eap-start' })
  }

  handlePacket(information: Uint8Array): void {
    const packet = readEap(information)
    if (packet instanceof WireFault) {
      this.#wiring.dropFault('EAP', packet)
      return
    }
    const [code, identifier] = packet as unknown as [number, number]
    if (!this.#isOpen) {
      this.#wiring.drop('EAP after its end')
      return
    }
    if (!(TAKEN[this.#wiring.options.role] as readonly number[]).includes(code)) {
      this.#wiring.drop('EAP code out of place')
      return
    }
    if (this.#unanswered?.[1] === identifier) this.#settle()
    this.#hasVerdict = code === EAP_CODES.success
    this.#wiring.put({ type: 'eap-packet', packet })
  }

  handleEap(command: EapCommand): void {
    if (!this.#isOpen) return
    switch (command.type) {
      case 'eap-packet':
        this.#send(command.packet)
        return
      case 'eap-success':
        this.#close(command.packet)
        this.#end.succeed(command.keys)
        return
      case 'eap-failure':
        this.#close(command.packet)
        this.#end.fail(command.reason)
        return
      default:
        command satisfies never
    }
  }

  handleTimeout(): void {
    if (!this.#isOpen || !this.#unanswered) return
    if (++this.#repeats > EAP_REPEATS) {
      this.#end.giveUp('the peer does not answer EAP')
      return
    }
    this.#wiring.send(PROTOCOLS.eap, this.#unanswered)
    this.#wiring.setTimer('repeat', this.#wiring.options.eapRepeatMilliseconds)
  }

  stop(): void {
    if (this.#isOpen) this.#close(undefined)
  }

  #send(packet: Uint8Array): void {
    this.#wiring.send(PROTOCOLS.eap, packet)
    const { role, eapRepeatMilliseconds } = this.#wiring.options
    if (role !== 'server' || eapRepeatMilliseconds === 0 || packet[0] !== EAP_CODES.request) return
    this.#unanswered = packet.slice()
    this.#repeats = 0
    this.#wiring.setTimer('repeat', eapRepeatMilliseconds)
  }

  #close(packet: Uint8Array | undefined): void {
    if (packet) this.#wiring.send(PROTOCOLS.eap, packet)
    this.#settle()
    this.#isOpen = false
    this.#wiring.put({ type: 'eap-close' })
  }

  #settle(): void {
    this.#unanswered = undefined
    this.#wiring.timers.clear('repeat')
  }
}

/** The packet without what pads it (RFC 3748 §4), as a copy. */
function readEap(information: Uint8Array): Uint8Array | WireFault {
  return catchFault(() => {
    const reader = new Reader(information)
    reader.skip(2, 'Code')
    const length = reader.u16('Length')
    if (length < HEADER_BYTES) reader.fail('invalid', 'Length')
    if (length > information.length) reader.fail('truncated', 'Length')
    return information.slice(0, length)
  })
}
