import { sameBytes, WireFault } from '@causeway/wire'
import { Automaton } from '../automaton/automaton.ts'
import type { Action, AutomatonEvent, State } from '../automaton/table.ts'
import { MAX_TERMINATE, REFUSED_REQUESTS, REJECTED_COPY_BYTES, RENEGOTIATIONS } from '../limits.ts'
import { shownBytes, shownText } from '../link/shown-text.ts'
import { CODES, type ControlPacket, writeControlPacket } from '../wire/control-packet.ts'
import { type Option, parseOptions, writeOptions } from '../wire/option.ts'
import type { OptionPolicy, Verdict } from './option-policy.ts'
import { OwnRequest } from './own-request.ts'
import { Patience } from './patience.ts'

/** What a control protocol says to the link that it is part of. */
export interface ControlSurroundings {
  send(packet: ControlPacket): void
  /** Starts or stops the restart timer. */
  startTimer(): void
  stopTimer(): void
  /** This layer is up, or down. */
  up(): void
  down(): void
  /** It is finished, for this reason if nobody knows a better one. */
  finished(end: { readonly reason: string; readonly byPeer: boolean }): void
  /** The peer has sent a Terminate-Request, which is answered by now. */
  terminated(reason: string): void
  /** There can be no agreement: the link closes this protocol, or itself. */
  refuse(reason: string): void
  /** Why the peer may not leave the Opened state now, if so. */
  heldOpen(): string | undefined
  /** Whether an answer that the peer need not get may still be sent. */
  mayAnswer(): boolean
  drop(reason: string): void
}

/** States in which a Configure-Request is looked at. */
const JUDGING: readonly State[] = ['Stopped', 'Req-Sent', 'Ack-Rcvd', 'Ack-Sent', 'Opened']
/** Code-Rejects of these take the protocol's basis away (RFC 1661 §5.6). */
const LAST_BASIC_CODE = CODES.codeReject

/**
 * LCP, IPCP or IPV6CP: the automaton, the packets with codes 1 to 7, and the options of a policy.
 *
 * One thing differs from RFC 1661: an exact repetition of the request that opened us is acknowledged again instead of
 * beginning anew, since it means that our Ack was lost or that the lower layer doubles packets.
 */
export class ControlProtocol {
  readonly #policy: OptionPolicy
  readonly #around: ControlSurroundings
  readonly #patience: Patience
  readonly #automaton: Automaton
  #identifier = 0
  #request: OwnRequest | undefined
  /** The peer's request that we have acknowledged last. */
  #agreed: { readonly identifier: number; readonly data: Uint8Array } | undefined
  /** What `sca` or `scn`, `sta`, `scj` send. */
  #answer: ControlPacket | undefined
  #peerIdentifier = 0
  #rejected: ControlPacket | undefined
  #echoReply: ControlPacket | undefined
  #rejection: { readonly reason: string; readonly byPeer: boolean } | undefined
  #reason = ''
  #refused = 0
  #renegotiations = 0

  constructor(
    policy: OptionPolicy,
    around: ControlSurroundings,
    limits: { readonly maxConfigure: number; readonly maxFailure: number },
  ) {
    this.#policy = policy
    this.#around = around
    this.#patience = new Patience(limits.maxFailure)
    const counters = { maxConfigure: limits.maxConfigure, maxTerminate: MAX_TERMINATE }
    this.#automaton = new Automaton(counters, action => this.#act(action))
  }

  get state(): State {
    return this.#automaton.state
  }

  get isOpened(): boolean {
    return this.#automaton.state === 'Opened'
  }

  /** The lower layer is up, and this one is wanted. */
  open(): void {
    this.#handle('Open')
    this.#handle('Up')
  }

  /** The lower layer is gone. */
  lower(): void {
    this.#handle('Down')
  }

  close(reason: string): void {
    this.#reason = reason
    this.#handle('Close')
  }

  handleTimeout(): void {
    this.#automaton.handleTimeout()
    this.#settleTimer()
  }

