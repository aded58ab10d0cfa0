import type { DataTerms } from '../session/key-agreement.ts'
import type { KeyChannel } from '../session/key-channel.ts'
import type { KeySlots } from '../session/key-slots.ts'
import type { ServerNegotiation } from './server-negotiation.ts'

/** The first key is being negotiated; nothing is known of the client but its address. */
export interface HalfOpen {
  readonly type: 'half-open'
  readonly negotiation: ServerNegotiation
  /** The client asked for its options before the outside had decided. */
  pushWanted: boolean
}

/** The client is authenticated and its flow is open. */
export interface Live {
  readonly type: 'live'
  readonly slots: KeySlots
  readonly terms: DataTerms
  readonly peerId: number | undefined
  /** The client takes PUSH_REPLY without asking. */
  readonly pushUnasked: boolean
  /** The PUSH_REPLY that the client has yet to ask for. */
  unsent: readonly string[] | undefined
  /** A later key that is being negotiated. */
  renegotiation: ServerNegotiation | undefined
}

/** The session is over; its last message is on its way. */
export interface Closing {
  readonly type: 'closing'
  readonly key: KeyChannel
  /** The last message has been encrypted and queued. */
  spoke: boolean
}

/** What a server session lives through, each with just what exists then. */
export type ServerLife = HalfOpen | Live | Closing | { readonly type: 'closed' }

/** The negotiation under way. */
export function negotiationOf(life: ServerLife): ServerNegotiation | undefined {
  if (life.type === 'half-open') return life.negotiation
  return life.type === 'live' ? life.renegotiation : undefined
}

/** Every channel that hears, sends and acknowledges. */
export function channelsOf(life: ServerLife): KeyChannel[] {
  switch (life.type) {
    case 'half-open':
      return [life.negotiation.key]
    case 'live':
      return life.renegotiation
        ? [life.renegotiation.key, ...life.slots.channels()]
        : [...life.slots.channels()]
    case 'closing':
      return [life.key]
    case 'closed':
      return []
    default:
      return life satisfies never
  }
}

/**
 * The channel that the peer reads messages from: of the newest key whose key-method messages are
 * exchanged. OpenVPN hears no other.
 */
export function speakingChannel(life: HalfOpen | Live): KeyChannel {
  const negotiation = negotiationOf(life)
  if (life.type === 'half-open') return life.negotiation.key
  if (negotiation?.exchanged) return negotiation.key
  return life.slots.newest
}
