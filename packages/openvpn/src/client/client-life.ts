import type { PushReplyReader } from '../options/push-reply-reader.ts'
import type { LiveState, OpeningState } from '../session/session-life.ts'
import type { ClientNegotiation } from './client-negotiation.ts'
import type { ClientTerms } from './client-terms.ts'

/** From the first packet to the server's options. */
export interface Connecting extends OpeningState<ClientNegotiation> {
  readonly push: PushReplyReader
}

/** The flow is open. */
export interface Live extends LiveState<ClientNegotiation> {
  readonly terms: ClientTerms
  /** The request to configure the interface, while it is open. */
  configuring: number | undefined
}
