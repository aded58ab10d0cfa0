import type { Datagram, Engine, Instant } from '@causeway/engine'
import { WireFault } from '@causeway/wire'
import type { AuthenticationPart } from '../authentication/authentication-part.ts'
import { AUTHENTICATION_PROTOCOLS, createAuthentication } from '../authentication/create-authentication.ts'
import type { PppKeys } from '../authentication.ts'
import { Lcp } from '../lcp/lcp.ts'
import type { PppCommand, PppReply } from '../link-command.ts'
import type { PppOptions } from '../link-options.ts'
import type { PppOutput } from '../link-output.ts'
import { clientPolicies, type Policies, serverPolicies } from '../network/create-policy.ts'
import { NETWORK_PROTOCOLS } from '../network/network-layer.ts'
import type { Family } from '../network/network-policy.ts'
import { FAMILIES, Networks } from '../network/networks.ts'
import { parseControlPacket, writeControlPacket } from '../wire/control-packet.ts'
import { type Frame, parseFrame } from '../wire/frame.ts'
import { PROTOCOLS } from '../wire/protocol.ts'
import { checkOptions } from './check-options.ts'
import { type TimerName, Wiring } from './wiring.ts'

/** One PPP link. Its path is nothing: there is one peer. Frames go in by `handleDatagram`. */
export type PppLink = Engine<undefined, PppCommand, PppOutput>

/** A link of either role, at rest until `open`. Errors: `PppError` `ERR_PPP_OPTIONS`. */
export function createPppLink(options: PppOptions): PppLink {
  checkOptions(options)
  return new Link(options)
}

/** Phases of a link (RFC 1661 §3.2). */
type Phase =
  /** Dead, and not yet asked for. */
  | 'idle'
  /** Asked for; the peer is to begin. */
  | 'patience'
  | 'establish'
  | 'authenticate'
  | 'network'
  /** LCP says goodbye. */
  | 'terminate'
  | 'over'

interface End {
  readonly reason: string
  readonly byPeer: boolean
  readonly refused: boolean
}

const AUTHENTICATIONS: readonly number[] = Object.values(AUTHENTICATION_PROTOCOLS)

class Link implements PppLink {
  readonly #wiring: Wiring
  readonly #lcp: Lcp
  readonly #networks: Networks
  #phase: Phase = 'idle'
  #authentication: { readonly protocol: number; readonly part: AuthenticationPart } | undefined
  #end: End | undefined

