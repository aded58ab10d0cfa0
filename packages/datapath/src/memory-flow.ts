import { type Endpoint, type IpAddress, sameEndpoint, sameIpAddress } from '@causeway/wire'
import { DatapathError } from './datapath-error.ts'
import type { DatapathEvent } from './datapath-event.ts'
import type { EspSa, FlowCounters, FlowOptions, FlowPath, OpenVpnKeySlot } from './flow.ts'
import type { FlowId, KeyId, PortId } from './ids.ts'
import { MemoryEspSa } from './memory-esp-sa.ts'
import { MemoryEventPace } from './memory-event-pace.ts'
import { fitInner } from './memory-fragment.ts'
import { type InnerPacket, readInnerPacket } from './memory-inner-packet.ts'
import { MemoryKeySlot } from './memory-key-slot.ts'
import type { MemoryNat } from './memory-nat.ts'
import type { Opened } from './memory-packet-format.ts'
import type { MemoryReach } from './memory-reach.ts'
import type { MemorySlot } from './memory-slot.ts'
import { writeSstpData } from './memory-sstp-packet.ts'
import { isEspSa } from './validate-esp-sa.ts'

/** OpenVPN's keepalive payload, a fixed 16-byte pattern. */
export const PING_PAYLOAD: Uint8Array = Uint8Array.of(
  0x2a,
  0x18,
  0x7b,
  0xf3,
  0x64,
  0x1e,
  0xb4,
  0xcb,
  0x07,
  0xed,
  0x2d,
  0x0a,
  0x98,
  0x1f,
  0xc7,
  0x48,
)

/** Events about one flow come at most once in this time. */
const EVENT_INTERVAL = 1000
/** How often a flow answers that a packet is too big: milliseconds, after a burst. Ours (RFC 4443 §2.4 f). */
const TOO_BIG_PACE = { interval: 100, burst: 10 } as const

type Counters = { -readonly [Name in keyof FlowCounters]: number }

/** What a flow needs from the datapath around it. */
export interface FlowSurroundings {
  readonly now: () => number
  readonly raise: (event: DatapathEvent) => void
  /** Whether the path takes a packet now. */
  readonly accepts: (path: FlowPath) => boolean
  /** Sends a finished packet by a path that takes it. */
  readonly transmit: (path: FlowPath, packet: Uint8Array) => void
}

/** Where a packet came from, and to which address of ours. */
export interface Arrived {
  readonly port: PortId
  readonly remote: Endpoint
  readonly local: IpAddress
}

/** One session's data channel: its path, keys, counters and timers. */
export class MemoryFlow {
  readonly id: FlowId
  readonly protocol: 'openvpn' | 'esp' | 'sstp'
  readonly peerId: number | undefined
  readonly clampBytes: number
  /** Its peer is a site, not a client. */
  readonly isSite: boolean
  path: FlowPath
  /** Absent: no limit. */
  reach: MemoryReach | undefined
  /** Absent: addresses stay as they are. */
  nat: MemoryNat | undefined
  readonly counters: Counters = {
    packetsReceived: 0,
    bytesReceived: 0,
    packetsSent: 0,
    bytesSent: 0,
    authenticationFailures: 0,
    replays: 0,
    sourceViolations: 0,
    refused: 0,
    sendDrops: 0,
    selectorMismatchesReceived: 0,
    selectorMismatchesSent: 0,
    natDrops: 0,
  }
  readonly #around: FlowSurroundings
  readonly #pingInterval: number
  readonly #idleTimeout: number
  /** Absent: any size. */
  readonly #innerMtu: number | undefined
  /** SSTP's, which has no keys. */
  readonly #frame: ((ipPacket: Uint8Array) => Uint8Array) | undefined
  readonly #tooBig = new MemoryEventPace(TOO_BIG_PACE.interval, TOO_BIG_PACE.burst)
  readonly #slots = new Map<KeyId, MemorySlot>()
  #sendKey: KeyId | undefined
  #installed = 0
  #newestSlot = 0
  #lastSent: number
  #lastReceived: number
  #idleRaised = false
  #floatRaisedAt = Number.NEGATIVE_INFINITY
  #rejectedRaisedAt = Number.NEGATIVE_INFINITY
  #rejected = { authenticationFailures: 0, replays: 0 }