  /** The peer has rejected this whole protocol (RFC 1661 §5.7). */
  handleProtocolReject(): void {
    this.#rejectedByPeer()
  }

  /** An Echo-Request has come; this is its answer, where the state has it (RFC 1661 §5.8). */
  handleEchoRequest(reply: ControlPacket): void {
    this.#echoReply = reply
    this.#handle('RXR')
    this.#echoReply = undefined
  }

  /** Whether this Configure-Request is ours, come back. */
  isOwnRequest({ identifier, data }: ControlPacket): boolean {
    const own = this.#request?.packet
    return own?.identifier === identifier && sameBytes(own.data, data)
  }

  /** For packets of ours that are no answers, those of LCP's own codes too. */
  nextIdentifier(): number {
    this.#identifier = (this.#identifier + 1) & 0xff
    return this.#identifier
  }

  handlePacket(packet: ControlPacket): void {
    switch (packet.code) {
      case CODES.configureRequest:
        this.#takeRequest(packet)
        return
      case CODES.configureAck:
        this.#takeAck(packet)
        return
      case CODES.configureNak:
        this.#takeRefusal(this.#request?.takeNak(packet), options => this.#policy.suggested(options))
        return
      case CODES.configureReject:
        this.#takeRefusal(this.#request?.takeReject(packet), options => this.#policy.rejected(options))
        return
      case CODES.terminateRequest:
        this.#takeTermination(packet)
        return
      case CODES.terminateAck:
        this.#leave('RTA')
        return
      case CODES.codeReject:
        this.#takeCodeReject(packet)
        return
      default:
        this.#takeUnknown(packet)
    }
  }

