import { sameBytes, WireFault } from '@causeway/wire'
import { CODES, type ControlPacket } from '../wire/control-packet.ts'
import { type Option, parseOptions, writeOptions } from '../wire/option.ts'

/**
 * Our Configure-Request that is under way. It has one answer: what comes after that, or under another identifier, is
 * a duplicate or a forgery (RFC 1661 §5.2 to 5.4).
 */
export class OwnRequest {
  readonly packet: ControlPacket
  #isAnswered = false

  constructor(identifier: number, options: readonly Option[]) {
    this.packet = { code: CODES.configureRequest, identifier, data: writeOptions(options) }
  }

  get isAnswered(): boolean {
    return this.#isAnswered
  }

  /** Whether this acknowledges it: the same options, to the byte. */
  takeAck({ identifier, data }: ControlPacket): boolean {
    return this.#take(identifier, sameBytes(data, this.packet.data))
  }

  /** The options of a Nak, which may be any; `undefined` when it does not answer this. */
  takeNak({ identifier, data }: ControlPacket): Option[] | undefined {
    const options = parseOptions(data)
    if (options instanceof WireFault) return undefined
    return this.#take(identifier, true) ? options : undefined
  }

  /** The options of a Reject, which are some of ours, unchanged; `undefined` when it does not answer this. */
  takeReject({ identifier, data }: ControlPacket): Option[] | undefined {
    const asked = parseOptions(this.packet.data)
    const options = parseOptions(data)
    if (options instanceof WireFault || asked instanceof WireFault) return undefined
    const areOurs = options.every(({ type, data: value }) =>
      asked.some(own => own.type === type && sameBytes(own.data, value)),
    )
    return this.#take(identifier, areOurs) ? options : undefined
  }

  #take(identifier: number, fits: boolean): boolean {
    const isTaken = fits && !this.#isAnswered && identifier === this.packet.identifier
    if (isTaken) this.#isAnswered = true
    return isTaken
  }
}
