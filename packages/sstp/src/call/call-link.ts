import type { Instant } from '@causeway/engine'
import type { PppAuthentication, PppCommand, PppEvent, PppKeys, PppOutput } from '@causeway/ppp'
import type { CallId } from '../sstp-command.ts'
import type { SstpSettings } from '../sstp-options.ts'
import type { SstpEvent, SstpFlowTerms } from '../sstp-output.ts'
import { MAX_FRAME_BYTES, writeDataPacket } from '../wire/packet.ts'
import type { CallHost, PppLink } from './call-host.ts'
import { isIpFrame } from './ppp-frame.ts'
import { pppOptions } from './ppp-options.ts'

/** Why a call ends. */
export interface CallEnd {
  readonly reason: string
  readonly byPeer: boolean
  readonly refused: boolean
}

/** What a link tells its call. */
export interface CallLinkEvents {
  authenticated(method: PppAuthentication, keys: PppKeys | undefined, now: Instant): void
  closed(end: CallEnd, now: Instant): void
}

type NetworkEvent = Extract<PppEvent, { readonly type: 'ipv4-opened' | 'ipv6-opened' }>

/** RFC 1661 §6.1: an MRU that nobody has named. */
const DEFAULT_MRU = 1_500

/**
 * The PPP link of a call: its frames in data packets, its requests under the engine's ids, and the flow of user
 * data, which opens once the call is bound and a network protocol is there.
 */
export class CallLink {
  readonly #host: CallHost
  readonly #call: CallId
  readonly #events: CallLinkEvents
  readonly #link: PppLink
  readonly #tunnelMtu: number
  #terms: SstpFlowTerms
  #isBound = false
  #isDown = false
  #hasFlow = false
  #hadFlow = false
  #speaksEap = false
  /** Network protocols that opened before the call was bound: one of each family at most. */
  #held: NetworkEvent[] = []

  constructor(host: CallHost, call: CallId, settings: SstpSettings, events: CallLinkEvents) {
    this.#host = host
    this.#call = call
    this.#events = events
    this.#link = host.createLink(pppOptions(host, settings))
    this.#tunnelMtu = settings.tunnelMtu
    this.#terms = this.#flowTerms(DEFAULT_MRU, false, false)
  }

  /** A PPP frame from the peer. IP belongs to the flow, never here. */
  handleFrame(frame: Uint8Array, now: Instant): void {
    if (isIpFrame(frame)) {
      this.#host.drop(this.#call, this.#hasFlow ? 'IP beside the flow' : 'IP before the flow is open', now)
      return
    }
    this.#link.handleDatagram({ path: undefined, bytes: frame }, now)
    this.#drain(now)
  }

  handleCommand(command: PppCommand, now: Instant): void {
    this.#link.handleCommand(command, now)
    this.#drain(now)
  }

  handleTimeout(now: Instant): void {
    const at = this.#link.nextTimeout()
    if (at === undefined || at > now) return
    this.#link.handleTimeout(now)
    this.#drain(now)
  }

  nextTimeout(): Instant | undefined {
    return this.#isDown ? undefined : this.#link.nextTimeout()
  }

  /** The crypto binding holds: user data may pass as soon as there is a network protocol. */
  bind(): void {
    this.#isBound = true
    const held = this.#held
    this.#held = []
    for (const event of held) this.#networkOpened(event)
  }

  /** No user data any more. */
  closeFlow(): void {
    if (this.#hasFlow) this.#host.put({ type: 'close-flow', call: this.#call })
    this.#hasFlow = false
    this.#isBound = false
    this.#held = []
  }

  /** Nothing passes any more; the link ends without a word. */
  down(reason: string, now: Instant): void {
    if (this.#isDown) return
    this.closeFlow()
    this.#isDown = true
    this.#link.handleCommand({ type: 'down', reason }, now)
    this.#drain(now)
    if (this.#speaksEap) this.#handleOutput({ type: 'eap-close' }, now)
  }

  #drain(now: Instant): void {
    for (let output = this.#link.poll(); output; output = this.#link.poll()) {
      if (!this.#isDown || output.type === 'eap-close') this.#handleOutput(output, now)
    }
  }

  #handleOutput(output: PppOutput, now: Instant): void {
    const call = this.#call
    switch (output.type) {
      case 'send':
        this.#sendFrame(output.frame, now)
        return
      case 'eap-start':
        this.#speaksEap = true
        this.#host.put({ type: 'eap-start', call })
        return
      case 'eap-packet':
        this.#host.put({ type: 'eap-packet', call, packet: output.packet })
        return
      case 'eap-close':
        this.#speaksEap = false
        this.#host.put({ type: 'eap-close', call })
        return
      case 'request': {
        const id = this.#host.requestId(call, output.id)
        this.#host.put({ type: 'request', id, call, request: output.request })
        return
      }
      case 'event':
        this.#handleEvent(output.event, now)
        return
      default:
        output satisfies never
    }
  }

  #handleEvent(event: PppEvent, now: Instant): void {
    switch (event.type) {
      case 'link-opened':
        this.#terms = this.#flowTerms(event.peerMru, event.compressProtocol, event.compressAddressControl)
        return
      case 'authenticated':
        // The event's bytes are the receiver's once it is told.
        this.#events.authenticated(event.method, this.#tellAuthenticated(event), now)
        return
      case 'ipv4-opened':
      case 'ipv6-opened':
        this.#networkOpened(event)
        return
      case 'ipv4-closed':
      case 'ipv6-closed':
        this.#held = this.#held.filter(({ type }) => type.slice(0, 4) !== event.type.slice(0, 4))
        return
      case 'identification':
        this.#tell(event)
        return
      case 'dropped':
        this.#host.drop(this.#call, event.reason, now)
        return
      case 'closed':
        this.#handleClosed(event, now)
        return
      default:
        event satisfies never
    }
  }

  /** What goes wrong once user data has passed refuses nobody. */
  #handleClosed({ reason, byPeer, refused }: CallEnd, now: Instant): void {
    this.#events.closed({ reason, byPeer, refused: refused && !this.#hadFlow }, now)
  }

  #tellAuthenticated(event: Extract<PppEvent, { readonly type: 'authenticated' }>): PppKeys | undefined {
    const keys = event.keys && { send: event.keys.send.slice(), receive: event.keys.receive.slice() }
    this.#tell(event)
    return keys
  }

  #networkOpened(event: NetworkEvent): void {
    if (!this.#isBound) {
      this.#held.push(event)
      return
    }
    if (!this.#hasFlow) this.#host.put({ type: 'open-flow', call: this.#call, terms: this.#terms })
    this.#hasFlow = true
    this.#hadFlow = true
    this.#tell(event)
  }

  /** A peer that can take more than we send in one packet may still make PPP write more. */
  #sendFrame(frame: Uint8Array, now: Instant): void {
    if (frame.length > MAX_FRAME_BYTES) this.#host.drop(this.#call, 'a PPP frame too long to send', now)
    else this.#host.put({ type: 'send', call: this.#call, packet: writeDataPacket(frame) })
  }

  #tell(event: SstpEvent): void {
    this.#host.put({ type: 'event', call: this.#call, event })
  }

  #flowTerms(peerMru: number, compressProtocol: boolean, compressAddressControl: boolean): SstpFlowTerms {
    return { mtu: Math.min(this.#tunnelMtu, peerMru), compressProtocol, compressAddressControl }
  }
}
