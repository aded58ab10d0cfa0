import { sameBytes } from '@causeway/wire'
import type { TimerName, Wiring } from '../link/wiring.ts'
import { ControlProtocol } from '../negotiation/control-protocol.ts'
import { CODES, type ControlPacket } from '../wire/control-packet.ts'
import { PROTOCOLS } from '../wire/protocol.ts'
import type { Family, NetworkOpened, NetworkPolicy } from './network-policy.ts'

/** What a network layer says to its link. */
export interface NetworkSurroundings {
  /** It is open, for the first time. */
  opened(): void
  /** It is over for good. */
  ended(end: { readonly reason: string; readonly byPeer: boolean; readonly refused: boolean }): void
}

/** What each family runs on. */
export const NETWORK_PROTOCOLS: Readonly<
  Record<Family, { readonly protocol: number; readonly timer: TimerName }>
> = {
  ipv4: { protocol: PROTOCOLS.ipcp, timer: 'ipcp' },
  ipv6: { protocol: PROTOCOLS.ipv6cp, timer: 'ipv6cp' },
}

/**
 * IPCP or IPV6CP of one link. It opens once and ends once; negotiated again it must come to the same addresses, for
 * these are what the traffic of the session is held to.
 */
export class NetworkLayer {
  readonly family: Family
  readonly #wiring: Wiring
  readonly #around: NetworkSurroundings
  readonly #policy: NetworkPolicy
  readonly #protocol: ControlProtocol
  #opened: NetworkOpened | undefined
  #hasEnded = false

  constructor(wiring: Wiring, family: Family, policy: NetworkPolicy, around: NetworkSurroundings) {
    const { protocol, timer } = NETWORK_PROTOCOLS[family]
    this.family = family
    this.#wiring = wiring
    this.#around = around
    this.#policy = policy
    this.#protocol = new ControlProtocol(
      policy,
      {
        send: packet => wiring.sendPacket(protocol, packet),
        startTimer: () => wiring.setTimer(timer, wiring.options.restartMilliseconds),
        stopTimer: () => wiring.timers.clear(timer),
        up: () => this.#up(),
        down: () => {},
        finished: ({ reason, byPeer }) => this.#end(`${family}: ${reason}`, { byPeer }),
        terminated: reason => this.#end(`${family}: ${reason}`, { byPeer: true }),
        refuse: reason => this.#refuse(reason),
        heldOpen: () => undefined,
        mayAnswer: () => wiring.mayAnswer(),
        drop: reason => wiring.drop(`${family}: ${reason}`),
      },
      wiring.options,
    )
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Whether the outside has been told that it is open, and not yet that it is over. */
  get isOpened(): boolean {
    return this.#opened !== undefined && !this.#hasEnded
  }

  open(): void {
    this.#protocol.open()
  }

  handlePacket(packet: ControlPacket): void {
    if (this.#hasEnded && packet.code === CODES.configureRequest) {
      this.#wiring.drop(`${this.family}: Configure-Request after its end`)
      return
    }
    this.#protocol.handlePacket(packet)
  }

  handleTimeout(): void {
    this.#protocol.handleTimeout()
  }

  /** The peer does not speak it. */
  handleProtocolReject(): void {
    this.#end(`${this.family}: rejected by the peer`, { byPeer: true })
    this.#protocol.handleProtocolReject()
  }

  #up(): void {
    const opened = this.#policy.opened()
    const first = this.#opened
    if (!first) {
      this.#opened = opened
      // Not ours to compare with later: the event's bytes are its receiver's.
      this.#wiring.event(this.#policy.opened())
      this.#around.opened()
      return
    }
    if (!sameTerms(first, opened)) this.#refuse('the addresses have changed')
  }

  #refuse(reason: string): void {
    this.#end(`${this.family}: ${reason}`, { refused: true })
    this.#protocol.close(reason)
  }

  #end(reason: string, { byPeer = false, refused = false }): void {
    if (this.#hasEnded) return
    const wasOpened = this.isOpened
    this.#hasEnded = true
    if (wasOpened) this.#wiring.event({ type: `${this.family}-closed` })
    this.#around.ended({ reason, byPeer, refused })
  }
}

function sameTerms(a: NetworkOpened, b: NetworkOpened): boolean {
  if (a.type === 'ipv4-opened')
    return (
      b.type === a.type && sameBytes(a.local.bytes, b.local.bytes) && sameBytes(a.peer.bytes, b.peer.bytes)
    )
  return b.type === a.type && sameBytes(a.local, b.local) && sameBytes(a.peer, b.peer)
}
