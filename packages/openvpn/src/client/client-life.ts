import type { PushReplyReader } from '../options/push-reply-reader.ts'
import type { KeyChannel } from '../session/key-channel.ts'
import type { KeySlots } from '../session/key-slots.ts'
import type { ClientNegotiation } from './client-negotiation.ts'
import type { ClientTerms } from './client-terms.ts'

/** From the first packet to the server's options. */
export interface Connecting {
  readonly type: 'connecting'
  readonly negotiation: ClientNegotiation
  readonly push: PushReplyReader
}

/** The flow is open. */
export interface Live {
  readonly type: 'live'
  readonly slots: KeySlots
  readonly terms: ClientTerms
  renegotiation: ClientNegotiation | undefined
  /** The request to configure the interface, while it is open. */
  configuring: number | undefined
}

/** The session is over; its last message is on its way. */
export interface Closing {
  readonly type: 'closing'
  readonly key: KeyChannel
  spoke: boolean
}

/** What a client session lives through, each with just what exists then. */
export type ClientLife = Connecting | Live | Closing | { readonly type: 'closed' }

/** The negotiation under way. */
export function negotiationOf(life: ClientLife): ClientNegotiation | undefined {
  if (life.type === 'connecting') return life.negotiation
  return life.type === 'live' ? life.renegotiation : undefined
}

/** Every channel that hears, sends and acknowledges. */
export function channelsOf(life: ClientLife): KeyChannel[] {
  switch (life.type) {
    case 'connecting':
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
