import { WAITING_BYTES } from '../limits.ts'
import type { Wiring } from '../link/wiring.ts'
import { CODES, type ControlPacket } from '../wire/control-packet.ts'
import type { Policies } from './create-policy.ts'
import { NetworkLayer, type NetworkSurroundings } from './network-layer.ts'
import type { Family } from './network-policy.ts'

export const FAMILIES: readonly Family[] = ['ipv4', 'ipv6']

/** What the network layers of a link say to it. */
export interface NetworksSurroundings {
  /** One is open. */
  opened(): void
  /** The last one is over. */
  ended: NetworkSurroundings['ended']
}

/**
 * The network layers of one link. A Configure-Request that comes while the outside decides is kept, the newest of
 * each family: dropped, it would cost the peer a restart timer.
 */
export class Networks {
  readonly #wiring: Wiring
  readonly #around: NetworksSurroundings
  readonly #layers = new Map<Family, NetworkLayer>()
  readonly #kept = new Map<Family, ControlPacket>()
  #hasBegun = false

  constructor(wiring: Wiring, around: NetworksSurroundings) {
    this.#wiring = wiring
    this.#around = around
  }

  /** Begins to negotiate these families, and takes what was kept. Gives what is kept of others. */
  begin(policies: Policies): (readonly [Family, ControlPacket])[] {
    this.#hasBegun = true
    for (const family of FAMILIES) {
      const policy = policies[family]
      if (!policy) continue
      const around = { opened: () => this.#around.opened(), ended: (end: End) => this.#layerEnded(end) }
      const layer = new NetworkLayer(this.#wiring, family, policy, around)
      this.#layers.set(family, layer)
    }
    for (const layer of this.#layers.values()) layer.open()
    const kept = [...this.#kept]
    this.#kept.clear()
    for (const [family, packet] of kept) this.#layers.get(family)?.handlePacket(packet)
    return kept.filter(([family]) => !this.#layers.has(family))
  }

  /** Keeps a Configure-Request; others are dropped. */
  keep(family: Family, packet: ControlPacket): void {
    if (packet.code !== CODES.configureRequest || packet.data.length > WAITING_BYTES) {
      this.#wiring.drop(`${family}: not yet`)
      return
    }
    this.#kept.set(family, { ...packet, data: packet.data.slice() })
  }

  /** `undefined` when the family is not for this link, `waiting` while that is not decided. */
  layer(family: Family): NetworkLayer | 'waiting' | undefined {
    return this.#hasBegun ? this.#layers.get(family) : 'waiting'
  }

  /** The link has gone down under them; opened ones are told of as closed. */
  stop(isTold: boolean): void {
    for (const { family, isOpened } of this.#layers.values())
      if (isOpened && isTold) this.#wiring.event({ type: `${family}-closed` })
    this.#layers.clear()
    this.#kept.clear()
    for (const timer of ['ipcp', 'ipv6cp'] as const) this.#wiring.timers.clear(timer)
  }

  #layerEnded(end: End): void {
    if ([...this.#layers.values()].every(({ hasEnded }) => hasEnded)) this.#around.ended(end)
  }
}

type End = Parameters<NetworkSurroundings['ended']>[0]