  constructor(id: FlowId, options: FlowOptions, around: FlowSurroundings) {
    this.id = id
    const esp = options.protocol === 'esp' ? options : undefined
    const sstp = options.protocol === 'sstp' ? options : undefined
    const openVpn = options.protocol === 'esp' || options.protocol === 'sstp' ? undefined : options
    this.protocol = options.protocol ?? 'openvpn'
    this.peerId = openVpn?.peerId
    this.#innerMtu = (esp ?? sstp)?.innerMtu
    this.#frame = sstp && (ipPacket => writeSstpData(sstp, ipPacket))
    this.clampBytes = options.clampBytes
    this.isSite = esp?.peer === 'site'
    this.path = options.path
    this.#around = around
    this.#pingInterval = 1000 * (openVpn?.pingIntervalSeconds ?? 0)
    this.#idleTimeout = 1000 * options.idleTimeoutSeconds
    this.#lastSent = around.now()
    this.#lastReceived = around.now()
  }

  /** Installs a slot of the flow's protocol. */
  installKey(slot: OpenVpnKeySlot | EspSa): void {
    const sequence = ++this.#installed
    const installed = isEspSa(slot)
      ? new MemoryEspSa(slot, sequence)
      : new MemoryKeySlot(slot, sequence, this.peerId)
    this.#slots.set(slot.keyId, installed)
  }

  /** Whether there is something to send with. */
  canSend(): boolean {
    return this.#frame !== undefined || this.#sendSlot() !== undefined
  }

  selectKey(keyId: KeyId): void {
    this.#requireKey(keyId)
    this.#sendKey = keyId
  }