  constructor(options: PppOptions) {
    this.#wiring = new Wiring(options)
    this.#lcp = this.#createLcp()
    this.#networks = new Networks(this.#wiring, {
      opened: () => this.#wiring.timers.clear('network'),
      ended: end => this.#close(end),
    })
  }

  handleDatagram({ bytes }: Datagram<undefined>, now: Instant): void {
    this.#wiring.now = now
    if (this.#phase === 'idle' || this.#phase === 'over') return
    const frame = parseFrame(bytes)
    if (frame instanceof WireFault) this.#wiring.dropFault('frame', frame)
    else this.#takeFrame(frame)
  }

  handleCommand(command: PppCommand, now: Instant): void {
    this.#wiring.now = now
    if (this.#phase === 'over') return
    switch (command.type) {
      case 'open':
        this.#open()
        return
      case 'down':
        if (this.#phase !== 'idle') this.#finish(endOf(command.reason))
        return
      case 'close':
        if (this.#phase !== 'idle') this.#close(endOf(command.reason))
        return
      case 'eap-packet':
      case 'eap-success':
      case 'eap-failure':
        this.#authentication?.part.handleEap(command)
        return
      case 'reply':
        this.#wiring.answer(command.id, command.reply)
        return
      default:
        command satisfies never
    }
  }

  handleTimeout(now: Instant): void {
    this.#wiring.now = now
    for (const timer of this.#wiring.timers.takeDue(now)) if (this.#phase !== 'over') this.#handleTimer(timer)
  }

  poll(): PppOutput | undefined {
    return this.#wiring.poll()
  }

  nextTimeout(): Instant | undefined {
    return this.#wiring.timers.next()
  }

  #createLcp(): Lcp {
    const wiring = this.#wiring
    return new Lcp(wiring, {
      send: packet => wiring.sendPacket(PROTOCOLS.lcp, packet),
      startTimer: () => wiring.setTimer('lcp', wiring.options.restartMilliseconds),
      stopTimer: () => wiring.timers.clear('lcp'),
      up: () => this.#linkUp(),
      down: () => this.#linkDown(),
      finished: end => this.#finish({ ...end, refused: false }),
      terminated: reason => this.#terminated(reason),
      refuse: reason => this.#close({ reason, byPeer: false, refused: true }),
      heldOpen: () => (this.#phase === 'network' ? 'LCP anew after authentication' : undefined),
      mayAnswer: () => wiring.mayAnswer(),
      drop: reason => wiring.drop(`LCP: ${reason}`),
      protocolRejected: protocol => this.#protocolRejected(protocol),
      silent: () => this.#close(endOf('no answer to Echo-Requests')),
    })
  }

  #handleTimer(timer: TimerName): void {
    switch (timer) {
      case 'lcp':
        if (this.#phase === 'patience') this.#begin()
        else this.#lcp.protocol.handleTimeout()
        return
      case 'ipcp':
        this.#restart('ipv4')
        return
      case 'ipv6cp':
        this.#restart('ipv6')
        return
      case 'echo':
        this.#lcp.handleEchoTimeout()
        return
      case 'repeat':
        this.#authentication?.part.handleTimeout()
        return
      case 'authentication':
        this.#close(endOf('authentication took too long'))
        return
      case 'network':
        this.#close(endOf('no network protocol was opened in time'))
        return
      default:
        timer satisfies never
    }
  }

  #restart(family: Family): void {
    const layer = this.#networks.layer(family)
    if (layer && layer !== 'waiting') layer.handleTimeout()
  }

  #open(): void {
    if (this.#phase !== 'idle') return
    const { options } = this.#wiring
    const patience = options.role === 'server' ? (options.patienceMilliseconds ?? 0) : 0
    this.#wiring.setTimer('authentication', options.authenticationMilliseconds)
    if (patience === 0) {
      this.#begin()
      return
    }
    this.#phase = 'patience'
    this.#wiring.setTimer('lcp', patience)
  }

  #begin(): void {
    this.#phase = 'establish'
    this.#lcp.protocol.open()
  }

  #takeFrame({ protocol, information }: Frame): void {
    if (protocol === PROTOCOLS.lcp) {
      this.#takeLcp(information)
      return
    }
    if (AUTHENTICATIONS.includes(protocol)) {
      this.#takeAuthentication(protocol, information)
      return
    }
    const family = FAMILIES.find(name => NETWORK_PROTOCOLS[name].protocol === protocol)
    if (family) {
      this.#takeNetwork(family, information)
      return
    }
    const isData = protocol === PROTOCOLS.ipv4 || protocol === PROTOCOLS.ipv6
    if (isData) {
      this.#wiring.drop('user data where none is taken')
      return
    }
    this.#wiring.drop('unknown protocol')
    if (this.#phase === 'network') this.#lcp.rejectProtocol(protocol, information)
  }

  #takeLcp(information: Uint8Array): void {
    const packet = parseControlPacket(information)
    if (packet instanceof WireFault) {
      this.#wiring.dropFault('LCP', packet)
      return
    }
    if (this.#phase === 'patience') this.#begin()
    this.#lcp.handlePacket(packet)
  }

  #takeAuthentication(protocol: number, information: Uint8Array): void {
    if (this.#authentication?.protocol !== protocol) {
      this.#wiring.drop('an authentication that is not agreed on')
      return
    }
    this.#authentication.part.handlePacket(information)
  }

  /** RFC 1661 §3.5: before authentication has ended, whatever is not about it is silently dropped. */
  #takeNetwork(family: Family, information: Uint8Array): void {
    const packet = parseControlPacket(information)
    if (packet instanceof WireFault) {
      this.#wiring.dropFault(family, packet)
      return
    }
    const isDeciding = this.#phase === 'authenticate' && this.#authentication?.part.isDeciding
    if (isDeciding) {
      this.#networks.keep(family, packet)
      return
    }
    if (this.#phase !== 'network') {
      this.#wiring.drop(`${family}: before authentication`)
      return
    }
    const layer = this.#networks.layer(family)
    if (layer === 'waiting') {
      this.#networks.keep(family, packet)
      return
    }
    if (layer) {
      layer.handlePacket(packet)
      return
    }
    this.#lcp.rejectProtocol(NETWORK_PROTOCOLS[family].protocol, information)
  }

  #linkUp(): void {
    const { peer, authentication } = this.#lcp
    if (!authentication) {
      this.#close(refusal('no authentication was agreed on'))
      return
    }
    this.#phase = 'authenticate'
    const { mru: peerMru, compressProtocol, compressAddressControl } = peer
    this.#wiring.event({
      type: 'link-opened',
      peerMru,
      compressProtocol,
      compressAddressControl,
      authentication,
    })
    this.#lcp.startEchoes()
    const part = createAuthentication(authentication, this.#wiring, {
      succeed: keys => this.#authenticated(keys),
      fail: reason => this.#close(refusal(reason)),
      giveUp: reason => this.#close(endOf(reason)),
    })
    this.#authentication = { protocol: AUTHENTICATION_PROTOCOLS[authentication], part }
    part.start()
  }

  /** LCP has left its Opened state: everything above it goes. */
  #linkDown(): void {
    this.#wiring.timers.clear('echo')
    this.#authentication?.part.stop()
    this.#authentication = undefined
    this.#networks.stop(this.#end === undefined)
    if (this.#phase !== 'terminate') this.#phase = 'establish'
  }

  #authenticated(keys: PppKeys | undefined): void {
    const method = this.#lcp.authentication
    if (!method || this.#phase !== 'authenticate') return
    this.#phase = 'network'
    this.#wiring.timers.clear('authentication')
    this.#wiring.setTimer('network', this.#wiring.options.networkMilliseconds)
    this.#wiring.event({ type: 'authenticated', method, keys: keys && copyOf(keys) })
    const { options } = this.#wiring
    if (options.role === 'client') {
      this.#beginNetworks(clientPolicies(options))
      return
    }
    this.#wiring.ask({ type: 'network' }, reply => this.#takeNetworkReply(reply))
  }

  #takeNetworkReply(reply: PppReply): void {
    if (this.#phase !== 'network') return
    if (reply.type === 'network') {
      this.#beginNetworks(serverPolicies(reply.network))
      return
    }
    this.#close(refusal(reply.type === 'deny' ? reply.reason : 'the reply was of another kind'))
  }

  #beginNetworks(policies: Policies): void {
    for (const [family, packet] of this.#networks.begin(policies))
      this.#lcp.rejectProtocol(NETWORK_PROTOCOLS[family].protocol, writeControlPacket(packet))
  }

  #protocolRejected(protocol: number): void {
    const family = FAMILIES.find(name => NETWORK_PROTOCOLS[name].protocol === protocol)
    const layer = family && this.#networks.layer(family)
    if (layer && layer !== 'waiting') {
      layer.handleProtocolReject()
      return
    }
    if (protocol === PROTOCOLS.lcp || protocol === this.#authentication?.protocol)
      this.#close({ reason: 'the peer rejects what the link needs', byPeer: true, refused: false })
    else this.#wiring.drop('Protocol-Reject of nothing sent')
  }

  /** The peer's Terminate-Request. Opened, LCP waits one restart timer more (RFC 1661 §3.7); else we end too. */
  #terminated(reason: string): void {
    const end = { reason, byPeer: true, refused: false }
    if (this.#lcp.protocol.state !== 'Stopping') {
      this.#close(end)
      return
    }
    this.#end ??= end
    this.#phase = 'terminate'
    this.#wiring.timers.clear('authentication')
    this.#wiring.timers.clear('network')
  }

  /** Says goodbye; `closed` follows the peer's answer or its silence. Why somebody was refused is not the peer's to know. */
  #close(end: End): void {
    if (this.#phase === 'terminate' || this.#phase === 'over') return
    if (this.#phase === 'patience') {
      this.#finish(end)
      return
    }
    this.#end = end
    this.#phase = 'terminate'
    for (const timer of ['authentication', 'network'] as const) this.#wiring.timers.clear(timer)
    this.#lcp.protocol.close(end.refused ? 'refused' : end.reason)
  }

  #finish(end: End): void {
    if (this.#phase === 'over') return
    this.#authentication?.part.stop()
    this.#authentication = undefined
    this.#phase = 'over'
    this.#wiring.rest()
    this.#wiring.event({ type: 'closed', ...(this.#end ?? end) })
  }
}

function endOf(reason: string): End {
  return { reason, byPeer: false, refused: false }
}

function refusal(reason: string): End {
  return { reason, byPeer: false, refused: true }
}

function copyOf({ send, receive }: PppKeys): PppKeys {
  return { send: send.slice(), receive: receive.slice() }
}
