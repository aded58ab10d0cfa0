import type { ConnectionMode, ConnectionPlan } from '@causeway/site-to-site'
import { type IpAddress, parseIpAddress } from '@causeway/wire'
import type { End } from './end.ts'
import type { World } from './world.ts'

export const MODES: readonly ConnectionMode[] = ['Default', 'InitiatorOnly', 'ResponderOnly']
const DAY_SECONDS = 86_400

/** What the operators of both ends have agreed on. */
export interface Agreement {
  readonly method: 'psk' | 'certificate'
  /** Names the key, or the issuer. */
  readonly key: string
  readonly ike: string
  readonly child: string
  readonly tunnels: 1 | 2
  /** The peer is configured by its name. */
  readonly isNamed: boolean
  readonly certificateId: string
}

export function newAgreement(world: World): Agreement {
  const { random } = world
  return {
    method: world.pick(['psk', 'certificate', 'certificate']),
    key: `k${random.integer(4)}`,
    ike: `i${random.integer(2)}`,
    child: `c${random.integer(2)}`,
    tunnels: random.chance(0.2) ? 2 : 1,
    isNamed: random.chance(0.5),
    certificateId: `https://vault/certificates/c${random.integer(3)}`,
  }
}

/** The plan of an end by an agreement, to where the peer is now. */
export function planOf(end: End, peer: End, mode: ConnectionMode, agreed: Agreement): ConnectionPlan {
  const { method, key, ike, child, tunnels, certificateId } = agreed
  return {
    name: `to-${peer.name}`,
    mode,
    remote: agreed.isNamed
      ? { type: 'name', name: `${peer.name}.example` }
      : { type: 'address', address: address(peer.address) },
    tunnels: ['t0', 't1']
      .slice(0, tunnels)
      .map((tunnel, i) => ({ tunnel, local: address(`10.0.${end.name === 'A' ? 0 : 1}.${i + 1}`) })),
    own: method === 'psk' ? { type: 'psk' } : { type: 'certificate', certificateId },
    digests: { authentication: `${method}:${key}`, ike, child },
  }
}

/** Puts everything right: what both operators want, and a world that works. */
export function heal(
  world: World,
  modes: readonly [ConnectionMode, ConnectionMode],
  agreed: Agreement,
): void {
  world.cutSince = undefined
  for (const end of world.ends) {
    const peer = world.other(end)
    end.resolves = peer.address
    end.isLate = false
    end.vault.state = 'good'
    end.vault.put(agreed.key, end.seconds + 90 * DAY_SECONDS)
  }
  for (const [i, end] of world.ends.entries()) {
    const mode = modes[i] as ConnectionMode
    world.after(i * world.random.integer(20_000), () =>
      end.configure(planOf(end, world.other(end), mode, agreed)),
    )
  }
}

/** Whether one of them begins, and the other lets it. */
export function isCompatible([a, b]: readonly [ConnectionMode, ConnectionMode]): boolean {
  return (a !== 'ResponderOnly' && b !== 'InitiatorOnly') || (b !== 'ResponderOnly' && a !== 'InitiatorOnly')
}

function address(text: string): IpAddress {
  const parsed = parseIpAddress(text)
  if (!parsed) throw new Error(`${text} is no address`)
  return parsed
}