  removeKey(keyId: KeyId): void {
    this.#requireKey(keyId)
    this.#slots.delete(keyId)
    if (this.#sendKey === keyId) this.#sendKey = undefined
  }

  /** Encrypts (SSTP: frames) and sends; counts a drop when there is no key or no room. */
  send(payload: Uint8Array): boolean {
    const slot = this.#sendSlot()
    // Room first: old peers insist that over TCP no packet id is left out.
    const seal = this.#frame ?? (plain => slot?.seal(plain))
    const packet = this.#around.accepts(this.path) ? seal(payload) : undefined
    if (!packet) {
      this.counters.sendDrops++
      return false
    }
    this.#around.transmit(this.path, packet)
    this.#lastSent = this.#around.now()
    if (slot) this.#checkLimits(slot)
    return true
  }

  /**
   * Sends an inner IP packet, in fragments if the path asks for it, and counts what went. Gives the ICMP
   * message for the packet's sender when it is too big to go. `from`: the flow by which it came.
   */
  sendInner(inner: InnerPacket, from?: MemoryFlow): Uint8Array | undefined {
    // Behind a site there are routers, behind a client none.
    const isReached = this.reach?.admitsOutbound(inner, from?.isSite === false) ?? true
    const seen = isReached && this.canSend() ? this.#translated(inner) : inner
    const isHeld = seen !== undefined && (this.#sendSlot()?.admits(seen, 'out') ?? true)
    if (!isReached || !isHeld) this.counters.sendDrops++
    if (isReached && seen && !isHeld) this.counters.selectorMismatchesSent++
    if (!isReached || !isHeld) return undefined
    if (this.#innerMtu === undefined) {
      this.#sendCounted(seen.bytes)
      return undefined
    }
    const fitted = fitInner(seen, this.#innerMtu)
    if (fitted.type === 'too-big') {
      this.counters.sendDrops++
      return fitted.message && this.#tooBig.admits(this.#around.now())
        ? this.#translatedBack(fitted.message)
        : undefined
    }
    for (const packet of fitted.packets) this.#sendCounted(packet)
    return undefined
  }

  /**
   * Opens a packet with the slot of its key id; `no-key` when there is none. Failures and replays
   * are counted; what is authentic keeps the flow from being idle.
   */
  open(keyId: KeyId, packet: Uint8Array): Opened | { readonly type: 'no-key' } {
    const slot = this.#slots.get(keyId)
    if (!slot) return { type: 'no-key' }
    const opened = slot.open(packet)
    if (opened.type === 'unauthentic') this.#reject('authenticationFailures')
    if (opened.type === 'replay') this.#reject('replays')
    if (!('newest' in opened)) return opened
    this.noticeReceived()
    this.#checkLimits(slot)
    return { ...opened, newest: this.#isNewest(slot, opened.newest) }
  }

  /** Something of the peer's has come: the flow is not idle. */
  noticeReceived(): void {
    this.#lastReceived = this.#around.now()
    this.#idleRaised = false
  }

  /** Whether the slot by which it came may carry this received packet. */
  admits(keyId: KeyId, inner: InnerPacket): boolean {
    return this.#slots.get(keyId)?.admits(inner, 'in') ?? false
  }

  /** From the peer's addresses to those that are known inside. `undefined`: it was dropped, and counted. */
  receiveTranslated(inner: InnerPacket): InnerPacket | undefined {
    if (!this.nat) return inner
    const translated = this.nat.translate(inner, 'in', this.#around.now())
    if (!translated) {
      this.counters.natDrops++
      this.counters.refused++
    }
    return translated
  }

  /** Raises `float` when the newest packet came by another way than the flow's path. */
  noticeFloat({ port, remote, local }: Arrived): void {
    if (this.#isOnPath({ port, remote, local })) return
    const now = this.#around.now()
    if (now - this.#floatRaisedAt < EVENT_INTERVAL) return
    this.#floatRaisedAt = now
    this.#around.raise({ type: 'float', flow: this.id, port, remote, local })
  }

  nextTimeout(): number | undefined {
    const times = [this.#pingAt(), this.#idleAt(), this.#rejectedAt()].filter(at => at !== undefined)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  handleTimeout(now: number): void {
    if (isDue(this.#pingAt(), now)) {
      this.#lastSent = now
      this.send(PING_PAYLOAD)
    }
    if (isDue(this.#idleAt(), now)) {
      this.#idleRaised = true
      this.#around.raise({ type: 'idle', flow: this.id })
    }
    if (isDue(this.#rejectedAt(), now)) this.#raiseRejected(now)
  }

  #sendSlot(): MemorySlot | undefined {
    return this.#sendKey === undefined ? undefined : this.#slots.get(this.#sendKey)
  }

  /** To the addresses that the peer knows. */
  #translated(inner: InnerPacket): InnerPacket | undefined {
    if (!this.nat) return inner
    const translated = this.nat.translate(inner, 'out', this.#around.now())
    if (!translated) this.counters.natDrops++
    return translated
  }

  /** What tells a sender of packets that were translated is about them as they left it. */
  #translatedBack(message: Uint8Array): Uint8Array | undefined {
    const inner = this.nat && readInnerPacket(message)
    return this.nat && inner ? this.nat.translate(inner, 'in', this.#around.now())?.bytes : message
  }

  #sendCounted(packet: Uint8Array): void {
    if (!this.send(packet)) return
    this.counters.packetsSent++
    this.counters.bytesSent += packet.length
  }

  #isOnPath({ port, remote, local }: Arrived): boolean {
    const { path } = this
    if (path.type !== 'udp') return true
    const isOurs = path.local === undefined || sameIpAddress(path.local, local)
    return path.port === port && sameEndpoint(path.remote, remote) && isOurs
  }

  /** Pings need a key to be sent with. */
  #pingAt(): number | undefined {
    if (this.#pingInterval === 0 || this.#sendKey === undefined) return undefined
    return this.#lastSent + this.#pingInterval
  }

  #idleAt(): number | undefined {
    return this.#idleTimeout === 0 || this.#idleRaised ? undefined : this.#lastReceived + this.#idleTimeout
  }

  #rejectedAt(): number | undefined {
    const { authenticationFailures, replays } = this.#rejected
    return authenticationFailures + replays === 0 ? undefined : this.#rejectedRaisedAt + EVENT_INTERVAL
  }

  #reject(kind: 'authenticationFailures' | 'replays'): void {
    this.counters[kind]++
    this.#rejected[kind]++
    const now = this.#around.now()
    if (isDue(this.#rejectedAt(), now)) this.#raiseRejected(now)
  }

  #raiseRejected(now: number): void {
    this.#rejectedRaisedAt = now
    this.#around.raise({ type: 'rejected', flow: this.id, ...this.#rejected })
    this.#rejected = { authenticationFailures: 0, replays: 0 }
  }

  /** A packet of an older slot is never newer than what a younger slot has received. */
  #isNewest(slot: MemorySlot, newestOfSlot: boolean): boolean {
    if (!newestOfSlot || slot.sequence < this.#newestSlot) return false
    this.#newestSlot = slot.sequence
    return true
  }

  #checkLimits(slot: MemorySlot): void {
    for (const type of slot.reachedLimits()) this.#around.raise({ type, flow: this.id, keyId: slot.keyId })
  }

  #requireKey(keyId: KeyId): void {
    if (!this.#slots.has(keyId))
      throw new DatapathError('ERR_DATAPATH_UNKNOWN_KEY', `flow ${this.id} has no key slot ${keyId}`)
  }
}

function isDue(at: number | undefined, now: number): boolean {
  return at !== undefined && at <= now
}
