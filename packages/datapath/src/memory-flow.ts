import { type Endpoint, sameEndpoint } from '@causeway/wire'
import { DatapathError } from './datapath-error.ts'
import type { DatapathEvent } from './datapath-event.ts'
import type { FlowCounters, FlowOptions, FlowPath, OpenVpnKeySlot } from './flow.ts'
import type { FlowId, KeyId, PortId } from './ids.ts'
import { MemoryKeySlot } from './memory-key-slot.ts'
import { type Opened, packetKeyId } from './memory-packet-format.ts'

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

/** One session's data channel: its path, keys, counters and timers. */
export class MemoryFlow {
  readonly id: FlowId
  readonly peerId: number | undefined
  readonly clampBytes: number
  path: FlowPath
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
  }
  readonly #around: FlowSurroundings
  readonly #pingInterval: number
  readonly #idleTimeout: number
  readonly #slots = new Map<KeyId, MemoryKeySlot>()
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
    this.peerId = options.peerId
    this.clampBytes = options.clampBytes
    this.path = options.path
    this.#around = around
    this.#pingInterval = 1000 * options.pingIntervalSeconds
    this.#idleTimeout = 1000 * options.idleTimeoutSeconds
    this.#lastSent = around.now()
    this.#lastReceived = around.now()
  }

  installKey(slot: OpenVpnKeySlot): void {
    this.#slots.set(slot.keyId, new MemoryKeySlot(slot, ++this.#installed))
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

  /** Encrypts and sends; counts a drop when there is no key or no room. */
  send(payload: Uint8Array): boolean {
    const slot = this.#sendKey === undefined ? undefined : this.#slots.get(this.#sendKey)
    // Room first: old peers insist that over TCP no packet id is left out.
    const packet = this.#around.accepts(this.path) ? slot?.seal(this.peerId, payload) : undefined
    if (!slot || !packet) {
      this.counters.sendDrops++
      return false
    }
    this.#around.transmit(this.path, packet)
    this.#lastSent = this.#around.now()
    this.#checkLimit(slot)
    return true
  }

  /** Sends an inner IP packet and counts it. */
  sendInner(packet: Uint8Array): void {
    if (!this.send(packet)) return
    this.counters.packetsSent++
    this.counters.bytesSent += packet.length
  }

  /**
   * Opens a packet with the slot of its key id; `no-key` when there is none. Failures and replays
   * are counted; what is authentic keeps the flow from being idle.
   */
  open(packet: Uint8Array, headerLength: number): Opened | { readonly type: 'no-key' } {
    const slot = this.#slots.get(packetKeyId(packet))
    if (!slot) return { type: 'no-key' }
    const opened = slot.open(packet, headerLength)
    if (opened.type === 'unauthentic') this.#reject('authenticationFailures')
    if (opened.type === 'replay') this.#reject('replays')
    if (opened.type !== 'payload') return opened
    this.#lastReceived = this.#around.now()
    this.#idleRaised = false
    this.#checkLimit(slot)
    return { ...opened, newest: this.#isNewest(slot, opened.newest) }
  }

  /** Raises `float` when the newest packet came from elsewhere than the flow's path. */
  noticeFloat(port: PortId, remote: Endpoint): void {
    const { path } = this
    if (path.type !== 'udp' || (path.port === port && sameEndpoint(path.remote, remote))) return
    const now = this.#around.now()
    if (now - this.#floatRaisedAt < EVENT_INTERVAL) return
    this.#floatRaisedAt = now
    this.#around.raise({ type: 'float', flow: this.id, port, remote })
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
  #isNewest(slot: MemoryKeySlot, newestOfSlot: boolean): boolean {
    if (!newestOfSlot || slot.sequence < this.#newestSlot) return false
    this.#newestSlot = slot.sequence
    return true
  }

  #checkLimit(slot: MemoryKeySlot): void {
    if (slot.passedLimit()) this.#around.raise({ type: 'soft-limit', flow: this.id, keyId: slot.keyId })
  }

  #requireKey(keyId: KeyId): void {
    if (!this.#slots.has(keyId))
      throw new DatapathError('ERR_DATAPATH_UNKNOWN_KEY', `flow ${this.id} has no key slot ${keyId}`)
  }
}

function isDue(at: number | undefined, now: number): boolean {
  return at !== undefined && at <= now
}
