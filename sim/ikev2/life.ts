import type { EspSuite, PeerTerms } from '@causeway/ikev2'
import { type LinkOptions, SeededRandom } from '@causeway/netsim'
import { natRoutes, plainRoutes, type Route } from '../../packages/ikev2/src/testing/routes.suite.ts'
import { RESPONDER_TERMS, TERMS } from '../../packages/ikev2/src/testing/terms.suite.ts'

/**
 * - `gentle`: rekeys and moves only, by timers and on command, also at both ends at once. Traffic is never without a way.
 * - `rough`: deletions, disconnections, limits, restarts and outages too. Both ends agree again in bounded time.
 */
export type Manner = 'gentle' | 'rough'

/** One life of two ends: what a seed decides. */
export interface Life {
  readonly seed: number
  readonly manner: Manner
  readonly link: LinkOptions
  readonly nat: boolean
  readonly initiator: PeerTerms
  readonly responder: PeerTerms
  /** Virtual time until both are told to end. */
  readonly milliseconds: number
  /** How often something happens beside the timers. */
  readonly incidents: number
}

export function lifeOf(seed: number, manner: Manner): Life {
  const random = new SeededRandom(seed)
  const childSeconds = pick(random, [60, 300, 3600, 28_800])
  const mobike = random.chance(0.4)
  const suites = pick(random, SUITES)
  const terms = (base: PeerTerms, espSuites: readonly EspSuite[]): PeerTerms => ({
    ...base,
    espSuites,
    mobike,
    ...timesOf(random, childSeconds, manner),
    initialContact: true,
    replayWindow: 64,
  })
  return {
    seed,
    manner,
    link: linkOf(random),
    nat: random.chance(0.4),
    initiator: terms(TERMS, suites[0]),
    responder: terms(RESPONDER_TERMS, suites[1]),
    milliseconds: 1000 * childSeconds * (2 + random.integer(4)),
    incidents: random.integer(8),
  }
}

/** The ways by which both ends see each other at first: by port 500 and by 4500. */
export function firstRoutes({ nat }: Life): Route[] {
  return nat ? natRoutes([31_000, 32_000]) : plainRoutes()
}

export function pick<Item>(random: SeededRandom, items: readonly Item[]): Item {
  return items[random.integer(items.length)] as Item
}

const PLAIN: EspSuite = { encryption: 'AES-GCM-16-256' }
const X25519: EspSuite = { encryption: 'AES-GCM-16-256', group: 'X25519' }
const ECP: EspSuite = { encryption: 'AES-GCM-16-256', group: 'ECP-256' }
const CBC: EspSuite = { encryption: 'AES-CBC-128', integrity: 'HMAC-SHA256-128' }

/** Of the initiator and of the responder: all of them agree, some after a round. */
const SUITES: readonly (readonly [readonly EspSuite[], readonly EspSuite[]])[] = [
  [[PLAIN], [PLAIN]],
  [[X25519], [X25519]],
  [
    [ECP, X25519],
    [X25519, ECP],
  ],
  [
    [CBC, PLAIN],
    [PLAIN, CBC],
  ],
  [
    [X25519, PLAIN],
    [PLAIN, X25519],
  ],
]

type Times = Pick<
  PeerTerms,
  | 'childRekeySeconds'
  | 'childLifetimeSeconds'
  | 'ikeRekeySeconds'
  | 'ikeLifetimeSeconds'
  | 'livenessSeconds'
  | 'livenessTimeoutSeconds'
>

/** The lifetimes leave room for a peer's slow rekeying; a rough life finds out that a peer is gone. */
function timesOf(random: SeededRandom, childSeconds: number, manner: Manner): Times {
  const never = random.chance(0.2)
  const factor = pick(random, [1, 2, 4])
  const ikeSeconds = childSeconds * factor
  const watches = manner === 'rough' || random.chance(0.7)
  const livenessSeconds = watches ? Math.max(30, childSeconds / 4) : 0
  // A gentle life is never interrupted, whatever gets lost.
  const gives = manner === 'rough' && factor < 4
  return {
    childRekeySeconds: never ? 0 : childSeconds,
    childLifetimeSeconds: manner === 'rough' ? 2 * childSeconds + 600 : 0,
    ikeRekeySeconds: never ? 0 : ikeSeconds,
    ikeLifetimeSeconds: manner === 'rough' ? 2 * ikeSeconds + 600 : 0,
    livenessSeconds,
    ...(gives && { livenessTimeoutSeconds: livenessSeconds * (factor + 0.5) }),
  }
}

function linkOf(random: SeededRandom): LinkOptions {
  const poor = random.chance(0.7)
  return {
    loss: poor ? random.fraction() * 0.1 : 0,
    duplication: poor ? random.fraction() * 0.2 : 0,
    reordering: poor ? random.fraction() * 0.3 : 0,
    corruption: poor ? random.fraction() * 0.02 : 0,
    delayMilliseconds: 1 + random.integer(200),
    jitterMilliseconds: random.integer(100),
    mtu: 1500,
  }
}