  #takeRequest({ identifier, data }: ControlPacket): void {
    const { state } = this.#automaton
    this.#peerIdentifier = identifier
    if (!JUDGING.includes(state)) {
      this.#handle('RCR+')
      return
    }
    if (state === 'Opened' && this.#repeatsAgreement(identifier, data)) {
      this.#acknowledgeAgain()
      return
    }
    const options = parseOptions(data)
    if (options instanceof WireFault) {
      this.#around.drop(`Configure-Request: ${options.kind} ${options.field}`)
      return
    }
    const verdict = this.#patience.settle(this.#policy.judge(options), options)
    if (typeof verdict === 'string') {
      this.#around.refuse(verdict)
      return
    }
    this.#answer = { ...answerTo(verdict, data), identifier }
    if (verdict.type === 'ack') this.#agreed = { identifier, data: data.slice() }
    this.#leave(verdict.type === 'ack' ? 'RCR+' : 'RCR-')
  }

  #repeatsAgreement(identifier: number, data: Uint8Array): boolean {
    return this.#agreed?.identifier === identifier && sameBytes(this.#agreed.data, data)
  }

  #acknowledgeAgain(): void {
    if (!this.#agreed || !this.#around.mayAnswer()) {
      this.#around.drop('too many repetitions')
      return
    }
    this.#around.send({ code: CODES.configureAck, ...this.#agreed })
  }

  #takeAck(packet: ControlPacket): void {
    if (!this.#request?.takeAck(packet)) {
      this.#around.drop('Configure-Ack of nothing asked')
      return
    }
    const reason = this.#policy.acknowledged()
    if (reason === undefined) this.#leave('RCA')
    else this.#around.refuse(reason)
  }

  #takeRefusal(options: Option[] | undefined, take: (options: Option[]) => string | undefined): void {
    if (!options) {
      this.#around.drop('Configure-Nak or -Reject of nothing asked')
      return
    }
    const isTooMuch = ++this.#refused > REFUSED_REQUESTS
    const reason = isTooMuch ? 'the peer refuses all that we ask for' : take(options)
    if (reason === undefined) this.#leave('RCN')
    else this.#around.refuse(reason)
  }

  #takeTermination({ identifier, data }: ControlPacket): void {
    this.#peerIdentifier = identifier
    this.#handle('RTR')
    // Its own words, marked as such: they may say anything.
    this.#around.terminated(data.length > 0 ? `the peer ends it: ${shownText(data)}` : 'the peer ends it')
  }

  #takeCodeReject({ data }: ControlPacket): void {
    const code = data[0]
    if (code === undefined) {
      this.#around.drop('Code-Reject of nothing')
      return
    }
    if (code <= LAST_BASIC_CODE) this.#rejectedByPeer()
    else this.#handle('RXJ+')
  }

  #rejectedByPeer(): void {
    this.#rejection = { reason: 'the peer rejects what it needs', byPeer: true }
    this.#handle('RXJ-')
  }

  #takeUnknown(packet: ControlPacket): void {
    this.#around.drop('unknown code')
    if (!this.#around.mayAnswer()) return
    this.#rejected = packet
    this.#handle('RUC')
  }

  /** An event that makes an opened protocol begin anew: how often is bounded, and whether at all the link's word. */
  #leave(event: AutomatonEvent): void {
    if (this.isOpened) {
      const reason = this.#around.heldOpen()
      if (reason !== undefined) {
        this.#around.refuse(reason)
        return
      }
      if (++this.#renegotiations > RENEGOTIATIONS) {
        this.#around.refuse('the peer negotiates without end')
        return
      }
    }
    this.#handle(event)
  }

  #handle(event: AutomatonEvent): void {
    this.#automaton.handle(event)
    this.#settleTimer()
  }

  #settleTimer(): void {
    if (!this.#automaton.isTimed) this.#around.stopTimer()
  }

  #act(action: Action): void {
    switch (action) {
      case 'tlu':
        this.#patience.renew()
        this.#refused = 0
        this.#around.up()
        return
      case 'tld':
        this.#around.down()
        return
      case 'tlf':
        this.#request = undefined
        this.#around.finished(this.#rejection ?? { reason: 'no answer to Configure-Requests', byPeer: false })
        return
      case 'scr':
        this.#sendRequest()
        return
      case 'sca':
      case 'scn':
        if (this.#answer) this.#around.send(this.#answer)
        this.#answer = undefined
        return
      case 'str':
        this.#sendTermination()
        return
      case 'sta':
        this.#around.send({
          code: CODES.terminateAck,
          identifier: this.#peerIdentifier,
          data: new Uint8Array(0),
        })
        return
      case 'scj':
        this.#sendCodeReject()
        return
      case 'zrc':
        this.#around.startTimer()
        return
      case 'ser':
        if (this.#echoReply) this.#around.send(this.#echoReply)
        return
      case 'irc':
      case 'tls':
        return
      default:
        action satisfies never
    }
  }

  /** The same again while there is no answer, so that a late one still counts (RFC 1661 §5.1). */
  #sendRequest(): void {
    if (!this.#request || this.#request.isAnswered)
      this.#request = new OwnRequest(this.nextIdentifier(), this.#policy.ask())
    this.#around.send(this.#request.packet)
    this.#around.startTimer()
  }

  #sendTermination(): void {
    const data = shownBytes(this.#reason)
    this.#around.send({ code: CODES.terminateRequest, identifier: this.nextIdentifier(), data })
    this.#around.startTimer()
  }

  #sendCodeReject(): void {
    if (!this.#rejected) return
    const data = writeControlPacket(this.#rejected).subarray(0, REJECTED_COPY_BYTES)
    this.#rejected = undefined
    this.#around.send({ code: CODES.codeReject, identifier: this.nextIdentifier(), data })
  }
}

function answerTo(verdict: Verdict, asked: Uint8Array): Omit<ControlPacket, 'identifier'> {
  switch (verdict.type) {
    case 'ack':
      return { code: CODES.configureAck, data: asked }
    case 'nak':
      return { code: CODES.configureNak, data: writeOptions(verdict.options) }
    case 'reject':
      return { code: CODES.configureReject, data: writeOptions(verdict.options) }
    default:
      return verdict satisfies never
  }
}
