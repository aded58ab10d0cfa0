import type { DataTerms } from '../session/key-agreement.ts'
import type { KeyChannel } from '../session/key-channel.ts'
import type { LiveState, OpeningState } from '../session/session-life.ts'
import type { ServerNegotiation } from './server-negotiation.ts'

/** The first key is being negotiated; nothing is known of the client but its address. */
export interface HalfOpen extends OpeningState<ServerNegotiation> {
  /** The client asked for its options before the outside had decided. */
  pushWanted: boolean
}

/** The client is authenticated and its flow is open. */
export interface Live extends LiveState<ServerNegotiation> {
  readonly terms: DataTerms
  readonly peerId: number | undefined
  /** The client takes PUSH_REPLY without asking. */
  readonly pushUnasked: boolean
  /** The PUSH_REPLY that the client has yet to ask for. */
  unsent: readonly string[] | undefined
}

/**
 * The channel that the peer reads messages from: of the newest key whose key-method messages are
 * exchanged. OpenVPN hears no other. `undefined` when there is none yet.
 */
export function speakingChannel(life: HalfOpen | Live): KeyChannel | undefined {
  const negotiation = life.type === 'opening' ? life.negotiation : life.renegotiation
  if (negotiation?.exchanged) return negotiation.key
  return life.type === 'live' ? life.slots.newest : undefined
}
