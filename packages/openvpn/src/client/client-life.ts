import type { PushReplyReader } from '../options/push-reply-reader.ts'
import type { PendingWindow } from '../session/pending-window.ts'
import type { LiveState, OpeningState } from '../session/session-life.ts'
import type { ClientNegotiation } from './client-negotiation.ts'
import type { ClientTerms } from './client-terms.ts'

/** From the first packet to the server's options. */
export interface Connecting extends OpeningState<ClientNegotiation> {
  readonly push: PushReplyReader
  /** How much patience the server may ask for. */
  readonly pending: PendingWindow
  /** The server has asked the user and waits for the answer. */
  challenged: boolean
}

/** The flow is open. */
export interface Live extends LiveState<ClientNegotiation> {
  readonly terms: ClientTerms
  /** The request to configure the interface, while it is open. */
  configuring: number | undefined
}
